import Posix

/// A symbolic link, a FIFO, a socket or a device.
struct RestoredNode {
    let entry: TreeEntry
    let directory: RestoredDirectory
    /// What has the name now; never a directory.
    let existing: FileStatus?
    let context: RestoreContext

    /// Makes it, or corrects what is there.
    func restore() {
        let name = Path(entry.name)
        guard !context.ledger.isStopped else { return }
        do throws(PosixError) {
            let action = try restore(name)
            context.ledger.finished(directory.node.path(of: name), action)
        } catch {
            // Plain users may not make them, nor the superuser of a container.
            if error.call == "mknod", error.errno == .notPermitted, isDevice {
                return context.ledger.refused(.device)
            }
            context.ledger.fail(directory.node.path(of: name), error)
        }
    }

    private func restore(_ name: Path) throws(PosixError) -> RestoreAction {
        if existing == nil, context.request.isDryRun { return .restored }
        let folder = try directory.node.opened()
        if let existing, try isSame(existing, name, folder.descriptor) {
            let isChanged = try context.metadata.apply(entry, to: name, in: folder.descriptor, status: existing)
            return isChanged ? .updated : .unchanged
        }
        if context.request.isDryRun { return .restored }
        // What is there keeps its name until the new one is complete.
        let made = existing == nil ? name : StagingName.make()
        try make(made, in: folder.descriptor)
        do throws(PosixError) {
            let status = try folder.descriptor.status(of: made)
            let isFresh = status.kind == .link || !directory.givesAttributes
            _ = try context.metadata.apply(entry, to: made, in: folder.descriptor, status: status, isFresh: isFresh)
            if made != name { try folder.descriptor.rename(made, to: name, in: folder.descriptor) }
        } catch {
            try? folder.descriptor.remove(made)
            throw error
        }
        return .restored
    }

    private var isDevice: Bool {
        switch entry.node {
        case .characterDevice, .blockDevice: true
        case .file, .directory, .symbolicLink, .fifo, .socket: false
        }
    }

    private func make(_ name: Path, in folder: borrowing FileDescriptor) throws(PosixError) {
        switch entry.node {
        case .symbolicLink(let target): try folder.makeLink(name, to: target)
        case .fifo: try folder.makeNode(name, .fifo, mode: 0o600)
        case .socket: try folder.makeNode(name, .socket, mode: 0o600)
        case .characterDevice(let major, let minor):
            try folder.makeNode(name, .characterDevice, mode: 0o600, device: DeviceNumber(major: major, minor: minor))
        case .blockDevice(let major, let minor):
            try folder.makeNode(name, .blockDevice, mode: 0o600, device: DeviceNumber(major: major, minor: minor))
        case .file, .directory: break
        }
    }

    private func isSame(
        _ status: FileStatus, _ name: Path, _ folder: borrowing FileDescriptor
    ) throws(PosixError) -> Bool {
        switch entry.node {
        case .symbolicLink(let target):
            return status.kind == .link ? try folder.linkTarget(of: name) == target : false
        case .fifo: return status.kind == .fifo
        case .socket: return status.kind == .socket
        case .characterDevice(let major, let minor):
            return status.kind == .characterDevice
                && status.deviceNumber == DeviceNumber(major: major, minor: minor).rawValue
        case .blockDevice(let major, let minor):
            return status.kind == .blockDevice
                && status.deviceNumber == DeviceNumber(major: major, minor: minor).rawValue
        case .file, .directory: return false
        }
    }
}
