internal import Glibc

/// How many files this process may have open at once.
public enum OpenFiles {
    /// Programs that we start inherit the limit, and there are some that go through all numbers below it.
    private static let raisedMax: rlim_t = 65_536

    /// The limit. The corresponding C function is `getrlimit`.
    public static var limit: Int { Int(clamping: limits.rlim_cur) }

    /// Raises the limit as far as anybody may. The corresponding C function is `setrlimit`.
    public static func raiseLimit() {
        var limits = limits
        let wanted = min(limits.rlim_max, raisedMax)
        guard limits.rlim_cur < wanted else { return }
        limits.rlim_cur = wanted
        // Where it is not allowed, things stay as they are.
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    }

    private static var limits: rlimit {
        var limits = rlimit()
        // What the kernel gives a process to begin with.
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else {
            return rlimit(rlim_cur: 1_024, rlim_max: 1_024)
        }
        return limits
    }
}
