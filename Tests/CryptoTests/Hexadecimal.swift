/// The bytes that a literal of hexadecimal digits stands for; spaces may group them.
func bytes(_ text: String) -> [UInt8] {
    let digits = text.filter { $0 != " " }.map { $0.hexDigitValue! }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
