import Bytes
import Crypto

@testable import ChunkStore

// What people, or other machines, may have written as text.

func parseLeaseClaim(_ bytes: [UInt8]) {
    let claim = LeaseClaim(bytes)
    var again = LeaseClaim(claim.opening)
    again.packs = claim.packs
    precondition(again == claim, "a claim has two readings")
    precondition(claim.packs.count <= bytes.count / 67)
}

func parseCondemnedRecord(_ bytes: [UInt8]) {
    if let record = CondemnedRecord(bytes) {
        precondition(CondemnedRecord(record.encoded) == record, "a record has two readings")
    }
    if let leases = CondemnedRecord.leases(bytes) {
        precondition(CondemnedRecord.leases(CondemnedRecord.encode(leases: leases)) == leases)
    }
}

func parsePackName(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let name = PackName(path: text) { precondition(name.path == text, "a pack has two names") }
    if let name = PackName(claimed: text) { precondition("\(name.folder.letter) \(name.id)" == text) }
}

func parseKeyFileText(_ bytes: [UInt8]) {
    guard case .keyFile(let key)? = KeyFileText.parse(bytes) else { return }
    precondition(key.byteCount == 32)
}

func parseHex(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let decoded = Hex.decode(text) { precondition(Hex.encode(decoded).utf8.elementsEqual(text.utf8)) }
    if let digest = SHA256Digest(hex: text) { precondition(digest.hex == text) }
    if let id = ChunkID(hex: text) { precondition("\(id)" == text) }
    precondition(Hex.decode(Hex.encode(bytes)) == bytes)
}
