// What a person relies upon, shown with the built binary on real file systems: everything odd comes back, whatever is killed, cramped,
// changed or spoilt while it works, and however large it is.
//
// With the environment variable CAIRN_ENDURANCE=full the long forms run too, with the release binary: `make endurance`. They want some
// 20 GB of disk and most of an hour, and print what they measured. CAIRN_STORM=full and CAIRN_SWEEP=full ask for the long forms of the storm and
// of the sweep over system calls, also with the release binary: `make torture`.
import Glibc

/// Whether the long forms were asked for.
let isFullEndurance = getenv("CAIRN_ENDURANCE").map { String(cString: $0) == "full" } ?? false

/// Whether the long storms were asked for.
let isFullStorm = getenv("CAIRN_STORM").map { String(cString: $0) == "full" } ?? false

/// The one storm that was asked for with CAIRN_STORM_SEED, for looking at it again.
let stormSeed = getenv("CAIRN_STORM_SEED").flatMap { UInt64(String(cString: $0)) }

/// Whether the sweeps were asked for over every call.
let isFullSweep = getenv("CAIRN_SWEEP").map { String(cString: $0) == "full" } ?? false
