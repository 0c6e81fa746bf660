internal import CZstd

/// What can go wrong in this module.
public enum CompressionError: Error, Equatable, Sendable {
    /// An argument is outside what the function allows; the text says which and why.
    case badParameter(String)
    /// The input is not exactly one whole zstd frame: it is cut short, has bytes after its end or is something else.
    case notOneFrame
    /// The frame states another content size than the caller expects, or none (nil).
    case wrongContentSize(stated: UInt64?, expected: Int)
    /// The frame asks for a larger window than readers must offer.
    case windowTooLarge(bytes: UInt64)
    /// The frame cannot be decoded: it was changed, or made with another prefix; the text is the library's.
    case damaged(String)
    /// The library found no memory for its tables.
    case outOfMemory
    /// The library refused for another reason; the text is its own.
    case library(String)
}

extension CompressionError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .badParameter(let reason): "bad parameter: \(reason)"
        case .notOneFrame: "not exactly one whole zstd frame"
        case .wrongContentSize(let stated?, let expected): "the frame holds \(stated) bytes, not \(expected)"
        case .wrongContentSize(nil, let expected): "the frame does not say that it holds \(expected) bytes"
        case .windowTooLarge(let bytes): "the frame asks for a window of \(bytes) bytes"
        case .damaged(let reason): "the frame cannot be decoded: \(reason)"
        case .outOfMemory: "no memory for the tables of zstd"
        case .library(let reason): "zstd: \(reason)"
        }
    }
}

extension CompressionError {
    /// The error that a function of libzstd has returned; `otherwise` makes the case when it is not one of memory.
    static func fromLibrary(_ result: Int, otherwise: (String) -> CompressionError) -> CompressionError {
        if ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation { return .outOfMemory }
        return otherwise(String(cString: ZSTD_getErrorName(result)))
    }
}
