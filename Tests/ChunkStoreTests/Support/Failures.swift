import ChunkStore
import Testing

/// Expects a failure of a kind whose text holds some words, and returns it.
@discardableResult
func expectFailure<Result>(
    _ code: StoreError.Code, _ words: String..., at location: SourceLocation = #_sourceLocation,
    from body: () throws -> Result
) -> StoreError? {
    do {
        _ = try body()
        Issue.record("it did not fail", sourceLocation: location)
    } catch let error as StoreError {
        #expect(error.code == code, "\(error)", sourceLocation: location)
        for word in words {
            #expect(error.description.contains(word), "\"\(word)\" is not in: \(error)", sourceLocation: location)
        }
        return error
    } catch {
        Issue.record("another error: \(error)", sourceLocation: location)
    }
    return nil
}
