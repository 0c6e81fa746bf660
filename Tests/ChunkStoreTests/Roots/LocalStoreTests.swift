import Posix
import TestSupport
import Testing

@testable import ChunkStore

@Suite("Stores in a folder of this machine")
struct LocalStoreTests {
    @Test("a store is made with the folders above it, for the owner alone, and opens again")
    func makes() throws {
        let folder = try TemporaryFolder()
        let place = folder.path.appending("a/b/store")
        let store = try Store.create(at: place, encryption: .aes256GCM, credentials: [.password("p")])
        #expect(try Folder.status(place).mode & 0o777 == 0o700)
        #expect(try Store.open(at: place, credentials: [.password("p")]).id == store.id)
    }

    @Test("a folder that is not there, and one that is empty, hold no repository")
    func missing() throws {
        let folder = try TemporaryFolder()
        for place in [folder.path, folder.path.appending("nowhere")] {
            let error = #expect(throws: StoreError.self) { try Store.open(at: place) }
            #expect(error?.code == .noRepository)
            #expect(error?.path == place.plain && error?.remedy != nil)
        }
    }

    @Test("where a file is, no store is made, and the file stays")
    func occupied() throws {
        let folder = try TemporaryFolder()
        let file = folder.path.appending("file")
        try SmallFile.writeNew(file, [1, 2, 3])
        #expect(throws: StoreError.self) { try Store.create(at: file, encryption: .none, credentials: []) }
        #expect(throws: StoreError.self) { try Store.open(at: file) }
        #expect(try SmallFile.read(file, limit: 10) == [1, 2, 3])
    }
}
