// What a person relies upon, shown with the built binary on real file systems: everything odd comes back, whatever is killed, cramped,
// changed or spoilt while it works, and however large it is.
//
// With the environment variable CAIRN_ENDURANCE=full the long forms run too, with the release binary: `make endurance`. They want some
// 20 GB of disk and most of an hour, and print what they measured.
import Glibc

/// Whether the long forms were asked for.
let isFullEndurance = getenv("CAIRN_ENDURANCE").map { String(cString: $0) == "full" } ?? false
