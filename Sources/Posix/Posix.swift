// Posix: the operating system as Swift sees it here. One function per system call, each throwing a `PosixError` that
// names the call, the path and the reason; paths are bytes; descriptors have one owner; and the few things that the
// language does not bring along: threads that may block, a monitor to meet at, the machine's identity.
//
// Nothing here knows what the calls are used for.
