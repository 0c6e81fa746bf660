// What the libraries' errors mean to whoever called the command.
internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

extension CommandFailure {
    /// What the store says, with the exit code that CLI users know.
    init(_ error: StoreError) { self.init(CairnError(error)) }

    /// What the library says, likewise.
    init(_ error: CairnError) {
        let code: ExitCode =
            switch error.code {
            case .noRepository: .noRepository
            case .wrongKey: .noKey
            case .damaged: .damaged
            case .cancelled: .interrupted
            default: .failed
            }
        let place = error.path.map { "\($0.printable): " } ?? ""
        self.init(
            code, kind: error.code.description.replacingDashes, place + PrintableText.escape(error.message),
            path: error.path, hint: error.remedy)
    }
}

extension String {
    /// Kinds are written with underscores in JSON.
    fileprivate var replacingDashes: String { String(map { $0 == "-" ? "_" : $0 }) }
}
