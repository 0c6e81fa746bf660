// unsafe: the two ends of a pseudo terminal.
import ChildProcess
import Glibc

@testable import CairnCommands

/// A terminal within the test: what is written to it comes out on the other side, and is laid out as a person would see it.
final class Screen {
    private let main: Int32
    private let other: Int32
    private var columns: Int
    private var lines: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    /// All that was written to it so far.
    private(set) var received: [UInt8] = []

    /// The end that programs write to.
    var stream: StandardStream { StandardStream(descriptor: other) }

    init(columns: Int) throws {
        self.columns = columns
        main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var lock: Int32 = 0
        var number: Int32 = 0
        // TIOCSPTLCK and TIOCGPTN, which are not imported: unlock the other end, ask for its number.
        guard main >= 0, ioctl(main, 0x4004_5431, &lock) == 0, ioctl(main, 0x8004_5430, &number) == 0 else {
            throw ChildFailure(reason: "/dev/ptmx: \(errno)")
        }
        other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard other >= 0 else { throw ChildFailure(reason: "/dev/pts/\(number): \(errno)") }
        resize(columns: columns)
    }

    deinit {
        close(other)
        close(main)
    }

    func resize(columns: Int) {
        self.columns = columns
        var size = winsize(ws_row: 25, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(other, UInt(TIOCSWINSZ), &size)
    }

    /// The lines that are shown, without empty ones at the end.
    func text() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(main, &buffer, buffer.count)
            guard count > 0 else { break }
            received += buffer[..<count]
            show(String(decoding: buffer[..<count], as: UTF8.self))
        }
        var shown = lines.map { String($0) }
        while shown.last?.isEmpty == true { shown.removeLast() }
        return shown
    }

    private func show(_ text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n": moveDown()
            case "\u{1B}":
                _ = rest.popFirst()
                let digits = rest.prefix { $0.properties.numericType != nil }
                rest = rest[digits.endIndex...]
                act(rest.popFirst(), Int(String(digits)) ?? 1)
            default:
                if column == columns {
                    column = 0
                    moveDown()
                }
                while lines[row].count <= column { lines[row].append(" ") }
                lines[row][column] = Character(scalar)
                column += 1
            }
        }
    }

    private func moveDown() {
        row += 1
        if row == lines.count { lines.append([]) }
    }

    private func act(_ letter: Unicode.Scalar?, _ number: Int) {
        switch letter {
        case "A": row = max(0, row - number)
        case "K": lines[row] = Array(lines[row].prefix(column))
        case "J":
            lines[row] = Array(lines[row].prefix(column))
            lines.removeSubrange((row + 1)...)
        default: break
        }
    }
}
