// Scenarios in which everything fails that can: each call in turn, the power after each step, whole processes at any
// moment. After each the same is asked: nothing that was committed is lost, and the next run carries on as if nothing
// had been.
//
// With the environment variable CAIRN_SWEEP=full the sweeps go over all combinations and take minutes instead of seconds.
import Glibc

/// Whether the long sweeps were asked for.
let isFullSweep = getenv("CAIRN_SWEEP").map { String(cString: $0) == "full" } ?? false
