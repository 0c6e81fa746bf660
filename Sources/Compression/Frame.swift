internal import CZstd

/// What a zstd frame says of itself before anything is decoded (RFC 8878, section 3.1.1).
///
///     magic 28 B5 2F FD | descriptor | window (unless single segment) | dictionary id | content size | blocks
enum Frame {
    /// Writers use no larger window, readers accept none: 128 MiB, what zstd itself decodes unasked.
    static let windowLogMax: Int32 = 27
    static let windowLogMin: Int32 = 10

    private static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
    private static let singleSegment: UInt8 = 0x20

    /// Checks that `bytes` are one frame from the first byte to the last that states `contentBytes` and a fair window.
    ///
    /// The magic number is compared here because the library would also take frames of its prehistory and skippable ones.
    /// Time grows with the number of blocks in the frame, of which only the headers are read.
    static func check(_ bytes: UnsafeRawBufferPointer, contentBytes: Int) throws(CompressionError) {
        guard bytes.count > 6, bytes.prefix(4).elementsEqual(magic) else { throw .notOneFrame }
        guard ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count) == bytes.count else { throw .notOneFrame }
        let stated = ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count)
        // The two largest numbers stand for "unknown" and "not a frame"; their macros are casts that Swift cannot import.
        guard stated == UInt64(contentBytes) else {
            throw .wrongContentSize(stated: stated < .max - 1 ? stated : nil, expected: contentBytes)
        }
        if bytes[4] & singleSegment == 0 {
            let base = UInt64(1) << (10 + UInt64(bytes[5] >> 3))
            let window = base + base / 8 * UInt64(bytes[5] & 7)
            guard window <= 1 << windowLogMax else { throw .windowTooLarge(bytes: window) }
        }
    }
}
