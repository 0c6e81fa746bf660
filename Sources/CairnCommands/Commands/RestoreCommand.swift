internal import Cairn
internal import ChunkStore
internal import CommandLine
internal import Posix

/// `cairn restore`: brings a snapshot, or a part of one, back.
enum RestoreCommand {
    struct Options: OptionGroup {
        let target = Option("target", short: "t", .folder, help: "Restore into this folder; it is made if missing.")
        let overwrite = DefaultedOption(
            "overwrite", .choice, default: RestoreRequest.Overwrite.always,
            help:
                "What happens to a file that is there: its content is compared and what differs is written (always), the same "
                + "unless size and time are equal (if-changed), only if the snapshot's is newer (if-newer), nothing (never)."
        )
        let delete = Flag(
            "delete",
            help:
                "Delete what the snapshot does not have, in folders that are restored; never what a filter leaves out.")
        let sparse = Flag("sparse", help: "Make holes of long runs of zeros too, not only of recorded holes.")
        let verify = Flag("verify", help: "Read every restored file again and compare it with its SHA-256.")
        let dryRun = Flag("dry-run", short: "n", help: "Write nothing; say what would be done.")
        let noOwner = Flag("no-owner", help: "Let everything belong to whoever restores.")
        let ownershipByName = Flag(
            "ownership-by-name", help: "Give files to users and groups of the recorded names, not numbers.")
        let atomic = Flag("atomic", help: "Let each file appear whole: write it under another name first.")
        let selection = RestoreSelectionOptions()
        let choice = SnapshotChoiceOptions()
        let snapshot = OptionalOperand(
            "SNAP[:PATH]", .snapshotPart, help: "The snapshot, or the part of it; with --at it may be left out.")
    }

    static let command: CairnCommand = .init(
        "restore", section: CommandSection.snapshots, summary: "bring a snapshot, or a part of one, back",
        discussion: """
            A whole snapshot is laid out below the target with its absolute paths. SNAP:FOLDER makes that folder's content and metadata the
            target's; SNAP:FILE puts the file into the target.

            With patterns, only folders that they fit are made, and those on the way to what is restored.

            Patterns are restic's: a leading slash anchors at what is restored, "**" stands for any folders, "!" takes back, the last match counts.
            A warning tells of those that fit nothing; the exit code stays.

            What is there already is compared by reading, and only what differs is written; so a restore that was interrupted carries on when
            the same is run again. A file that it had not finished has neither its time nor its mode; with --atomic, --overwrite never and
            if-newer there is none. Links in the target are never followed. In the end everything is made durable at once; files are not
            synchronised one by one.

            A file whose stored data is damaged is reported and not left half: what was there before stays, and the exit code is 5. What else
            cannot be restored is reported too, with exit code 1. What a plain user may not set is one warning by kind.
            """,
        examples: [
            Example("cairn restore latest --target /tmp/back", "Restore the newest snapshot."),
            Example("cairn restore latest:/home/me/docs --target ~/docs", "Bring a folder back to what it was."),
        ],
        options: Options.self
    ) { arguments, context in
        try RestoreRun(arguments, context).run()
    }
}
