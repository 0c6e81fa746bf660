internal import Bytes
internal import Crypto
internal import Storage

/// One way into an encrypted repository, as it is listed.
public struct KeyDescription: Sendable, Hashable {
    /// The key's id, hexadecimal.
    public let id: String
    /// Whether a password opens it; else a key file does.
    public let isPassword: Bool
    /// When it was made, Unix seconds.
    public let made: Int64
    /// Whether one of its file's two copies is damaged.
    public let isHalfDamaged: Bool
}

extension Store {
    /// The keys of this repository, oldest first, and what hinders reading others.
    public func keys() throws(StoreError) -> (keys: [KeyDescription], failures: [StoreError]) {
        let (slots, failures) = try KeyRing.slots(in: repository.storage)
        let own = slots.filter { $0.clear.repository == id }.sorted {
            ($0.clear.made, $0.id.lexical) < ($1.clear.made, $1.id.lexical)
        }
        return (
            own.map {
                KeyDescription(
                    id: Hex.encode($0.id), isPassword: $0.kind == .password, made: $0.clear.made,
                    isHalfDamaged: $0.isHalfDamaged)
            }, failures
        )
    }

    /// The id of the key that a credential opens; nil if it opens none.
    public func key(opening credential: Credential) throws(StoreError) -> String? {
        let slots = try KeyRing.slots(in: repository.storage).slots.filter { $0.clear.repository == id }
        return try KeyRing.open(slots, with: [credential]).map { Hex.encode($0.0.id) }
    }

    /// Lets one more password or key file open the repository; returns the new key's id.
    @discardableResult
    public func addKey(_ credential: Credential, label: String = "") throws(StoreError) -> String {
        guard let masterKey = repository.masterKey else {
            throw StoreError(
                .usage, "the repository is not encrypted, so it has no keys", path: location,
                remedy: "make an encrypted one and copy into it")
        }
        let lease = try Lease(for: "key", in: repository.storage)
        defer { lease.release() }
        let ring = KeyRing(storage: repository.storage, repository: id)
        return Hex.encode(
            try ring.add(
                credential, label: label, masterKey: masterKey, config: repository.config,
                temporaryName: lease.temporaryName()))
    }

    /// Takes a key away, also one whose file is damaged. The last that can be read stays: without it nobody could ever read the
    /// repository again.
    public func removeKey(_ key: String) throws(StoreError) {
        try KeyRing(storage: repository.storage, repository: id).remove(removable(key))
    }

    /// The key's id as bytes, if it is there and may go.
    private func removable(_ key: String) throws(StoreError) -> [UInt8] {
        let path = "\(location)/\(KeyRing.folder)/\(key)"
        let (keys, failures) = try keys()
        let others = keys.filter { $0.id != key }
        let own = failures.first { $0.path == path }
        guard let bytes = Hex.decode(key), others.count < keys.count || own != nil else {
            throw StoreError(.missing, "there is no key \"\(key)\"", path: "\(location)/\(KeyRing.folder)")
        }
        // What cannot be read now, though it is not damaged, may be read another time.
        if let failure = failures.first(where: { $0.code != .damaged }), others.isEmpty || own != nil { throw failure }
        if others.isEmpty {
            throw StoreError(
                .usage, "this is the last key that can be read; without it nobody could read the repository",
                path: path,
                remedy: "add another key first")
        }
        return bytes
    }

    /// Replaces a key by one that another credential opens. The old one goes only when the new one is durable.
    @discardableResult
    public func changeKey(_ key: String, to credential: Credential, label: String = "") throws(StoreError) -> String {
        let (keys, failures) = try keys()
        guard keys.contains(where: { $0.id == key }) else {
            throw failures.first
                ?? StoreError(.missing, "there is no key \"\(key)\"", path: "\(location)/\(KeyRing.folder)")
        }
        let new = try addKey(credential, label: label)
        try removeKey(key)
        return new
    }
}

extension [UInt8] {
    /// Bytes as a text that sorts as they do.
    fileprivate var lexical: String { Hex.encode(self) }
}
