internal import Posix

/// Remembers what was used last, within a limit: what was not used while as much else came goes. Any thread may call.
final class Generations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]
        var youngWeight = 0
    }

    private let weightMax: Int
    private let weight: @Sendable (Value) -> Int
    private let state = Monitor(State())

    /// For values that together weigh no more than this.
    init(weightMax: Int, weight: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
        self.weightMax = weightMax
        self.weight = weight
    }

    /// The value of a key, made now if it is not remembered. Two threads may make it at the same time.
    func value<Failure: Error>(_ key: Key, _ make: () throws(Failure) -> Value) throws(Failure) -> Value {
        if let known = remembered(key) { return known }
        let value = try make()
        remember(value, key)
        return value
    }

    /// The value of a key, if it is remembered.
    func remembered(_ key: Key) -> Value? {
        state.withLock { state in
            if let value = state.young[key] { return value }
            guard let value = state.old.removeValue(forKey: key) else { return nil }
            keep(value, key, &state)
            return value
        }
    }

    func remember(_ value: Value, _ key: Key) { state.withLock { keep(value, key, &$0) } }

    private func keep(_ value: Value, _ key: Key, _ state: inout State) {
        if let other = state.young.updateValue(value, forKey: key) { state.youngWeight -= weight(other) }
        state.youngWeight += weight(value)
        guard state.youngWeight > weightMax / 2 else { return }
        state.old = state.young
        state.young = [:]
        state.youngWeight = 0
    }
}
