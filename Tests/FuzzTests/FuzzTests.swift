// FuzzTests: every parser of bytes that come from a disk or from a user, fed with what it does not expect.
//
//   Parsers/    what is fed, what must hold afterwards, and valid inputs to begin with
//   Replay/     the brief run, inside `swift test`: the valid inputs and seeded mutations of them
//   LibFuzzer/  the long run: `make fuzz` builds the same parsers into a program for libFuzzer, which sees where new bytes lead
//
// To fuzz is to trap: whatever must hold is a precondition, so both runs end with the input that broke it.
