import Posix
import Testing

@testable import CairnMount

@Suite("Numbers of nodes, and what is remembered")
struct NodeTests {
    @Test("a number tells folder, page and place, and no other node has that of the top")
    func numbers() throws {
        for (folder, page, place) in [(1, 0, 0), (1, 0, 1), (7, 3, 9), ((1 << 28) - 1, (1 << 19) - 1, (1 << 17) - 1)] {
            let id = try #require(NodeID(folder: UInt32(folder), page: page, place: place))
            #expect((Int(id.folder), id.page, id.place) == (folder, page, place))
            #expect(id != .root && NodeID(rawValue: id.rawValue) == id)
        }
        #expect(NodeID(folder: 0, page: 0, place: 1) == nil)
        #expect(NodeID(folder: 1 << 28, page: 0, place: 0) == nil)
        #expect(NodeID(folder: 1, page: 1 << 19, place: 0) == nil)
        #expect(NodeID(folder: 1, page: 0, place: 1 << 17) == nil)
    }

    @Test("a folder keeps its number, and what was never numbered has no record")
    func folders() throws {
        let table = FolderTable()
        let (one, other) = (LayoutFolder(), LayoutFolder())
        let number = try #require(table.number(of: .root, .layout(one)))
        let node = try #require(NodeID(folder: number, page: 0, place: 4))
        #expect(table.number(of: node, .layout(other)) == number + 1)
        #expect(table.number(of: .root, .layout(other)) == number)
        #expect(table.record(number + 1)?.node == node)
        #expect(table.record(0) == nil && table.record(number + 2) == nil)
        guard case .layout(let found) = table.record(number)?.kind else { return #expect(Bool(false)) }
        #expect(found === one)
    }

    @Test("what is used stays, what is not goes, and no more is kept than was allowed")
    func generations() {
        let memory = Generations<Int, Int>(weightMax: 10)
        for number in 0..<100 {
            _ = memory.value(number) { number }
            #expect(memory.value(0) { -1 } == 0)
            #expect((0...number).count { memory.remembered($0) != nil } <= 12 || number < 12)
        }
        #expect(memory.remembered(1) == nil)
        #expect(memory.value(1) { 41 } == 41)
        #expect(memory.value(1) { 42 } == 41)
    }
}
