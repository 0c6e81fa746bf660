// unsafe: an array's memory, lent to a body that may throw typed errors.

extension Array where Element == UInt8 {
    /// `withUnsafeBytes` with a typed error.
    @inlinable
    public func withUnsafeBytesThrowing<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure> = withUnsafeBytes { bytes in
            do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// `withUnsafeMutableBytes` with a typed error.
    @inlinable
    public mutating func withUnsafeMutableBytesThrowing<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outcome: Swift.Result<Result, Failure> = withUnsafeMutableBytes { bytes in
            do throws(Failure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
