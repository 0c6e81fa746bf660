import Bytes
import Testing

@Suite("Buffers")
struct BufferTests {
    private func append(_ bytes: [UInt8], to buffer: Buffer) { bytes.withUnsafeBytes { buffer.append($0) } }

    @Test("a buffer keeps what is appended, up to its capacity")
    func append() {
        let buffer = Buffer(capacity: 5)
        #expect(buffer.count == 0 && buffer.capacity == 5 && buffer.bytes.isEmpty && buffer.free.count == 5)
        append([1, 2, 3], to: buffer)
        append([], to: buffer)
        append([4, 5], to: buffer)
        #expect(Array(buffer.bytes) == [1, 2, 3, 4, 5])
        #expect(buffer.free.isEmpty)
        #expect(Array(buffer.bytes(1..<3)) == [2, 3])
        #expect(buffer.bytes(5..<5).isEmpty)
    }

    @Test("what is written into the free memory counts once it is counted")
    func free() {
        let buffer = Buffer(capacity: 4)
        append([9], to: buffer)
        buffer.free[0] = 8
        #expect(Array(buffer.bytes) == [9])
        buffer.count += 1
        #expect(Array(buffer.bytes) == [9, 8])
        #expect(buffer.memory.count == 4)
    }

    @Test("a copy has the bytes and lives on its own")
    func copy() {
        var bytes: [UInt8] = [1, 2, 3]
        let buffer = bytes.withUnsafeBytes { Buffer(copying: $0) }
        bytes[0] = 7
        #expect(Array(buffer.bytes) == [1, 2, 3])
        #expect(buffer.capacity == 3)
    }

    @Test("a buffer of nothing can be made and used")
    func empty() {
        let buffer = Buffer(capacity: 0)
        append([], to: buffer)
        #expect(buffer.bytes.isEmpty && buffer.free.isEmpty)
    }

    @Test("memory is aligned for vectors")
    func alignment() {
        for capacity in [1, 63, 64, 4_097] {
            #expect(Int(bitPattern: Buffer(capacity: capacity).memory.baseAddress) % 64 == 0)
        }
    }

    @Test("writing more than fits ends the program instead of spoiling memory")
    func overflow() async {
        await #expect(processExitsWith: .failure) {
            let buffer = Buffer(capacity: 2)
            [UInt8](repeating: 1, count: 3).withUnsafeBytes { buffer.append($0) }
        }
        await #expect(processExitsWith: .failure) { Buffer(capacity: 2).count = 3 }
        await #expect(processExitsWith: .failure) { _ = Buffer(capacity: 2).bytes(0..<1) }
    }
}
