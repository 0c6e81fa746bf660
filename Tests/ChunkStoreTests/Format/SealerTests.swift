import Crypto
import Testing

@testable import ChunkStore

@Suite struct SealerTests {
    private let repository = RepositoryID(bytes: Array(0..<16))
    private let key = Secret(copying: [UInt8](repeating: 5, count: 32))

    private func sealer(_ header: Header, repository: RepositoryID? = nil, key: Secret? = nil) throws -> Sealer {
        try Sealer(
            header, encodedHeader: header.encoded, repository: repository ?? self.repository, inputKey: key ?? self.key)
    }

    @Test("a sealed piece opens only as the piece it is, in the file, repository and family it was made for")
    func binding() throws {
        let header = try Header(.pack, envelope: .symmetric, kind: 1)
        let plain = Array("stone upon stone".utf8)
        let sealed = try sealer(header).seal(plain, piece: 3)
        #expect(sealed.count == plain.count + 16)
        #expect(try sealer(header).open(sealed, piece: 3) == plain)
        #expect(try sealer(header).open(sealed, piece: 4) == nil)
        #expect(try sealer(Header(.pack, envelope: .symmetric, kind: 1)).open(sealed, piece: 3) == nil)
        let elsewhere = RepositoryID(bytes: [UInt8](repeating: 1, count: 16))
        #expect(try sealer(header, repository: elsewhere).open(sealed, piece: 3) == nil)
        let stranger = Secret(copying: [UInt8](repeating: 6, count: 32))
        #expect(try sealer(header, key: stranger).open(sealed, piece: 3) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(try sealer(header).open(changed, piece: 3) == nil)
        }
        for count in sealed.indices {
            #expect(try sealer(header).open(Array(sealed[..<count]), piece: 3) == nil)
        }
    }

    @Test("in the plain envelope a piece is its content, and no key is needed")
    func plain() throws {
        let header = try Header(.pack, envelope: .plain, kind: 1)
        let sealer = try Sealer(header, encodedHeader: header.encoded, repository: repository, inputKey: nil)
        #expect(try sealer.seal([1, 2, 3], piece: 0) == [1, 2, 3])
        #expect(try sealer.open([1, 2, 3], piece: 9) == [1, 2, 3])
        #expect(try sealer.open([], piece: 9) == [])
        #expect(sealer.overhead == 0 && !sealer.pads)
    }

    @Test("without a key nothing sealed can be opened")
    func keyless() throws {
        let header = try Header(.pack, envelope: .symmetric, kind: 1)
        expectFailure(.wrongKey) {
            try Sealer(header, encodedHeader: header.encoded, repository: repository, inputKey: nil)
        }
    }
}
