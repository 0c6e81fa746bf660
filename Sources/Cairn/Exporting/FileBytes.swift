// unsafe: lends stretches of memory that chunks were copied to.

import Bytes

/// The bytes of one file on its way out: at hand already, or read when they are asked for.
struct FileBytes {
    enum Place {
        case read(Content, TreeReader)
        case held(Buffer, Range<Int>)
    }

    let place: Place

    /// Whether going through them twice costs nothing.
    var isHeld: Bool {
        switch place {
        case .held, .read(.empty, _), .read(.inline, _): true
        case .read: false
        }
    }

    /// Calls the body with the bytes, piece by piece, in order.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(CairnError) -> Void) throws(CairnError) {
        switch place {
        case .read(let content, let reader): try reader.forEachPiece(of: content, body)
        case .held(let buffer, let range): if !range.isEmpty { try body(buffer.bytes(range)) }
        }
    }
}
