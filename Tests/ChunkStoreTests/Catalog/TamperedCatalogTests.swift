import Posix
import Storage
import TestSupport
import Testing

@testable import ChunkStore

/// Rows that say what is not so. Whatever they say, no wrong byte may come of it, and the packs' own directories win.
@Suite struct TamperedCatalogTests {
    private static let statements = [
        "UPDATE chunks SET offset = offset + 1", "UPDATE chunks SET offset = -1", "UPDATE chunks SET offset = -length",
        "UPDATE chunks SET offset = 9223372036854775807", "UPDATE chunks SET offset = -9223372036854775808",
        "UPDATE chunks SET length = length - 1", "UPDATE chunks SET length = -1", "UPDATE chunks SET length = 0",
        "UPDATE chunks SET length = 9223372036854775807", "UPDATE chunks SET length = 'many', offset = x'00'",
        "UPDATE chunks SET block = block + 1", "UPDATE chunks SET block = -1",
        "UPDATE chunks SET block = 9223372036854775807", "UPDATE chunks SET block = -9223372036854775808",
        "UPDATE chunks SET pack = 99", "UPDATE chunks SET pack = 3 - pack", "UPDATE chunks SET kind = 1 - kind",
        "UPDATE chunks SET kind = 77", "UPDATE blocks SET offset = offset + 1", "UPDATE blocks SET offset = -5",
        "UPDATE blocks SET offset = 1073741823", "UPDATE blocks SET stored = stored - 1",
        "UPDATE blocks SET stored = 0", "UPDATE blocks SET stored = 16842752", "UPDATE blocks SET stored = -1",
        "UPDATE blocks SET plain = plain + 1", "UPDATE blocks SET plain = 0", "UPDATE blocks SET plain = 16777216",
        "UPDATE blocks SET codec = 0", "UPDATE blocks SET codec = 2", "UPDATE blocks SET codec = 77",
        "UPDATE blocks SET codec = -1", "UPDATE blocks SET bases = zeroblob(32)",
        "UPDATE blocks SET bases = zeroblob(31)", "UPDATE blocks SET bases = zeroblob(320000)",
        "UPDATE blocks SET bases = (SELECT id FROM chunks LIMIT 1)",
        "UPDATE blocks SET bases = (SELECT id FROM chunks LIMIT 1), codec = 2",
        "UPDATE blocks SET number = number + 1", "UPDATE blocks SET number = -1",
        "UPDATE blocks SET number = -9223372036854775808; UPDATE chunks SET block = -9223372036854775808",
        "UPDATE blocks SET number = 9223372036854775807; UPDATE chunks SET block = 9223372036854775807",
        "UPDATE blocks SET pack = 1003 - pack; UPDATE blocks SET pack = pack - 1000",
        "UPDATE packs SET id = randomblob(32)",
        "UPDATE packs SET id = zeroblob(number)", "UPDATE packs SET folder = 3 - folder", "UPDATE packs SET folder = 9",
        "UPDATE packs SET bytes = bytes + 1", "UPDATE packs SET bytes = -1", "UPDATE packs SET chunks = 0",
        "UPDATE packs SET number = number + 1000",
        "INSERT INTO packs VALUES (77, zeroblob(32), 1, 100, 1, 0)", "DELETE FROM chunks",
        "DELETE FROM chunks WHERE id = (SELECT max(id) FROM chunks)", "DELETE FROM blocks", "DELETE FROM packs",
        "DROP TABLE chunks", "DROP TABLE blocks", "DROP TABLE packs",
        "DROP TABLE blocks; CREATE TABLE blocks (pack, number)",
    ]

    @Test("every chunk reads right in a store that opens after the tampering", arguments: EncryptionMode.allCases)
    func before(mode: EncryptionMode) throws {
        let scene = try CatalogScene(mode: mode)
        let good = try SmallFileBytes(scene)
        for sql in Self.statements {
            try scene.replaceCatalog(with: good.bytes)
            try scene.tamper(sql)
            let failures = try scene.failures(scene.open(mode: mode))
            #expect(failures.isEmpty, "\(sql): \(failures[0])")
        }
    }

    @Test("every chunk reads right in a store that was open while it happened")
    func meanwhile() throws {
        let scene = try CatalogScene()
        let good = try SmallFileBytes(scene)
        for sql in Self.statements {
            try scene.replaceCatalog(with: good.bytes)
            let store = try scene.open()
            #expect(try store.get(ChunkID(of: scene.chunks[0])) == scene.chunks[0])
            try scene.tamper(sql)
            let failures = try scene.failures(store)
            #expect(failures.isEmpty, "\(sql): \(failures[0])")
        }
    }

    @Test("a row for a chunk that does not exist does not make it exist")
    func inventedRow() throws {
        let scene = try CatalogScene()
        try scene.tamper(
            "INSERT INTO chunks SELECT zeroblob(32), pack, block, offset, length, kind FROM chunks LIMIT 1")
        let store = try scene.open()
        let zeros = try #require(ChunkID(hex: String(repeating: "0", count: 64)))
        expectFailure(.missing, "\(zeros)") { try store.get(zeros) }
        // The catalog was made anew on the way.
        var listed = 0
        try store.forEachChunk { _, _, _ in listed += 1 }
        #expect(listed == 8)
        #expect(try scene.failures(store).isEmpty)
    }

    @Test("chunks whose rows are gone are stored again rather than lost")
    func missingRows() throws {
        let scene = try CatalogScene()
        try scene.tamper("DELETE FROM chunks")
        #expect(try scene.newWhenPutAgain(scene.open()) == 8)
        #expect(try scene.failures(scene.open()).isEmpty)
    }
}

/// The good catalog's bytes, with nothing left in a log beside it.
private struct SmallFileBytes {
    let bytes: [UInt8]

    init(_ scene: CatalogScene) throws {
        try scene.tamper("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; PRAGMA journal_mode = WAL")
        bytes = try SmallFile.read(scene.catalogPath(), limit: 1 << 24)
    }
}
