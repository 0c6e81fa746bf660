// unsafe: owns one compression context of libzstd.

internal import CZstd

/// Compresses buffers into zstd frames.
///
/// Not thread-safe: one thread at a time, one object per worker. The context keeps its tables between calls, so a reused
/// compressor allocates only when a call needs larger ones. The frame depends on the arguments alone, never on earlier calls.
public final class Compressor {
    private let context: OpaquePointer

    /// A compressor with an empty context; the tables come with the first call.
    public init() throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
        self.context = context
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// How many bytes a frame of `byteCount` plain bytes has at most.
    public static func bound(_ byteCount: Int) -> Int {
        ZSTD_compressBound(byteCount)
    }

    /// The levels that `compress` takes, from the fastest to the smallest.
    public static var levels: ClosedRange<Int32> { ZSTD_minCLevel()...ZSTD_maxCLevel() }

    /// How much memory the context holds now.
    public var memoryBytes: Int { ZSTD_sizeof_CCtx(context) }

    /// How many entries, as powers of two, the tables have in which a level looks for earlier matches. Ones that fit a processor's inner
    /// caches are quicker than a level's own, and find a little less.
    public struct Tables: Hashable, Sendable {
        /// Of the table of short matches, or of the chains of levels that follow those.
        public var chainLog: Int32
        /// Of the table of long matches, or the only one.
        public var hashLog: Int32

        /// Names the sizes.
        public init(chainLog: Int32, hashLog: Int32) {
            self.chainLog = chainLog
            self.hashLog = hashLog
        }
    }

    /// How to compress.
    public struct Method: Hashable, Sendable {
        /// One of `levels`; 0 stands for the library's default, 3.
        public var level: Int32
        /// The sizes of the tables that remember what was seen; nil: the level's own.
        public var tables: Tables?

        /// Names a level, and perhaps tables.
        public init(level: Int32, tables: Tables? = nil) {
            self.level = level
            self.tables = tables
        }
    }

    /// Writes one frame that holds `plain` to the start of `frame` and returns its length; nil if it does not fit.
    ///
    /// So a `frame` of `plain.count - 1` bytes says "only if it gets smaller". After nil or an error the contents of `frame`
    /// mean nothing and the compressor can be used on.
    ///
    /// - Parameters:
    ///   - prefix: Bytes to copy from as if they stood before `plain`; reading the frame takes the same bytes again.
    ///   - windowLog: 10 to 27: how far back (2 to this power) copies may reach, prefix included. nil: the level's own, or,
    ///     with a prefix, what covers prefix and `plain` together, so that all of the prefix can be reached.
    public func compress(
        _ plain: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer? = nil, _ method: Method, windowLog: Int32?,
        into frame: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int? {
        guard Self.levels.contains(method.level) else {
            let (least, most) = (Self.levels.lowerBound, Self.levels.upperBound)
            throw .badParameter("level \(method.level) is not within \(least) to \(most)")
        }
        let windows = Frame.windowLogMin...Frame.windowLogMax
        if let windowLog, !windows.contains(windowLog) {
            throw .badParameter("a window of 2 to the power of \(windowLog) bytes is not within 10 to 27")
        }
        let prefixBytes = prefix?.count ?? 0
        let window = windowLog ?? (prefixBytes == 0 ? 0 : Self.windowLog(covering: prefixBytes + plain.count))
        try prepare(method, windowLog: window, hasPrefix: prefixBytes > 0)
        try check(ZSTD_CCtx_refPrefix(context, prefix?.baseAddress, prefixBytes))
        let result = ZSTD_compress2(context, frame.baseAddress, frame.count, plain.baseAddress, plain.count)
        if ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall { return nil }
        try check(result)
        return result
    }

    /// A new frame in the same context: forgets what an earlier call may have left unfinished.
    private func prepare(_ method: Method, windowLog: Int32, hasPrefix: Bool) throws(CompressionError) {
        try check(ZSTD_CCtx_reset(context, ZSTD_reset_session_only))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, method.level))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog))
        // Nought stands for the level's own.
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, method.tables?.chainLog ?? 0))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, method.tables?.hashLog ?? 0))
        // A level's own tables remember only the newest part of a long prefix, and a match lost there can cost the whole gain
        // (4 MiB with edits after 4 MiB: 917 KB at level 6; 15 KB with long distance matching, and sooner done).
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, hasPrefix ? 1 : 0))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0))
        try check(ZSTD_CCtx_setParameter(context, ZSTD_c_dictIDFlag, 0))
    }

    private func check(_ result: Int) throws(CompressionError) {
        if ZSTD_isError(result) != 0 { throw .fromLibrary(result) { .library($0) } }
    }

    private static func windowLog(covering byteCount: Int) -> Int32 {
        let needed = Int32(Int.bitWidth - max(byteCount - 1, 0).leadingZeroBitCount)
        return min(max(needed, Frame.windowLogMin), Frame.windowLogMax)
    }
}
