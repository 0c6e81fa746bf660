internal import CPosix

/// The process's heap.
public enum Heap {
    /// Lets large blocks come from the kernel and go back to it at once. Left alone, the C library raises its bounds with every block that
    /// is freed, and keeps what many threads have freed in many places: a third more memory in a process that handles much
    /// data. It concerns the whole process, so a program calls it at its start, and a library does not.
    public static func returnMemoryEarly() { cairn_heap_returns_memory() }
}
