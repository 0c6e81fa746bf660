internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// `cairn key`: the passwords and key files that open a repository.
enum KeyCommand {
    static let command: CairnCommand = .init(
        "key", section: CommandSection.repository, summary: "list and change what opens a repository",
        discussion: """
            Every password and every key file has a key of its own in the repository. Any of them opens it; the last one
            cannot be removed.
            """,
        subcommands: [list, add, remove, passwd])

    private static let list: CairnCommand = .init(
        "list", summary: "list the keys; a star marks the one in use", options: NoOptions.self
    ) { _, context in
        try KeyListing(context).show()
    }

    struct NewKeyOptions: OptionGroup {
        let password = NewPasswordOptions()
        let keyFile = Option(
            "new-key-file", .file, help: "Make a random key in this new file, and use it in place of a password.")
    }

    private static let add: CairnCommand = .init(
        "add", summary: "let one more password or key file open the repository",
        discussion: "Without an option, the new password is CAIRN_NEW_PASSWORD, or is asked for twice.",
        examples: [
            Example("cairn key add", "Add a password, which is asked for twice."),
            Example("cairn key add --new-key-file ~/backup.key", "Add a key file, for scripts."),
        ],
        options: NewKeyOptions.self
    ) { arguments, context in
        let keys = try KeyListing(context)
        let id = try new(arguments, keys, context) { try keys.store.addKey($0, label: Machine.account) }
        report("key_added", id, "added key", context)
        return .done
    }

    private static let passwd: CairnCommand = .init(
        "passwd", summary: "replace the password or key file in use",
        discussion: "The old one goes only when the new one is stored. Other keys stay as they are.",
        options: NewKeyOptions.self
    ) { arguments, context in
        let keys = try KeyListing(context)
        guard let old = try keys.inUse() else { throw keys.notEncrypted }
        let id = try new(arguments, keys, context) { try keys.store.changeKey(old, to: $0, label: Machine.account) }
        report("key_changed", id, "now there is key", context, replaced: old)
        return .done
    }

    struct RemoveOptions: OptionGroup {
        let key = Operand("KEY", .text.named("KEY"), help: "The first digits of the key's id, as key list shows them.")
    }

    private static let remove: CairnCommand = .init(
        "remove", summary: "take a key away, so that it opens the repository no more",
        options: RemoveOptions.self
    ) { arguments, context in
        let keys = try KeyListing(context)
        let id = try keys.id(beginningWith: arguments.key)
        if try keys.keys.count > 1 && keys.inUse() == id {
            throw CommandFailure(
                .failed, kind: "key_in_use", "key \(id.prefix(8)) is the one that has opened the repository",
                hint: "open it with another key to remove this one, or replace it: cairn key passwd")
        }
        try keys.store.removeKey(id)
        context.damage.removed(Path("\(keys.store.location)/keys/\(id)"))
        report("key_removed", id, "removed key", context)
        return .done
    }

    /// Has a new password or key file taken; a file that nothing was made of is removed again. After a failure the new key may be stored all the same,
    /// and the old one gone: then the file is all that opens the repository, and stays.
    private static func new(
        _ arguments: Arguments<NewKeyOptions>, _ keys: KeyListing, _ context: CommandContext,
        _ take: (Credential) throws -> String
    ) throws -> String {
        guard let file = arguments.keyFile else {
            let password = try NewPasswordOptions.resolve(arguments.password, context)
            try Interruption.check()
            return try take(.password(password))
        }
        guard arguments.password.file == nil, arguments.password.command == nil else {
            throw UsageError("--new-key-file takes the place of a password: give one")
        }
        let path = Path(file.bytes)
        let credential = try NewKeyFile.make(path)
        do { return try take(credential) } catch {
            if keys.mayBeOpened(by: credential) {
                context.console.note("\(path.printable) stays, for it may open the repository")
            } else {
                try? Folder.remove(path)
            }
            throw error
        }
    }

    private static func report(
        _ type: String, _ id: String, _ text: String, _ context: CommandContext, replaced: String? = nil
    ) {
        if context.globals.json {
            let old = replaced.map { [("replaced", JSONText.string($0))] } ?? []
            context.console.print(.object([("message_type", .string(type)), ("id", .string(id))] + old))
        } else {
            let old = replaced.map { " in place of \($0.prefix(8))" } ?? ""
            context.console.print("\(text) \(id.prefix(8))\(old)")
        }
    }
}

/// The keys of the repository that a command is about.
private struct KeyListing {
    let store: Store
    let keys: [KeyDescription]
    private let failures: [StoreError]
    private let credential: Credential?
    private let context: CommandContext

    init(_ context: CommandContext) throws {
        self.context = context
        (store, credential) = try RepositoryAccess.openWithCredential(RepositoryLocation.resolve(context), context)
        (keys, failures) = try store.keys()
    }

    /// The id of the key that has opened the repository; nil where there are none.
    func inUse() throws -> String? { try credential.flatMap { try store.key(opening: $0) } }

    /// Whether some key that is stored now is this credential's, as far as can be told.
    func mayBeOpened(by credential: Credential) -> Bool {
        do { return try store.key(opening: credential) != nil || !store.keys().failures.isEmpty } catch { return true }
    }

    var notEncrypted: CommandFailure {
        CommandFailure(
            .failed, kind: "not_encrypted", "the repository is not encrypted, so it has no keys",
            path: Path(store.location), hint: "make an encrypted one and copy into it")
    }

    /// The only key whose id begins so. One that cannot be read is named by its whole id.
    func id(beginningWith prefix: String) throws -> String {
        let ids = keys.map(\.id).filter { $0.hasPrefix(prefix) }
        if ids.count > 1 {
            throw CommandFailure(
                .failed, kind: "ambiguous", "\"\(PrintableText.escape(prefix))\" may be any of \(ids.count) keys",
                hint: "give more digits of the id: cairn key list --json")
        }
        // What is not listed may be damaged and yet removable; the store knows.
        return ids.first ?? prefix
    }

    func show() throws -> ExitCode {
        failures.forEach(context.damage.add)
        let inUse = try inUse()
        if context.globals.json {
            context.console.print(.array(keys.map { json($0, isInUse: $0.id == inUse) }))
        } else if credential == nil {
            context.console.note(notEncrypted.message)
        } else {
            var table = TextTable([
                .init(title: ""), .init(title: "ID"), .init(title: "Opens with"), .init(title: "Made"),
                .init(title: "Remarks"),
            ])
            for key in keys {
                table.add([
                    key.id == inUse ? "*" : "", String(key.id.prefix(8)), key.isPassword ? "password" : "key file",
                    SnapshotTime(seconds: key.made).on(.machine).local,
                    key.isHalfDamaged ? "one of its two copies is damaged" : "",
                ])
            }
            for line in table.lines(width: context.console.tableWidth(context.environment)) {
                context.console.print(line)
            }
        }
        if failures.isEmpty { return .done }
        return failures.contains { $0.code == .damaged } ? .damaged : .failed
    }

    private func json(_ key: KeyDescription, isInUse: Bool) -> JSONText {
        [
            "id": .string(key.id), "short_id": .string(String(key.id.prefix(8))),
            "kind": .string(key.isPassword ? "password" : "key_file"),
            "created": .string(SnapshotTime(seconds: key.made).on(.machine).rfc3339), "in_use": .bool(isInUse),
            "half_damaged": .bool(key.isHalfDamaged),
        ]
    }
}
