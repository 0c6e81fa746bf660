extension Folder {
    /// What keeps a folder from being made, other than want of rights or room.
    public enum Obstacle: Hashable, Sendable {
        /// Something that is no folder stands there, or above it.
        case notAFolder(Path)
        /// A link there, or above it, leads to nothing.
        case linkToNothing(Path)
        /// This folder above it is there, and its file system makes none in it, as that of `/proc` does.
        case fixed(Path)

        /// What is in the way of a folder, as a sentence about that folder.
        public func sentence(about path: Path) -> String {
            switch self {
            case .notAFolder(path): "it is there, and is no folder"
            case .notAFolder(let place): "\(place), above it, is no folder"
            case .linkToNothing(path): "it is a link that leads to nothing"
            case .linkToNothing(let place): "\(place), above it, is a link that leads to nothing"
            case .fixed(let place): "the file system of \(place) does not let folders be made"
            }
        }
    }

    /// Looks for what is in the way of a folder that could not be made because of `reason`; nil where nothing is seen. Without a reason
    /// it tells only what would be in the way. Takes a few calls for each folder above that is missing.
    public static func obstacle(to path: Path, after reason: Errno? = nil) -> Obstacle? {
        var place = path
        while true {
            do throws(PosixError) {
                guard try status(place).isFolder else { return .notAFolder(place) }
                return reason == .noSuchFile && place != path ? .fixed(place) : nil
            } catch {
                guard [.noSuchFile, .notAFolder, .linksInACircle].contains(error.errno) else { return nil }
            }
            if isLink(place) { return .linkToNothing(place) }
            let parent = place.parent
            if parent == place { return nil }
            place = parent
        }
    }

    private static func isLink(_ path: Path) -> Bool {
        guard let folder = try? FileDescriptor.open(path.parent, [.place, .folder]),
            let status = try? folder.status(of: Path(path.lastComponent))
        else { return false }
        return status.kind == .link
    }
}
