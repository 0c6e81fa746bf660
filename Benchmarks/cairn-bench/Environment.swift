import Glibc

/// What the process was given by its surroundings.
enum Environment {
    static var path: String { value("PATH") ?? "" }

    static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// The processor's name.
    static var processor: String {
        guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4_096)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            if text.hasPrefix("model name") { return String(text.drop { $0 != ":" }.dropFirst(2).dropLast()) }
        }
        return "unknown"
    }

    /// The most memory that this process has had, in bytes. (`getrusage` would count what its parent had before the start.)
    static var peakMemoryBytes: Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            guard text.hasPrefix("VmHWM:") else { continue }
            return (Int(text.filter(\.isNumber)) ?? 0) * 1_024
        }
        return 0
    }
}
