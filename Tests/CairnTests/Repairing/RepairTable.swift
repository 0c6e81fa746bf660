/// What a repair achieves for each way in which a repository can be hurt (``DamageCase``).
struct RepairCase: Sendable {
    /// What a repair by itself says, and its exit code: 0 nothing was wrong, 4 all healed, 5 some is not.
    let alone: Int
    let findings: Set<String>
    /// The exit code with `--from` a copy that was made before; nil where a copy has nothing to add.
    let fromCopy: Int?
    /// The exit code with `--accept-loss`.
    let accepting: Int
    /// What a check with all data says after that and a prune; 5 where something is wrong that no repair looks at or can know.
    let checkedAfterwards: Int
    /// Whether prune goes on after that: it does not where a manifest cannot be read.
    let isPruned: Bool

    init(
        _ alone: Int, _ findings: Set<String> = [], fromCopy: Int? = nil, accepting: Int? = nil,
        checkedAfterwards: Int = 0, isPruned: Bool = true
    ) {
        self.alone = alone
        self.findings = findings
        self.fromCopy = fromCopy
        self.accepting = accepting ?? alone
        self.checkedAfterwards = checkedAfterwards
        self.isPruned = isPruned
    }

    /// A pack whose directory cannot be read, of a catalog that remembers nothing.
    private static let unreadablePack = RepairCase(
        5, ["pack damage", "snapshot damage"], fromCopy: 4, accepting: 4)
    private static let wrongCatalog = RepairCase(0, checkedAfterwards: 4)

    static let table: [String: RepairCase] = [
        "nothing is wrong": RepairCase(0),

        "a pack is missing": RepairCase(5, ["snapshot damage"], fromCopy: 4, accepting: 4),
        "a pack ends too early": unreadablePack,
        "a pack is empty": unreadablePack,
        "two packs have each other's name": RepairCase(4, ["pack healed"]),
        "a pack has another repository's content": unreadablePack,
        "a bit of a pack's magic is flipped": unreadablePack,
        "a bit of a pack's salt is flipped": unreadablePack,
        "a bit of a block of data is flipped": RepairCase(
            5, ["pack healed", "snapshot damage"], fromCopy: 4, accepting: 4),
        "a bit of a block that was not compressed is flipped": RepairCase(
            5, ["pack healed", "snapshot damage"], fromCopy: 4, accepting: 4),
        "a bit of a pack's directory is flipped": unreadablePack,
        "a bit of a pack's trailer is flipped": unreadablePack,
        "a file lies among the packs that is none": RepairCase(0),
        "a pack is needed by nobody": RepairCase(0),

        "one copy of a manifest is damaged": RepairCase(4, ["manifest healed"]),
        "both copies of a manifest are damaged": RepairCase(
            5, ["manifest damage"], checkedAfterwards: 5, isPruned: false),
        "a manifest is cut in half": RepairCase(4, ["manifest healed"]),
        "a bit behind a manifest's checksum is flipped": RepairCase(4, ["manifest healed"]),
        "two manifests have each other's name": RepairCase(5, ["manifest damage"], checkedAfterwards: 5),
        "a manifest stands under a name that is not its own": RepairCase(4, ["manifest healed"]),
        "a forgotten manifest has a name that is not its own": RepairCase(4, ["manifest healed"]),
        // What was forgotten is not given up by a repair, but by a prune.
        "both copies of a forgotten manifest are damaged": RepairCase(5, ["manifest damage"]),
        "a manifest that stands has a damaged file among the forgotten ones": RepairCase(4, ["manifest healed"]),
        "a forgotten snapshot's pack is missing": RepairCase(5, ["snapshot damage"]),
        "another program's manifest names a chunk that is nowhere": RepairCase(
            5, ["missing damage"], checkedAfterwards: 5),
        "one copy of a key is damaged": RepairCase(4, ["key healed"]),
        "both copies of another key are damaged": RepairCase(5, ["key damage"], checkedAfterwards: 5),
        "one copy of the config is damaged": RepairCase(4, ["config healed"]),
        "both copies of the config are damaged": RepairCase(4, ["config healed"]),
        "the config is missing": RepairCase(4, ["config healed"]),

        // A repair without a catalog makes one, and the check has the wrong one still; what a repair does about that is another test.
        "the catalog lacks rows": wrongCatalog,
        "the catalog has rows of other chunks": wrongCatalog,
        "the catalog has rows of a pack that was never there": wrongCatalog,
        "the catalog has blocks elsewhere": wrongCatalog,

        "chunks lie in two packs": RepairCase(0),
        "chunks lie in two packs, of which one is missing": RepairCase(0),
        "chunks lie in two packs, of which one has a damaged block": RepairCase(4, ["pack healed"]),
        "a snapshot's tree is nowhere": RepairCase(5, ["snapshot damage"], accepting: 4),
        // Digests and lengths were written so: no copy helps, and a new manifest names them.
        "a directory has another digest than its entries make": RepairCase(5, ["digest damage"], accepting: 4),
        "a snapshot has another root hash than its tree makes": RepairCase(5, ["digest damage"], accepting: 4),
        "a file's chunk has another length than its entry says": RepairCase(5, ["tree damage"], accepting: 4),
        "a file's holes lie outside of it": RepairCase(5, ["tree damage"], accepting: 4),
        "a directory's page makes no sense": RepairCase(5, ["tree note", "snapshot damage"], accepting: 4),
    ]
}
