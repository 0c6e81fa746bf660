// unsafe: buffers for the names and values that the kernel fills.
internal import CPosix
internal import Glibc

/// The named values that a file system keeps beside a file.
extension FileDescriptor {
    /// The names of the open file's attributes; none where the file system has no such thing. The corresponding C function is
    /// `flistxattr`.
    public borrowing func attributeNames() throws(PosixError) -> [[UInt8]] {
        let number = rawValue
        return try Self.names(path) { cairn_flistxattr(number, $0, $1) }
    }

    /// An attribute of the open file; nil if it is gone. The corresponding C function is `fgetxattr`.
    public borrowing func attribute(_ name: [UInt8]) throws(PosixError) -> [UInt8]? {
        let number = rawValue
        return try Path(name).withCString { text throws(PosixError) in
            try Self.value(path) { cairn_fgetxattr(number, text, $0, $1) }
        }
    }

    /// The corresponding C function is `fsetxattr`.
    public borrowing func setAttribute(_ name: [UInt8], _ value: [UInt8]) throws(PosixError) {
        let number = rawValue
        try Path(name).withCString { text throws(PosixError) in
            try value.withUnsafeBytesThrowing { bytes throws(PosixError) in
                _ = try checked("setxattr", path) { cairn_fsetxattr(number, text, bytes.baseAddress, bytes.count) }
            }
        }
    }

    /// The corresponding C function is `fremovexattr`.
    public borrowing func removeAttribute(_ name: [UInt8]) throws(PosixError) {
        let number = rawValue
        try Path(name).withCString { text throws(PosixError) in
            _ = try checked("removexattr", path) { cairn_fremovexattr(number, text) }
        }
    }

    // Of what cannot be opened: symbolic links, FIFOs, sockets, devices. The kernel has no such calls relative to a folder, so the name is
    // reached through the folder's descriptor.

    /// The corresponding C function is `llistxattr`.
    public borrowing func attributeNames(of name: Path) throws(PosixError) -> [[UInt8]] {
        try place(of: name).withCString { file throws(PosixError) in
            try Self.names(name) { cairn_llistxattr(file, $0, $1) }
        }
    }

    /// The corresponding C function is `lgetxattr`.
    public borrowing func attribute(_ attribute: [UInt8], of name: Path) throws(PosixError) -> [UInt8]? {
        try place(of: name).withCString { file throws(PosixError) in
            try Path(attribute).withCString { text throws(PosixError) in
                try Self.value(name) { cairn_lgetxattr(file, text, $0, $1) }
            }
        }
    }

    /// The corresponding C function is `lsetxattr`.
    public borrowing func setAttribute(_ attribute: [UInt8], _ value: [UInt8], of name: Path) throws(PosixError) {
        try place(of: name).withCString { file throws(PosixError) in
            try Path(attribute).withCString { text throws(PosixError) in
                try value.withUnsafeBytesThrowing { bytes throws(PosixError) in
                    _ = try checked("setxattr", name) { cairn_lsetxattr(file, text, bytes.baseAddress, bytes.count) }
                }
            }
        }
    }

    /// The corresponding C function is `lremovexattr`.
    public borrowing func removeAttribute(_ attribute: [UInt8], of name: Path) throws(PosixError) {
        try place(of: name).withCString { file throws(PosixError) in
            try Path(attribute).withCString { text throws(PosixError) in
                _ = try checked("removexattr", name) { cairn_lremovexattr(file, text) }
            }
        }
    }

    private borrowing func place(of name: Path) -> Path { Path("/proc/self/fd/\(rawValue)").appending(name) }

    private static func names(
        _ path: Path, _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
    ) throws(PosixError) -> [[UInt8]] {
        guard let packed = try filled("listxattr", path, call: { call($0?.assumingMemoryBound(to: CChar.self), $1) })
        else { return [] }
        return packed.split(separator: 0).map { Array($0) }
    }

    private static func value(
        _ path: Path, _ call: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(PosixError) -> [UInt8]? {
        try filled("getxattr", path, call: call)
    }

    /// Asks with a small buffer first, and with larger ones as long as what is there does not fit. Nil where there is nothing, or
    /// where the file system knows no attributes.
    private static func filled(
        _ name: StaticString, _ path: Path, call: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(PosixError) -> [UInt8]? {
        var capacity = 256
        while true {
            var buffer = [UInt8](repeating: 0, count: capacity)
            do {
                let count = try buffer.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
                    try checked(name, path) { call(raw.baseAddress, raw.count) }
                }
                return Array(buffer[..<count])
            } catch {
                switch error.errno {
                case .tooSmall where capacity < 1 << 20: capacity *= 16
                case .noSuchAttribute, .notSupported: return nil
                default: throw error
                }
            }
        }
    }
}

extension Errno {
    /// ERANGE
    public static let tooSmall = Errno(rawValue: ERANGE)
    /// ENODATA
    public static let noSuchAttribute = Errno(rawValue: ENODATA)
    /// ESTALE
    public static let stale = Errno(rawValue: ESTALE)
    /// ETXTBSY
    public static let isBeingRun = Errno(rawValue: ETXTBSY)
    /// EBUSY
    public static let busy = Errno(rawValue: EBUSY)
    /// ENXIO
    public static let noSuchDevice = Errno(rawValue: ENXIO)
}
