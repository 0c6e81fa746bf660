internal import CPosix
internal import Glibc

/// A thread of our own, which may block in system calls as long as it likes.
public final class Thread: Sendable {
    private let handle: pthread_t
    private let isJoined = Monitor(false)

    /// Starts a thread; the name (at most 15 bytes count) shows in `top` and `ps`.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(PosixError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 1 << 20)
        var handle = pthread_t()
        let code = pthread_create(
            &handle, &attributes,
            { raw in
                let start = Unmanaged<Start>.fromOpaque(raw!).takeRetainedValue()
                cairn_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw PosixError(call: "pthread_create", path: nil, errno: Errno(rawValue: code))
        }
        self.handle = handle
    }

    /// Waits until the thread has ended. May be called often; on the thread itself it returns at once.
    public func join() {
        // Whoever lets go of the last reference to a group of threads may be one of them. It ends unjoined, so detached.
        if pthread_equal(pthread_self(), handle) != 0 { return }
        isJoined.withLock { isDone in
            if !isDone { pthread_join(handle, nil) }
            isDone = true
        }
    }

    deinit {
        if !isJoined.withLock({ $0 }) { pthread_detach(handle) }
    }

    /// Lets the calling thread rest. The corresponding C function is `usleep`.
    public static func rest(milliseconds: Int) { usleep(UInt32(clamping: milliseconds * 1_000)) }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
