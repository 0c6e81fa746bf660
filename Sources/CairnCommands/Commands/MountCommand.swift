internal import Cairn
internal import CairnMount
internal import CommandLine
internal import Posix

/// `cairn mount`: the snapshots as folders.
enum MountCommand {
    struct Options: OptionGroup {
        let allowOther = Flag(
            "allow-other", help: "Let other users look too, as far as the permissions of the files let them.")
        // It never runs anywhere else; scripts that were written for others say so all the same.
        let foreground = Flag("foreground", help: "Run in the foreground, as it always does.")
        let filters = SnapshotFilterOptions()
        let folder = Operand("DIR", .folder, help: "The empty folder to mount on.")
    }

    static let command: CairnCommand = .init(
        "mount", section: CommandSection.snapshots, summary: "browse snapshots as folders",
        discussion: """
            The snapshots stand below DIR, read-only, until the command is ended with Ctrl-C or SIGTERM, or the folder is unmounted; that is its usual end, with exit code 0:

            snapshots/TIME/, by when they were taken (UTC); ids/ID/; hosts/HOST/TIME/; tags/TAG/TIME/; latest, a link to the newest; and changes/ID/, which holds only what a snapshot added or changed since its base.

            Snapshots that are made or forgotten meanwhile appear and vanish. While a file is open, prune leaves what it needs.

            Of folders the count of links is 1, for no snapshot keeps it.
            """,
        examples: [
            Example("cairn mount /mnt/cairn", "Browse everything."),
            Example("cairn mount --tag home ~/snapshots", "Browse the snapshots with the tag home."),
            Example("fusermount3 -u /mnt/cairn", "Unmount it from another terminal."),
        ],
        options: Options.self
    ) { arguments, context in
        try run(arguments, context)
    }

    private static func run(_ arguments: Arguments<Options>, _ context: CommandContext) throws -> ExitCode {
        let console = context.console
        let store = try RepositoryAccess.open(RepositoryLocation.resolve(context), context)
        let list = try SnapshotList.read(store, context)
        var options = MountOptions()
        options.allowsOthers = arguments.allowOther
        options.filter = try arguments.filters.filter()
        // While nothing is written, what writing would need is free for decoded blocks.
        options.cacheBytes = context.globals.memory * 3 / 8
        let mount = try Mount(store, at: Path(arguments.folder.bytes), options: options) { context.damage.add($0) }
        Interruption.onRequest {
            do throws(CairnError) {
                if case .detached(let users) = try mount.unmount() { tell(users, of: mount, console) }
            } catch { console.warn(error.description) }
        }
        let count = list.snapshots(options.filter).count
        if context.globals.json {
            console.print(
                .object([
                    ("message_type", "mounted"), ("path", .string(mount.folder.printable)),
                    ("snapshots", .integer(count)),
                ]))
        } else {
            console.explain(
                "mounted \(Quantity.count(count, "snapshot")) at \(mount.folder.printable); Ctrl-C unmounts, and so does fusermount3 -u"
            )
        }
        console.flush()
        try mount.run()
        return list.exitCode
    }

    private static func tell(_ users: [String], of mount: Mount, _ console: Console) {
        let who = users.isEmpty ? "some program" : users.prefix(5).joined(separator: ", ")
        console.warn(
            "\(mount.folder.printable) is in use by \(who): nobody else finds it there any more, and this ends when they are done; another Ctrl-C ends it now"
        )
    }
}
