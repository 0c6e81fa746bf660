import Posix

// The last chunk has come: the file gets its size, its holes, its metadata and its name; or what was begun is taken back.
extension RestoredFile {
    func finish() {
        defer { directory.end() }
        let state = state.withLock { $0 }
        if context.ledger.isStopped {
            leave(state)
        } else if let refusal = state.refusal {
            context.ledger.fail(path, refusal)
            takeBack(state)
        } else if let failure = state.failure {
            let (words, staysAsBefore) = Self.consequence(of: state)
            context.ledger.fail(
                path, .damaged, failure.description + words, damage: failure, staysAsBefore: staysAsBefore)
            takeBack(state)
        } else {
            do throws(PosixError) {
                let action = context.request.isDryRun ? try wouldDo(state) : try complete(state)
                let written =
                    context.request.isDryRun && action == .restored ? size : self.state.withLock { $0.bytesWritten }
                context.ledger.finished(path, action, size: size, written: written)
            } catch {
                context.ledger.fail(path, error)
                takeBack(self.state.withLock { $0 })
            }
        }
        makeLinks()
    }

    // MARK: Completing

    private func complete(_ state: State) throws(PosixError) -> RestoreAction {
        // Most files: new, and all there.
        if case .new = state.way, let file = state.open, state.end == size {
            try completeWritten(file, made: state.made)
            letGo()
            return .restored
        }
        let folder = try directory.node.opened()
        try fitSize()
        switch self.state.withLock({ $0.way }) {
        case .kept(let before):
            try punchRecordedHoles(before)
            return try completeKept(before, in: folder) ? .updated : .unchanged
        case .new:
            let file = try opened(isWhole: size == 0)
            try completeWritten(file, made: self.state.withLock { $0.made })
        case .inPlace(let before, _):
            let file = try opened()
            // First, for it changes the file's time.
            try punchRecordedHoles(before)
            try completeWritten(file)
        case .staged(let staging):
            let file = try opened(isWhole: size == 0)
            try completeWritten(file, made: self.state.withLock { $0.made })
            try folder.descriptor.rename(staging, to: name, in: folder.descriptor)
        }
        letGo()
        return .restored
    }

    /// `made` is the status of a file that was made by this restore and not closed since.
    private func completeWritten(_ file: OpenFile, made: FileStatus? = nil) throws(PosixError) {
        // An access list may have come from the folder.
        if let made, !directory.givesAttributes {
            _ = try context.metadata.apply(entry, to: file.descriptor, status: made, isFresh: true)
        } else {
            _ = try context.metadata.apply(entry, to: file.descriptor, status: try file.descriptor.status())
        }
    }

    /// Whether any metadata differed.
    private func completeKept(_ before: FileStatus, in folder: OpenFolder) throws(PosixError) -> Bool {
        let descriptor: FileDescriptor
        do throws(PosixError) { descriptor = try folder.descriptor.open(name, [.read, .nonBlocking]) } catch {
            guard error.errno == .permissionDenied else { throw error }
            return try context.metadata.apply(
                entry, to: name, in: folder.descriptor, status: try folder.descriptor.status(of: name))
        }
        let status = try descriptor.status()
        guard (before.device, before.inode) == (status.device, status.inode) else {
            throw PosixError(call: "open", path: path, errno: .stale)
        }
        return try context.metadata.apply(entry, to: descriptor, status: status)
    }

    private func fitSize() throws(PosixError) {
        let (way, end) = state.withLock { ($0.way, $0.end) }
        switch way {
        case .new, .staged: if end < size { try opened().descriptor.truncate(to: size) }
        case .inPlace(let before, _): if before.size != size { try opened().descriptor.truncate(to: size) }
        case .kept(let before):
            guard before.size != size else { return }
            let folder = try directory.node.opened()
            let old = OpenFile(try folder.descriptor.open(name, [.read, .nonBlocking]))
            try change(old, upTo: size, losing: .init(start: nil, count: 0), at: 0)
            try fitSize()
        }
    }

    /// Where a file takes more room than its recorded holes leave, they are made.
    private func punchRecordedHoles(_ before: FileStatus) throws(PosixError) {
        let recorded = holes.recorded
        guard !recorded.holes.isEmpty, before.blocks * 512 > size - recorded.byteCount + (64 << 10) else { return }
        let folder = try directory.node.opened()
        let file = try folder.descriptor.open(name, .write.union(.nonBlocking))
        guard try file.status().inode == before.inode else { return }
        for hole in recorded.holes {
            if try !file.punchHole(at: hole.lowerBound, count: UInt64(hole.count)) { return }
        }
    }

    private func wouldDo(_ state: State) throws(PosixError) -> RestoreAction {
        guard case .kept(let before) = state.way else { return .restored }
        if state.differs || before.size != size { return .restored }
        let folder = try directory.node.opened()
        return try completeKept(before, in: folder) ? .updated : .unchanged
    }

    // MARK: Taking back

    /// The restore was stopped. What was begun stays, with neither its time nor its mode, so that the next run needs to write only the rest; but
    /// not an empty file, nor anything under a temporary name.
    private func leave(_ state: State) {
        guard case .new = state.way else { return removeStaging(state) }
        if state.bytesWritten == 0 { return takeBack(state) }
        if state.made?.permissions ?? MetadataSetter.unfinishedMode != MetadataSetter.unfinishedMode {
            try? opened().descriptor.setMode(MetadataSetter.unfinishedMode)
        }
    }

    private func takeBack(_ state: State) {
        letGo()
        removeStaging(state)
        guard let folder = try? directory.node.opened() else { return }
        switch state.way {
        case .staged, .kept: break
        case .new:
            guard let written = state.written, let status = try? folder.descriptor.status(of: name),
                written == (status.device, status.inode)
            else { return }
            try? folder.descriptor.remove(name)
        case .inPlace(let before, let undo):
            if state.bytesWritten == 0 { return }
            do throws(PosixError) {
                let file = try opened()
                defer { letGo() }
                guard let undo else { throw PosixError(call: "open", path: path, errno: .notSupported) }
                try undo.revert(file.descriptor)
                try file.descriptor.truncate(to: before.size)
                try file.descriptor.setModified(before.modified)
            } catch {
                context.ledger.fail(
                    path, .access,
                    "what the file held before could not be brought back (\(error.errno)): it is a mixture")
            }
        }
    }

    private func removeStaging(_ state: State) {
        guard case .staged(let staging) = state.way, state.written != nil else { return }
        if let folder = try? directory.node.opened() { try? folder.descriptor.remove(staging) }
    }

    /// What a loss means for the file, in words, and whether an older state of it stays.
    private static func consequence(of state: State) -> (words: String, staysAsBefore: Bool) {
        guard let first = state.lost.first else { return ("", false) }
        let place = "; lost from byte \(first.lowerBound) on"
        switch state.way {
        case .new: return (place + ", so the file was left out", false)
        case .kept, .inPlace, .staged: return (place + ", so what was there before stays", true)
        }
    }

    // MARK: Links

    private func makeLinks() {
        let links = state.withLock { state in
            state.isFinished = true
            defer { state.links = [] }
            return state.links
        }
        if let group = entry.linkGroup { context.linked.withLock { _ = $0.removeValue(forKey: group) } }
        for link in links {
            RestoredLink(name: link.name, directory: link.directory, context: context)
                .make(to: name, in: directory.node)
            link.directory.end()
        }
    }
}
