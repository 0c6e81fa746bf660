@testable import Cairn
import ChunkStore
import Posix
import TestSupport
import Testing

/// Chunks that come again in a content.
@Suite struct RecurringChunksTests {
    /// Letters stand for chunks, which are ten bytes each, four of them in a row.
    private struct Text {
        let letters: [Character]
        init(_ text: String) { letters = Array(text) }

        func bytes(_ number: Int) -> [UInt8] { [UInt8](repeating: letters[number].asciiValue ?? 0, count: 10) }
        func id(_ number: Int) -> ChunkID { ChunkID(of: bytes(number)) }

        func row(_ offset: UInt64) -> (chunks: [(id: ChunkID, start: UInt64)], end: UInt64)? {
            let first = Int(offset / 10) / 4 * 4
            guard letters.indices.contains(Int(offset / 10)) else { return nil }
            let end = min(first + 4, letters.count)
            return ((first..<end).map { (id($0), UInt64($0) * 10) }, UInt64(end) * 10)
        }

        func kept(_ recurring: RecurringChunks) -> String {
            let kept = recurring.kept(among: letters.indices.map(id))
            return String(
                Set(letters).filter { kept[ChunkID(of: [UInt8](repeating: $0.asciiValue ?? 0, count: 10))] != nil }
                    .sorted())
        }

        func read(_ number: Int, _ recurring: RecurringChunks, isThrough: Bool = true) {
            bytes(number).withUnsafeBytes {
                recurring.note(id(number), at: UInt64(number) * 10, $0, isThrough: isThrough)
            }
        }
    }

    @Test("what comes again is kept from the first time to the last, and nothing else is")
    func keeps() {
        let text = Text("abcadbaeeb")
        let recurring = RecurringChunks(in: RecurrenceRoom(bytes: 1_000))
        recurring.survey(0, text.row)
        var seen: [String] = []
        for number in text.letters.indices {
            text.read(number, recurring)
            seen.append(text.kept(recurring))
        }
        #expect(seen == ["a", "ab", "ab", "ab", "ab", "ab", "b", "be", "b", ""])
        // Once more from the front, piece by piece.
        text.read(0, recurring, isThrough: false)
        text.read(6, recurring, isThrough: false)
        #expect(text.kept(recurring) == "a")
        #expect(recurring.kept(among: [text.id(0)]) == [text.id(0): text.bytes(0)])
        text.read(6, recurring)
        #expect(text.kept(recurring) == "")
    }

    @Test("no more is kept than there is room for, also where several share it, and it is given back")
    func room() {
        let text = Text("abcabc")
        let room = RecurrenceRoom(bytes: 25)
        let first = RecurringChunks(in: room)
        first.survey(0, text.row)
        do {
            let second = RecurringChunks(in: room)
            second.survey(0, text.row)
            text.read(0, second)
            for number in 0..<3 { text.read(number, first) }
            #expect(text.kept(first) == "a" && text.kept(second) == "a")
        }
        text.read(1, first)
        #expect(text.kept(first) == "ab")
        text.read(3, first)
        text.read(2, first)
        #expect(text.kept(first) == "bc")
    }

    @Test(
        "who comes to another stretch has it looked through, and keeps what comes there; what cannot be read ends one")
    func stretches() {
        let text = Text("abababcdcdcd")
        let recurring = RecurringChunks(in: RecurrenceRoom(bytes: 1_000))
        // The rows from the second on cannot be read.
        recurring.survey(0) { $0 < 40 ? text.row($0) : nil }
        text.read(0, recurring)
        text.read(1, recurring)
        #expect(text.kept(recurring) == "ab")
        var looks = 0
        recurring.survey(39) { _ in
            looks += 1
            return nil
        }
        #expect(looks == 0)
        // Nothing can be read there: what is kept stays.
        recurring.survey(40) { _ in nil }
        #expect(text.kept(recurring) == "ab")
        recurring.survey(40) { offset in
            looks += 1
            return text.row(offset)
        }
        #expect(looks == 3 && text.kept(recurring) == "ab")
        text.read(4, recurring)
        text.read(6, recurring)
        #expect(text.kept(recurring) == "bc")
        // The first stretch again, in which neither comes after this.
        recurring.survey(0) { $0 < 40 ? text.row($0) : nil }
        #expect(text.kept(recurring) == "b")
    }

    @Test("a row is looked through as a whole, so that who reads backwards needs no look for each step")
    func backwards() {
        let text = Text("abcdabcdabcd")
        let recurring = RecurringChunks(in: RecurrenceRoom(bytes: 1_000))
        var looks = 0
        for offset in stride(from: UInt64(119), through: 0, by: -1) {
            recurring.survey(offset) { offset in
                looks += 1
                return text.row(offset)
            }
        }
        // From the last row, from the one before it and from the first: each to the end, which is a look too.
        #expect(looks == 2 + 3 + 4)
    }

    @Test("a stretch ends also where one chunk comes again without end")
    func endless() {
        let id = ChunkID(of: [1])
        let recurring = RecurringChunks(in: RecurrenceRoom(bytes: 1_000))
        var looks = 0
        recurring.survey(0) { offset in
            looks += 1
            return ((0..<1_000).map { (id, offset + $0) }, offset + 1_000)
        }
        #expect(looks == 33)
    }
}
