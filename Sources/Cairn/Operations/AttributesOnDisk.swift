import Posix

/// Reads the attributes of files.
enum AttributesOnDisk {
    /// Those of an open file or folder.
    static func of(_ file: borrowing FileDescriptor) throws(PosixError) -> [ExtendedAttribute] {
        var found: [ExtendedAttribute] = []
        for name in try file.attributeNames() {
            if let value = try file.attribute(name) { found.append(ExtendedAttribute(name: name, value: value)) }
        }
        return found
    }

    /// Those of what cannot be opened, by its name in a folder.
    static func of(_ name: Path, in folder: borrowing FileDescriptor) throws(PosixError) -> [ExtendedAttribute] {
        var found: [ExtendedAttribute] = []
        for attribute in try folder.attributeNames(of: name) {
            if let value = try folder.attribute(attribute, of: name) {
                found.append(ExtendedAttribute(name: attribute, value: value))
            }
        }
        return found
    }

    /// Whether a folder gives an access list to whatever is made in it.
    static func hasDefaultList(_ folder: borrowing FileDescriptor) throws(PosixError) -> Bool {
        try folder.attributeNames().contains { $0.elementsEqual("system.posix_acl_default".utf8) }
    }

    /// Whether an attribute is a file's own, so that it goes where the snapshot does not have it.
    static func isOurs(_ name: [UInt8]) -> Bool {
        name.starts(with: "user.".utf8) || name.starts(with: "trusted.".utf8)
            || ["security.capability", "system.posix_acl_access", "system.posix_acl_default"].contains {
                name.elementsEqual($0.utf8)
            }
    }
}
