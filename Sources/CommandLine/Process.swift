// unsafe: the only pointers of this target: the process's arguments, its environment, and the size of its terminal.
import Glibc

extension ArgumentValue {
    /// The words of this process's command line, without the program's own name.
    public static var processArguments: [ArgumentValue] {
        let pointers = unsafe Swift.CommandLine.unsafeArgv
        let count = Int(Swift.CommandLine.argc)
        guard count > 1 else { return [] }
        return (1..<count).compactMap { index in
            unsafe pointers[index].map { unsafe ArgumentValue(bytes: bytes(of: $0)) }
        }
    }

    fileprivate static func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
        let length = unsafe strlen(text)
        return unsafe [UInt8](UnsafeRawBufferPointer(start: text, count: length))
    }
}

extension Environment {
    /// The variables of this process, looked up when they are asked for.
    ///
    /// The corresponding C function is `getenv`.
    public static var process: Environment {
        Environment(names: processNames) { name in
            unsafe getenv(name).map { unsafe ArgumentValue(bytes: ArgumentValue.bytes(of: $0)) }
        }
    }

    private static func processNames() -> [String] {
        var names: [String] = []
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let name = unsafe ArgumentValue.bytes(of: text).prefix { $0 != UInt8(ascii: "=") }
            if let name = String(validating: name, as: UTF8.self) { names.append(name) }
            unsafe entry += 1
        }
        return names
    }
}

/// The width that text for a person is laid out for.
public enum TextWidth {
    /// The width of help: `COLUMNS` if it is set, else the terminal's on standard output, else 80; between 40 and 100.
    ///
    /// The corresponding C function is `ioctl` with `TIOCGWINSZ`.
    public static func current(_ environment: Environment) -> Int {
        if let columns = environment["COLUMNS"]?.string.flatMap({ Int($0) }), columns > 0 {
            return min(max(columns, 40), 100)
        }
        return terminal(STDOUT_FILENO).map { min(max($0, 40), 100) } ?? 80
    }

    /// The number of columns of the terminal behind a descriptor, if there is one and it says.
    public static func terminal(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
