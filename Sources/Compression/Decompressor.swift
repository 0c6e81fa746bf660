// unsafe: owns one decompression context of libzstd.

internal import CZstd

/// Reads back what `Compressor` wrote; takes any bytes whatever and never trusts them.
///
/// Not thread-safe: one thread at a time, one object per worker. The context has a fixed size (about 160 KiB) whatever the
/// frames say, because they are decoded straight into the caller's buffer.
public final class Decompressor {
    private let context: OpaquePointer

    /// A decompressor with its context.
    public init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// How much memory the context holds now.
    public var memoryBytes: Int { ZSTD_sizeof_DCtx(context) }

    /// Decodes `frame` and fills `plain` with exactly its bytes.
    ///
    /// `frame` must be exactly one zstd frame, state exactly `plain.count` bytes and ask for a window of at most 128 MiB; all
    /// of this is checked before decoding begins. `prefix` must be the bytes that were the prefix when the frame was made.
    ///
    /// There is no checksum: a changed frame or a wrong prefix may decode to other bytes without an error, and only the
    /// caller's digests can tell. After an error the contents of `plain` mean nothing and the decompressor can be used on.
    public func decompress(
        _ frame: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer? = nil,
        into plain: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) {
        try Frame.check(frame, contentBytes: plain.count)
        try check(ZSTD_DCtx_reset(context, ZSTD_reset_session_only)) { .library($0) }
        // The library looks at the prefix as raw bytes, never as a dictionary; without one this clears the last.
        try check(ZSTD_DCtx_refPrefix(context, prefix?.baseAddress, prefix?.count ?? 0)) { .library($0) }
        defer { ZSTD_DCtx_refPrefix(context, nil, 0) }
        let result = ZSTD_decompressDCtx(
            context, plain.baseAddress, plain.count, frame.baseAddress, frame.count)
        try check(result) { .damaged($0) }
        guard result == plain.count else { throw .damaged("\(result) bytes came out") }
    }

    private func check(_ result: Int, otherwise: (String) -> CompressionError) throws(CompressionError) {
        if ZSTD_isError(result) != 0 { throw .fromLibrary(result, otherwise: otherwise) }
    }
}
