internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix
internal import Storage

extension CommandFailure {
    /// What the library says, with the exit code that users know.
    init(_ error: CairnError) {
        let code: ExitCode =
            switch error.code {
            case .usage: .usage
            case .damaged: .damaged
            case .healed, .halfDamaged: .healed
            case .noRepository: .noRepository
            case .wrongKey: .noKey
            case .cancelled: .interrupted
            case .busy: .pruneRunning
            default: .failed
            }
        guard code != .interrupted else {
            self = Interruption.failure
            return
        }
        let place = error.path.map { "\($0.printable): " } ?? ""
        self.init(
            code, kind: error.code.description.replacingDashes, place + PrintableText.safe(error.message),
            path: error.path, hint: error.code == .halfDamaged ? Self.repair : error.remedy)
    }

    private static let repair = "look after the disk; \"cairn repair\" writes the good copy twice"

    /// What the store says. It calls usage what does not suit a repository, such as removing its last key: that is no
    /// mistake in the command line.
    init(_ error: StoreError) {
        self.init(CairnError(error))
        if code == .usage { code = .failed }
    }

    /// A storage that could not be reached or made; `purpose` says what for.
    init(_ error: StorageError, _ purpose: String) {
        self.init(
            .failed, kind: "storage", PrintableText.safe("\(purpose): \(error)"), path: Path(error.path),
            hint: error.remedy)
    }
}

extension String {
    /// Kinds are written with underscores in JSON.
    fileprivate var replacingDashes: String { String(map { $0 == "-" ? "_" : $0 }) }
}
