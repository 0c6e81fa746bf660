import Bytes
import Chunking
import Crypto
import Storage

/// What is known of an opened repository and never changes while it is open.
struct Repository: Sendable {
    static let configName = "config"

    let storage: any Storage
    let id: RepositoryID
    let mode: EncryptionMode
    /// Nil exactly where nothing is encrypted.
    let masterKey: Secret?
    let chunkerSecret: Secret
    let profile: Profile
    let table: GearTable
    /// One copy of the config, which new key slots take along.
    let config: [UInt8]

    init(
        storage: any Storage, clear: ConfigClear, content: ConfigContent, masterKey: Secret?, config: [UInt8]
    ) throws(StoreError) {
        self.storage = storage
        self.masterKey = masterKey
        self.config = config
        id = clear.id
        mode = clear.mode
        chunkerSecret = content.chunkerSecret
        profile = content.profile
        table = try content.gearTable()
    }

    /// A pack of this repository.
    func pack(_ name: PackName) -> PackFile {
        PackFile(name: name, storage: storage, repository: id, mode: mode, masterKey: masterKey)
    }

    var configPath: String { "\(storage.location)/\(Self.configName)" }
}
