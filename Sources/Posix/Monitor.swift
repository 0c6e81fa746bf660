public import Glibc

/// State that several threads share: one at a time may touch it, and threads can wait until it allows them to go on.
///
/// Its calls can be inlined, for they are made per file and per chunk, and generic code that is not specialised costs more than the lock.
public final class Monitor<State>: @unchecked Sendable {
    // Unchecked, for every access to `state` lies between lock and unlock.
    @usableFromInline var state: State
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let changed: UnsafeMutablePointer<pthread_cond_t>

    /// Makes a monitor around a first state.
    public init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        // Waiting for a time must not depend on somebody who sets the clock.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        defer { pthread_condattr_destroy(&attributes) }
        precondition(pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(changed, &attributes) == 0)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Runs the body alone with the state; wakes nobody.
    @discardableResult @inlinable
    public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Runs the body alone with the state, then wakes all who wait.
    @discardableResult @inlinable
    public func update<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Waits until the condition holds, runs the body in the same breath, then wakes all who wait.
    @discardableResult @inlinable
    public func update<Result, Failure: Error>(
        when condition: (State) -> Bool, _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        while !condition(state) { pthread_cond_wait(changed, mutex) }
        return try body(&state)
    }

    /// Waits until the condition holds, but not much longer than this; whether it holds then.
    public func wait(milliseconds: Int, until condition: (State) -> Bool) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let (end, overflow) = Machine.monotonicNanoseconds.addingReportingOverflow(Int64(milliseconds) * 1_000_000)
        precondition(milliseconds >= 0 && !overflow)
        var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        while !condition(state) {
            if pthread_cond_timedwait(changed, mutex, &time) == ETIMEDOUT { return condition(state) }
        }
        return true
    }
}
