internal import Cairn
internal import CommandLine
internal import Posix

/// Which names a snapshot takes.
struct SelectionOptions: OptionGroup {
    static let title: String? = "What is left out"

    let oneFileSystem = Flag("one-file-system", short: "x", help: "Take folders of other file systems empty.")
}
