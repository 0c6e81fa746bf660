import Posix

/// A directory that is being filled. When everything in it is finished it gets its own metadata; so the deepest come first, and no time of
/// change is moved afterwards. Any thread may call.
final class RestoredDirectory: Sendable {
    private struct State {
        /// What is unfinished in it, and one more while it is being gone through.
        var pending = 1
        var parent: RestoredDirectory?
        var making: Making
    }

    /// How far a directory has come that is to be there when something is put into it.
    enum Making: Sendable {
        /// It is there.
        case done
        /// It waits for something that goes into it; what has its name in the target, if anything, is no folder.
        case waiting(isNameTaken: Bool)
        /// It could not be made, which has been reported.
        case failed
    }

    /// Where it is.
    let node: FolderNode
    /// Whether nothing was there before, so that nothing needs to be looked for.
    let isNew: Bool
    /// Whether what is made in it begins with an access list that comes from it or from folders above.
    let givesAttributes: Bool
    /// What it shall be; nil where it keeps its metadata.
    private let entry: TreeEntry?
    /// Whether it only leads to what the snapshot was taken of.
    private let isOnlyTheWay: Bool
    /// Its mode, where that was changed so that it can be filled.
    private let modeBefore: UInt32?
    private let context: RestoreContext
    private let state: Monitor<State>

    init(
        _ node: FolderNode, entry: TreeEntry?, isNew: Bool, isOnlyTheWay: Bool = false, modeBefore: UInt32? = nil,
        making: Making = .done, parent: RestoredDirectory?, context: RestoreContext
    ) {
        self.node = node
        self.entry = entry
        self.isNew = isNew
        self.isOnlyTheWay = isOnlyTheWay
        self.modeBefore = modeBefore
        if context.request.isDryRun {
            givesAttributes = false
        } else if isNew, let parent {
            givesAttributes = parent.givesAttributes
        } else {
            givesAttributes = (try? AttributesOnDisk.hasDefaultList(node.opened().descriptor)) ?? true
        }
        self.context = context
        state = Monitor(State(parent: parent, making: making))
        parent?.begin()
    }

    /// Sees to it that the directory is there, and those above it. False where it cannot be made, which is reported once. Only the
    /// thread that goes through the tree may call.
    func make() -> Bool {
        var waiting: [RestoredDirectory] = []
        var next: RestoredDirectory? = self
        while let directory = next {
            switch directory.state.withLock({ $0.making }) {
            case .failed: return false
            case .waiting:
                waiting.append(directory)
                next = directory.state.withLock { $0.parent }
            case .done: next = nil
            }
        }
        for directory in waiting.reversed() {
            do throws(PosixError) { try directory.makeFolder() } catch {
                directory.state.withLock { $0.making = .failed }
                context.ledger.fail(directory.node.path, error)
                return false
            }
        }
        return true
    }

    private func makeFolder() throws(PosixError) {
        guard case .waiting(let isNameTaken) = state.withLock({ $0.making }) else { return }
        if !context.request.isDryRun, let folder = try node.parent?.opened() {
            if isNameTaken { try folder.descriptor.remove(node.name) }
            try folder.descriptor.makeFolder(node.name, mode: 0o700)
        }
        state.withLock { $0.making = .done }
    }

    /// Something in it begins.
    func begin() { state.withLock { $0.pending += 1 } }

    /// Something in it is finished. Finishing the last finishes the directory, and may finish those above.
    func end() {
        var next: RestoredDirectory? = self
        while let directory = next {
            let (isLast, parent) = directory.state.withLock { state in
                state.pending -= 1
                guard state.pending == 0 else { return (false, RestoredDirectory?.none) }
                defer { state.parent = nil }
                return (true, state.parent)
            }
            if !isLast { return }
            directory.finish()
            next = parent
        }
    }

    private func finish() {
        guard !context.ledger.isStopped, case .done = state.withLock({ $0.making }) else { return }
        defer { node.close() }
        var action = isNew ? RestoreAction.restored : .unchanged
        do throws(PosixError) {
            if context.request.isDryRun && isNew {
                // There is nothing to look at.
            } else if let entry {
                let folder = try node.opened()
                let status = try folder.descriptor.status()
                let isChanged = try context.metadata.apply(
                    entry, to: folder.descriptor, status: status, isFresh: isNew && !givesAttributes,
                    mayKeepOwner: isOnlyTheWay)
                if isChanged && !isNew { action = .updated }
            } else if let modeBefore {
                try node.opened().descriptor.setMode(modeBefore)
            }
        } catch { return context.ledger.fail(node.path, error) }
        context.ledger.finishedDirectory(node.path, action)
    }
}
