internal import Cairn
internal import Posix

extension ProgressSnapshot {
    /// How far an operation of the library has come. Its directories are not counted: their number says little.
    init(_ operation: OperationProgress.Snapshot) {
        self.init(
            phase: operation.phase, filesDone: operation.filesDone, filesTotal: operation.filesTotal,
            bytesDone: Int(clamping: operation.bytesDone), bytesTotal: operation.bytesTotal.map { Int(clamping: $0) },
            currentFile: operation.current.map { Array($0.bytes) }, errors: operation.failures,
            isTotalFinal: operation.isTotalFinal)
    }
}

extension ProgressDisplay {
    /// Runs an operation of the library, shows how far it has come meanwhile, and takes its time.
    static func during<Result>(
        _ context: CommandContext, reportsStatus: Bool = false, operation: (OperationProgress) throws -> Result
    ) rethrows -> (result: Result, seconds: Double) {
        let progress = OperationProgress()
        let start = Machine.monotonicNanoseconds
        let result = try during(
            context, reportsStatus: reportsStatus, snapshot: { ProgressSnapshot(progress.snapshot) },
            { try operation(progress) })
        return (result, Double(Machine.monotonicNanoseconds - start) / 1e9)
    }
}

extension Interruption {
    /// Catches the signals that ask to stop, and hands the first one on to an operation of the library.
    static func install(cancelling cancellation: Cancellation, leaving remains: String) {
        leaves(remains)
        onRequest { cancellation.cancel() }
        install()
    }
}
