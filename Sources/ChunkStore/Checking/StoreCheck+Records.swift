internal import Bytes
internal import Crypto
internal import Storage

// The small files that carry everything twice. Where both copies prove themselves, the file must be what its good copy makes; so damage in the
// zeros between them is found too.
extension StoreCheck {
    /// Looks at the config, the keys, the manifests and the forgotten ones. Returns the roots of those that can be read.
    @discardableResult
    public func records() throws(StoreError) -> (roots: [Root], forgotten: [Root]) {
        try config()
        try keys()
        let roots = try manifests(in: Roots.folder) { SHA256Digest(hex: $0)?.hex }
        let forgotten = try manifests(in: ForgottenRoots.folder) { ForgottenRoots.Name($0[...])?.id }
        return (roots, forgotten)
    }

    private static let repairs = "\"cairn repair\" writes the good copy twice"

    private func config() throws(StoreError) {
        let path = repository.configPath
        do throws(StoreError) {
            let file = try read(Repository.configName, limit: Limits.smallRecordFileBytes)
            let record = try Record.decode(.config, file, path: path).record
            // The repository was opened with it, or with what a key knows of it.
            guard record.encodedOnce == repository.config else {
                throw .damaged("the config", path: path, "it is not what this repository's key has a copy of")
            }
            if file != record.encoded {
                onFinding(
                    StoreFinding(
                        .config, .reduced, "one of the config's two copies is damaged", path: path,
                        remedy: Self.repairs))
            }
        } catch {
            guard error.isAboutStored else { throw error }
            onFinding(
                StoreFinding(
                    .config, .damage, "the config cannot be used: \(error.message)", path: path,
                    remedy: "a key has a copy: \"cairn repair\" writes it anew"))
        }
    }

    private func keys() throws(StoreError) {
        let (slots, failures) = try KeyRing.slots(in: repository.storage)
        for failure in failures where failure.code != .missing {
            onFinding(
                StoreFinding(
                    .key, .damage, failure.message, path: failure.path ?? store.location,
                    remedy: "if another key opens the repository, remove this one and add a new one with \"cairn key\"")
            )
        }
        for slot in slots {
            let name = "\(KeyRing.folder)/\(Hex.encode(slot.id))"
            let path = "\(store.location)/\(name)"
            guard slot.clear.repository == repository.id else {
                onFinding(StoreFinding(.key, .note, "a key of another repository", path: path))
                continue
            }
            guard let file = try? read(name, limit: Limits.smallRecordFileBytes), file != slot.record.encoded else {
                continue
            }
            onFinding(
                StoreFinding(.key, .reduced, "one of the key's two copies is damaged", path: path, remedy: Self.repairs)
            )
        }
    }

    private func manifests(in folder: String, id: (String) -> String?) throws(StoreError) -> [Root] {
        let names = try storing { () throws(StorageError) in
            try repository.storage.list(folder, recursive: false).map(\.name)
                + repository.storage.oddNames(in: folder)
        }
        var roots: [Root] = []
        for name in names.sorted() {
            try check()
            let path = "\(store.location)/\(name)"
            guard let id = id(String(name.dropFirst(folder.count + 1))) else {
                onFinding(StoreFinding(.foreign, .note, "a file of another shape", path: path))
                continue
            }
            do throws(StoreError) {
                if let root = try manifest(name, id: id, path: path) { roots.append(root) }
            } catch {
                guard error.isAboutStored else { throw error }
                onFinding(
                    StoreFinding(
                        .manifest, .damage, error.message, path: path,
                        remedy: error.remedy ?? Roots.remedy
                    ))
            }
        }
        return roots
    }

    /// Nil for one that has vanished since it was listed: it was forgotten, brought back or pruned.
    private func manifest(_ name: String, id: String, path: String) throws(StoreError) -> Root? {
        let file: [UInt8]
        do throws(StoreError) { file = try read(name, limit: Limits.recordFileBytes) } catch {
            if error.code == .missing { return nil }
            throw error
        }
        let (root, record) = try Roots(repository).decode(file, id: id, path: path)
        if SHA256.digest(file).hex == id { return root }
        if SHA256.digest(record.encoded).hex == id {
            onFinding(
                StoreFinding(
                    .manifest, .reduced, "one of the manifest's two copies is damaged", path: path,
                    remedy: Self.repairs))
        } else {
            onFinding(
                StoreFinding(
                    .manifest, .damage, "the manifest can be read, and its name is not its SHA-256", path: path,
                    remedy: "it was renamed or replaced: bring the file of this name back from a copy of the repository"
                ))
        }
        return root
    }

    private func read(_ name: String, limit: Int) throws(StoreError) -> [UInt8] {
        try storing { () throws(StorageError) in try repository.storage.read(name, limit: limit) }
    }
}
