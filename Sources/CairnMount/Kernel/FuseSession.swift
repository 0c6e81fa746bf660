// unsafe: is called by C with the address of an object that lives as long as the session, and answers from memory that it lends.

internal import CFuse
internal import Cairn
internal import Glibc
internal import Posix

/// A file system between the kernel and libfuse.
final class FuseSession: @unchecked Sendable {
    // Unchecked, for libfuse's sessions may be used by several threads, and everything else is constant.
    private let fuse: OpaquePointer
    private let answerer: Answerer

    /// What the calls of C are given.
    fileprivate final class Answerer: Sendable {
        let system: any ReadOnlyFileSystem
        let buffers = AnswerBuffers()
        init(_ system: any ReadOnlyFileSystem) { self.system = system }
    }

    /// `options` are those of mount(8), joined by commas.
    init(_ system: any ReadOnlyFileSystem, options: String) throws(CairnError) {
        answerer = Answerer(system)
        var calls = cairn_fuse_calls.answering
        calls.context = Unmanaged.passUnretained(answerer).toOpaque()
        guard let fuse = cairn_fuse_new(options, &calls) else {
            throw CairnError(.system, "libfuse gives no session\(Self.lastWords)")
        }
        self.fuse = fuse
    }

    deinit { cairn_fuse_free(fuse) }

    /// Mounts it.
    func mount(at folder: Path) throws(CairnError) {
        let result = folder.withCString { cairn_fuse_mount(fuse, $0) }
        guard result != 0 else { return }
        throw CairnError(
            .system, "mounting failed\(Self.lastWords)", path: folder,
            remedy: "see that fuse3 is installed, and that you may mount here")
    }

    /// Answers questions until the file system is unmounted.
    func run() throws(CairnError) {
        let code = cairn_fuse_loop(fuse)
        // Kernels call a file system that was unmounted one that is not there, and now and then one that was cut off.
        guard ![0, ENODEV, ECONNABORTED].contains(code) else { return }
        throw CairnError(.system, "the kernel's questions cannot be read: \(Errno(rawValue: code))")
    }

    /// Hands content to the kernel before it asks for it. Not for threads that answer questions.
    func store(_ node: NodeID, at offset: UInt64, _ bytes: UnsafeRawBufferPointer) -> Bool {
        cairn_fuse_store(fuse, node.rawValue, offset, bytes.baseAddress, bytes.count) == 0
    }

    private static var lastWords: String {
        let words = String(cString: cairn_fuse_last_words())
        return words.isEmpty ? "" : ": \(words)"
    }
}

/// Takes a mount off its folder; an error number, or zero.
func unmountFuse(_ folder: Path, detached: Bool) -> Int32 {
    folder.withCString { cairn_fuse_unmount($0, detached) }
}

/// A listing's buffer.
private struct ListingBuffer: ListingSink {
    let request: OpaquePointer
    let memory: UnsafeMutableRawBufferPointer
    let wantsAttributes: Bool
    var count = 0

    mutating func add(_ name: [UInt8], _ entry: NodeEntry, next: UInt64) -> Bool {
        var entry = cairn_fuse_entry(entry)
        let room = memory.count - count
        let start = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
        let taken = withTerminated(name) {
            cairn_fuse_add(request, start.map { $0 + count }, room, $0, &entry, next, wantsAttributes)
        }
        guard taken <= room else { return false }
        count += taken
        return true
    }
}

/// Lends a name as C has it.
private func withTerminated<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (name + [0]).withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
}

extension cairn_fuse_attributes {
    fileprivate init(_ it: NodeAttributes) {
        self.init(
            inode: it.inode, size: it.size, blocks: it.blocks, seconds: it.modified.seconds,
            nanoseconds: it.modified.nanoseconds, mode: it.mode, links: it.links, user: it.userID, group: it.groupID,
            device_major: it.device.major, device_minor: it.device.minor)
    }
}

extension cairn_fuse_entry {
    fileprivate init(_ it: NodeEntry) {
        self.init(
            node: it.node.rawValue, attributes: cairn_fuse_attributes(it.attributes),
            name_timeout: it.durability.seconds, attributes_timeout: it.durability.seconds)
    }
}

extension cairn_fuse_calls {
    /// Each call answers its request exactly once.
    fileprivate static var answering: cairn_fuse_calls {
        cairn_fuse_calls(
            context: nil,
            lookup: { context, request, parent, name in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    var entry = cairn_fuse_entry(
                        try system.lookup(bytes(name), in: NodeID(rawValue: parent)))
                    cairn_fuse_answer_entry(request, &entry)
                }
            },
            attributes: { context, request, node in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    let (found, durability) = try system.attributes(of: NodeID(rawValue: node))
                    var attributes = cairn_fuse_attributes(found)
                    cairn_fuse_answer_attributes(request, &attributes, durability.seconds)
                }
            },
            link_target: { context, request, node in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    let target = try system.linkTarget(of: NodeID(rawValue: node))
                    withTerminated(target) { cairn_fuse_answer_link_target(request, $0) }
                }
            },
            open: { context, request, node in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    cairn_fuse_answer_open(request, try system.open(NodeID(rawValue: node)))
                }
            },
            read: { context, request, node, handle, offset, size in
                answer(context, request) { (system, request, buffers) throws(Refusal) in
                    try buffers.lend(size) { (buffer) throws(Refusal) in
                        let count = try system.read(handle, at: offset, into: buffer)
                        cairn_fuse_answer_bytes(request, buffer.baseAddress, count)
                    }
                }
            },
            seek: { context, request, node, handle, offset, toHole in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    cairn_fuse_answer_offset(request, try system.seek(handle, from: offset, toHole: toHole))
                }
            },
            close: { context, request, handle in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    system.close(handle)
                    cairn_fuse_answer_error(request, 0)
                }
            },
            list: { context, request, node, offset, size, withAttributes in
                answer(context, request) { (system, request, buffers) throws(Refusal) in
                    try buffers.lend(size) { (memory) throws(Refusal) in
                        var buffer = ListingBuffer(request: request, memory: memory, wantsAttributes: withAttributes)
                        try system.list(NodeID(rawValue: node), from: offset, into: &buffer)
                        cairn_fuse_answer_bytes(request, memory.baseAddress, buffer.count)
                    }
                }
            },
            space: { context, request in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    let (bytes, files) = system.space()
                    cairn_fuse_answer_space(request, bytes / 4_096 + (bytes % 4_096 > 0 ? 1 : 0), files)
                }
            },
            attribute_names: { context, request, node, size in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    let names = try system.attributeNames(of: NodeID(rawValue: node))
                    try answerAttribute(request, names.flatMap { $0 + [0] }, room: size)
                }
            },
            attribute: { context, request, node, name, size in
                answer(context, request) { (system, request, _) throws(Refusal) in
                    let value = try system.attribute(
                        bytes(name), of: NodeID(rawValue: node))
                    try answerAttribute(request, value, room: size)
                }
            })
    }
}

private func answer(
    _ context: UnsafeMutableRawPointer?, _ request: OpaquePointer?,
    _ body: (any ReadOnlyFileSystem, OpaquePointer, AnswerBuffers) throws(Refusal) -> Void
) {
    guard let context, let request else { return }
    let answerer = Unmanaged<FuseSession.Answerer>.fromOpaque(context).takeUnretainedValue()
    do throws(Refusal) { try body(answerer.system, request, answerer.buffers) } catch {
        cairn_fuse_answer_error(request, error.errno)
    }
}

/// With no room the size is asked for.
private func answerAttribute(_ request: OpaquePointer, _ value: [UInt8], room: Int) throws(Refusal) {
    if room == 0 { return cairn_fuse_answer_attribute_size(request, value.count) }
    guard value.count <= room else { throw .tooSmall }
    value.withUnsafeBytes { cairn_fuse_answer_bytes(request, $0.baseAddress, $0.count) }
}

/// The bytes of a text of C.
private func bytes(_ start: UnsafePointer<CChar>?) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: start, count: start.map { strlen($0) } ?? 0))
}

/// Memory for answers, used again.
private final class AnswerBuffers: @unchecked Sendable {
    // Unchecked, for each buffer is taken out of the monitor before it is used.
    private static let byteCount = 1 << 20
    private static let keptMax = 16

    private let idle = Monitor<[UnsafeMutableRawBufferPointer]>([])

    deinit { idle.withLock { $0.forEach { $0.deallocate() } } }

    func lend(_ size: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Refusal) -> Void) throws(Refusal) {
        let buffer =
            size <= Self.byteCount ? idle.withLock { $0.popLast() } : nil
        let memory = buffer ?? .allocate(byteCount: max(size, Self.byteCount), alignment: 4_096)
        defer {
            let isKept = idle.withLock { all in
                guard memory.count == Self.byteCount, all.count < Self.keptMax else { return false }
                all.append(memory)
                return true
            }
            if !isKept { memory.deallocate() }
        }
        try body(UnsafeMutableRawBufferPointer(rebasing: memory[..<size]))
    }
}
