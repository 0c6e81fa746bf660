import CairnCommands
import CommandLine
import Glibc

@main
struct Main {
    static func main() {
        exit(CairnProgram.run(ArgumentValue.processArguments, environment: .process))
    }
}
