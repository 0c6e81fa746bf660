internal import Posix

extension TreeEntry.Node {
    /// Whether it is a directory.
    package var isDirectory: Bool { if case .directory = self { true } else { false } }

    /// A file's length; nil of anything else.
    package var fileSize: UInt64? { if case .file(let size, _, _, _) = self { size } else { nil } }

    /// Where a directory's entries are; nil of anything else.
    var directoryContent: Content? { if case .directory(let content, _) = self { content } else { nil } }

    /// The number that stands for the kind.
    var code: UInt8 {
        switch self {
        case .file: 1
        case .directory: 2
        case .symbolicLink: 3
        case .fifo: 4
        case .socket: 5
        case .characterDevice: 6
        case .blockDevice: 7
        }
    }

    /// The number that stands for a kind of file; 0 for what no tree holds.
    static func code(of kind: FileStatus.Kind) -> UInt8 {
        switch kind {
        case .regular: 1
        case .folder: 2
        case .link: 3
        case .fifo: 4
        case .socket: 5
        case .characterDevice: 6
        case .blockDevice: 7
        default: 0
        }
    }
}

extension TreeEntry {
    /// The content of a file or directory.
    var content: Content? {
        switch node {
        case .file(_, let content, _, _), .directory(let content, _): content
        default: nil
        }
    }
}
