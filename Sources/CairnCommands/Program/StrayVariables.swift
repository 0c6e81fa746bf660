internal import CommandLine

/// Variables of the environment that look as if somebody had meant one of Cairn's. A slip there is not seen otherwise: what was meant for
/// CAIRN_REPOSITORY would go into another repository, and nobody would know.
enum StrayVariables {
    private static let known = [
        "CAIRN_REPOSITORY", "CAIRN_KEY_FILE", "CAIRN_PASSWORD", "CAIRN_PASSWORD_FILE", "CAIRN_PASSWORD_COMMAND",
        "CAIRN_NEW_PASSWORD", "CAIRN_CACHE_DIR",
    ]

    /// Options that other programs can be told in the environment, and this one cannot.
    private static let options = ["CAIRN_MEMORY": "--memory", "CAIRN_JOBS": "--jobs"]

    /// Warns of each. Variables of other programs that begin so, but are like none of ours, are nobody's business.
    static func warn(_ environment: Environment, _ console: Console) {
        for name in environment.names where name.hasPrefix("CAIRN") && !known.contains(name) {
            let shown = PrintableText.escape(name)
            if let option = options[name] {
                console.warn("\(shown) is not looked at: give \(option)")
            } else if let meant = Suggestion.nearest(to: String(name.dropFirst(5)), among: tails) {
                console.warn("\(shown) is no variable of cairn, and is not looked at: did you mean CAIRN\(meant)?")
            }
        }
    }

    private static let tails = known.map { String($0.dropFirst(5)) }
}
