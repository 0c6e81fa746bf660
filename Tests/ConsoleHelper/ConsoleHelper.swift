// ConsoleHelper: what can only be seen in a process of its own: signals, and questions on the terminal that a process is
// controlled by. The first word says what to do; what happened is printed.
//
// It reaches inside the room that it is about, which only debug builds allow; tests are built so.
#if DEBUG
    import Cairn
    @testable import CairnCommands
    import CommandLine
    import Crypto
    import Glibc
    import Posix

    @main
    struct ConsoleHelper {
        static func main() throws {
            StandardStream.prepare()
            let words = Swift.CommandLine.arguments.dropFirst()
            let number = words.dropFirst().first.flatMap { Int32($0) } ?? SIGINT
            switch words.first {
            case "once": once(number)
            case "late": late(number)
            case "cancel": cancel(number)
            case "twice": twice(number, restMilliseconds: 200)
            case "same": twice(number, restMilliseconds: 0)
            case "ignored":
                signal(number, SIG_IGN)
                Interruption.install()
                raise(number)
                say("requested: \(Interruption.isRequested)")
            case "blocked":
                var set = sigset_t()
                sigemptyset(&set)
                sigaddset(&set, number)
                pthread_sigmask(SIG_BLOCK, &set, nil)
                Interruption.install()
                raise(number)
                say("requested: \(Interruption.isRequested)")
            case "prompt": prompt()
            case "command": try command()
            case "new-password": exit(newPassword(Array(words.dropFirst())))
            default: exit(2)
            }
        }

        /// One signal: runs what was left with us, on another thread, and the process lives on.
        private static func once(_ number: Int32) {
            let mine = UInt(pthread_self())
            let runs = Monitor<[Bool]>([])
            for _ in 0..<2 { Interruption.onRequest { runs.update { $0.append(UInt(pthread_self()) == mine) } } }
            Interruption.install()
            Interruption.install()
            say("requested: \(Interruption.isRequested)")
            raise(number)
            say("requested: \(Interruption.isRequested)")
            say(
                "run: \(runs.wait(milliseconds: 60_000) { $0.count == 2 }), here: \(runs.withLock { $0.contains(true) })"
            )
            exit(130)
        }

        /// What is left with us after the signal is run as well.
        private static func late(_ number: Int32) {
            Interruption.install()
            raise(number)
            let runs = Monitor(0)
            Interruption.onRequest { runs.update { $0 += 1 } }
            say("run: \(runs.wait(milliseconds: 60_000) { $0 == 1 })")
        }

        /// An operation of the library hears of it.
        private static func cancel(_ number: Int32) {
            let cancellation = Cancellation()
            Interruption.install(cancelling: cancellation, leaving: "what was stored stays usable")
            say("cancelled: \(cancellation.isCancelled)")
            raise(number)
            let end = Machine.monotonicNanoseconds + 60_000_000_000
            while !cancellation.isCancelled, Machine.monotonicNanoseconds < end { Thread.rest(milliseconds: 1) }
            say("cancelled: \(cancellation.isCancelled)")
        }

        private static func twice(_ number: Int32, restMilliseconds: Int) {
            Interruption.install()
            Interruption.statusIsShown(restMilliseconds > 0)
            raise(number)
            if restMilliseconds > 0 { Thread.rest(milliseconds: restMilliseconds) }
            raise(number)
            // A signal to the process may take a moment to end all its threads.
            if restMilliseconds > 0 { Thread.rest(milliseconds: 60_000) }
            say("lives")
        }

        /// A question while signals are caught: Ctrl-C ends the question, and a later signal asks again.
        private static func prompt() {
            Interruption.install()
            let answer = TerminalPrompt.ask("question: ")
            if case .interrupted = answer { say("interrupted, requested: \(Interruption.isRequested)") }
            raise(SIGINT)
            say("requested: \(Interruption.isRequested)")
        }

        /// What a child is born with while signals are caught and this thread blocks some.
        private static func command() throws {
            Interruption.install()
            var set = sigset_t()
            sigfillset(&set)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            let line = "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status"
            say(String(decoding: try ShellCommand.run(Array(line.utf8), outputBytesMax: 4096).output, as: UTF8.self))
        }

        /// A command line with the options for a new password; prints the password.
        private static func newPassword(_ words: [String]) -> Int32 {
            let console = Console(environment: .process)
            do {
                let command: CairnCommand = .init("new-password", summary: "test", options: NewPasswordOptions.self) {
                    arguments, context in
                    let password = try NewPasswordOptions.resolve(arguments, context)
                    context.console.print(
                        "password: " + password.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
                    return .done
                }
                let program = Program(
                    "helper", summary: "test", version: "1", date: "2026-01-01", global: GlobalOptions.self,
                    commands: [command])
                let line = ["new-password"] + words
                guard
                    case .run(let invocation) = try program.parse(
                        line.map { ArgumentValue($0) }, environment: .process)
                else { return 2 }
                let context = try CommandContext(
                    globals: invocation.globals, environment: .process, console: console)
                let code = try invocation.run(context)
                _ = console.finish()
                return code.rawValue
            } catch {
                let failure = CommandFailure(error)
                console.report(failure, asJSON: false)
                return failure.code.rawValue
            }
        }

        private static func say(_ text: String) {
            let line = Array((text + "\n").utf8)
            _ = StandardStream.output.write(line[...])
        }
    }
#else
    @main
    struct ConsoleHelper {
        static func main() { fatalError("this program is for debug builds") }
    }
#endif
