internal import CCrypto

/// What can go wrong in this module.
public enum CryptoError: Error, Equatable, Sendable {
    /// The sealed bytes, their tag, their nonce or their associated data are not what was sealed with this key.
    case authenticationFailed
    /// An argument is outside what the function allows; the text says which and why.
    case badParameter(String)
    /// The library refused the call or is not usable; the text holds its own reason.
    case library(String)
}

extension CryptoError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .authenticationFailed: "authentication failed: wrong key, or the sealed bytes were changed"
        case .badParameter(let reason): "bad parameter: \(reason)"
        case .library(let reason): "libcrypto: \(reason)"
        }
    }
}

extension CryptoError {
    /// The newest entry of this thread's error queue as an error; empties the queue.
    static func fromLibrary(_ call: String) -> CryptoError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return .library("\(call) failed") }
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let end = text.firstIndex(of: 0) ?? text.count
        return .library("\(call): \(String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self))")
    }
}
