import Posix

// What the comparison asks of a scan about folders: their assembly, and what was known of them.
extension TreeScan {
    func assembly(
        _ own: FolderAssembly.Own, place: FolderAssembly.Slot?, isKnown: Bool
    ) -> FolderAssembly {
        FolderAssembly(own, place: place, journal: journal, isKnown: isKnown, reader: reader) {
            (bytes, parents) throws(CairnError) in try self.put(bytes, after: parents)
        }
    }

    /// The entry of a name in a folder of an earlier tree. One that nobody trusts may be damaged, too.
    func earlierEntry(named name: [UInt8], in folder: TreeEntry?) throws(CairnError) -> TreeEntry? {
        guard let folder, let tree = request.earlierTree else { return nil }
        do throws(CairnError) { return try trees.entry(named: name, in: folder) } catch {
            if tree.isTrusted { throw error }
            return nil
        }
    }

    /// Whether the journal remembers a folder, and its pages are stored.
    func isKnown(_ old: JournalItem?) throws(CairnError) -> Bool {
        guard journal != nil, request.earlierTree == nil, let old, old.kind == TreeEntry.Node.code(of: .folder) else {
            return false
        }
        if request.isProven { return true }
        guard let entry = try? old.entry() else { return false }
        return try isStored(entry)
    }

    /// Something is not here any more.
    func forget(_ item: JournalItem, in folder: FolderAssembly) throws(CairnError) {
        if folder.isKnown { try folder.noteRemoval() }
        guard item.kind == TreeEntry.Node.code(of: .folder) else { return }
        try journal?.forget(folder.key.child(Array(item.name)))
    }

    /// Where a name lies in its source.
    func pathInSource(_ slot: FolderAssembly.Slot, _ source: Int) -> [UInt8] {
        Array(slot.path.dropFirst(request.sources.paths[source].bytes.count).drop { $0 == UInt8(ascii: "/") })
    }
}
