// unsafe: the C library fills records in buffers that it is lent.
internal import Glibc

/// The names behind the numbers of users and groups, each looked up once. Any thread may call.
public final class Accounts: Sendable {
    private struct Known {
        var users: [UInt32: [UInt8]] = [:]
        var groups: [UInt32: [UInt8]] = [:]
        var userIDs: [[UInt8]: UInt32?] = [:]
        var groupIDs: [[UInt8]: UInt32?] = [:]
    }

    private let known = Monitor(Known())

    /// Knows nobody yet.
    public init() {}

    /// The user's name; empty where the number has none. The corresponding C function is `getpwuid_r`.
    public func userName(_ id: UInt32) -> [UInt8] {
        known.withLock { known in
            if let name = known.users[id] { return name }
            var record = passwd()
            let name = Self.lookUp {
                getpwuid_r(id, &record, $0, $1, $2)
            } found: {
                Self.bytes($0.pointee.pw_name)
            }
            known.users[id] = name ?? []
            return name ?? []
        }
    }

    /// The group's name; empty where the number has none. The corresponding C function is `getgrgid_r`.
    public func groupName(_ id: UInt32) -> [UInt8] {
        known.withLock { known in
            if let name = known.groups[id] { return name }
            var record = group()
            let name = Self.lookUp {
                getgrgid_r(id, &record, $0, $1, $2)
            } found: {
                Self.bytes($0.pointee.gr_name)
            }
            known.groups[id] = name ?? []
            return name ?? []
        }
    }

    /// The user's number; nil where nobody has that name. The corresponding C function is `getpwnam_r`.
    public func userID(_ name: [UInt8]) -> UInt32? {
        known.withLock { known in
            if let id = known.userIDs[name] { return id }
            var record = passwd()
            let id = Path(name).withCString { text in
                Self.lookUp {
                    getpwnam_r(text, &record, $0, $1, $2)
                } found: {
                    $0.pointee.pw_uid
                }
            }
            known.userIDs[name] = .some(id)
            return id
        }
    }

    /// The group's number; nil where none has that name. The corresponding C function is `getgrnam_r`.
    public func groupID(_ name: [UInt8]) -> UInt32? {
        known.withLock { known in
            if let id = known.groupIDs[name] { return id }
            var record = group()
            let id = Path(name).withCString { text in
                Self.lookUp {
                    getgrnam_r(text, &record, $0, $1, $2)
                } found: {
                    $0.pointee.gr_gid
                }
            }
            known.groupIDs[name] = .some(id)
            return id
        }
    }

    private static func lookUp<Record, Answer>(
        _ call: (UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<Record>?>) -> Int32,
        found: (UnsafeMutablePointer<Record>) -> Answer
    ) -> Answer? {
        var capacity = 4_096
        while capacity <= 1 << 20 {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
            defer { buffer.deallocate() }
            var result: UnsafeMutablePointer<Record>?
            let code = call(buffer, capacity, &result)
            if code == 0 { return result.map(found) }
            if code != ERANGE { return nil }
            capacity *= 4
        }
        return nil
    }

    private static func bytes(_ text: UnsafeMutablePointer<CChar>?) -> [UInt8] {
        text.map { UnsafeBufferPointer(start: $0, count: strlen($0)).map { UInt8(bitPattern: $0) } } ?? []
    }
}
