// unsafe: borrows the connection's pointer; the lock keeps closing and interrupting apart.

internal import CSQLite
internal import Synchronization

/// Stops the running statement of a connection from any thread.
public final class Interrupter: Sendable {
    private let connection: Mutex<OpaquePointer?>

    init(_ connection: OpaquePointer?) {
        nonisolated(unsafe) let connection = connection
        self.connection = Mutex(connection)
    }

    /// Makes the running statement throw `isInterrupted`; without one, or after closing, nothing happens.
    public func interrupt() {
        connection.withLock { if let connection = $0 { sqlite3_interrupt(connection) } }
    }

    /// Called before the connection closes.
    func forget() {
        connection.withLock { $0 = nil }
    }
}
