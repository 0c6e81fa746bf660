internal import CommandLine

/// What progress looks like: from a snapshot to lines of text. Nothing here knows a terminal.
enum ProgressLine {
    /// A piece of the first line. Where there is no room for all, the least important go first.
    private struct Piece {
        var text: String
        var importance: Int
        /// What stands before it, unless it comes first.
        var separator = "  "
    }

    /// One line that says how far it has come, and a second one with the current file if there is one. No line takes
    /// more than `width - 1` columns, so that none wraps, or holds control characters.
    /// - Parameters:
    ///   - bytesPerSecond: How fast it goes, if that is known.
    ///   - elapsed: The seconds since the start.
    ///   - width: The terminal's columns.
    static func layout(
        _ snapshot: ProgressSnapshot, bytesPerSecond: Double?, elapsed: Double, width: Int
    ) -> [String] {
        let room = max(1, width - 1)
        let first = line(of: pieces(snapshot, bytesPerSecond, elapsed), room: room)
        guard let file = snapshot.currentFile else { return [first] }
        return [first, DisplayWidth.shortened(PrintableText.escape(file), to: room)]
    }

    /// The same for a log: one line, with everything but the current file.
    static func plain(_ snapshot: ProgressSnapshot, bytesPerSecond: Double?, elapsed: Double) -> String {
        line(of: pieces(snapshot, bytesPerSecond, elapsed), room: .max)
    }

    private static func pieces(_ snapshot: ProgressSnapshot, _ bytesPerSecond: Double?, _ elapsed: Double) -> [Piece] {
        var pieces: [Piece] = []
        if !snapshot.phase.isEmpty {
            pieces.append(Piece(text: PrintableText.safe(snapshot.phase), importance: 50))
        }
        if let share = snapshot.share { pieces.append(Piece(text: Quantity.percent(share), importance: 100)) }
        if snapshot.bytesDone > 0 || snapshot.bytesTotal != nil {
            pieces.append(Piece(text: Quantity.bytes(snapshot.bytesDone), importance: 70))
            if let total = snapshot.bytesTotal {
                pieces.append(Piece(text: "of \(Quantity.bytes(total))", importance: 40, separator: " "))
            }
        }
        if let total = snapshot.filesTotal {
            let files = "\(snapshot.filesDone) of \(Quantity.count(total, snapshot.itemName))"
            pieces.append(Piece(text: files, importance: 30))
        } else if snapshot.filesDone > 0 {
            pieces.append(Piece(text: Quantity.count(snapshot.filesDone, snapshot.itemName), importance: 30))
        }
        if !snapshot.isTotalFinal, snapshot.bytesTotal != nil || snapshot.filesTotal != nil {
            // It goes with the last total that is shown.
            pieces.append(Piece(text: "so far", importance: snapshot.bytesTotal == nil ? 29 : 35, separator: " "))
        }
        // What is done has neither: only its end takes a while. And where no bytes have come, their rate tells nothing.
        let isDone = snapshot.share == 1
        if let bytesPerSecond, !isDone, snapshot.bytesDone > 0 {
            pieces.append(Piece(text: Quantity.rate(bytesPerSecond: bytesPerSecond), importance: 20))
        }
        if !isDone, let left = snapshot.secondsRemaining(bytesPerSecond: bytesPerSecond) {
            pieces.append(Piece(text: "\(Quantity.duration(seconds: left)) left", importance: 80))
        } else {
            pieces.append(Piece(text: Quantity.duration(seconds: elapsed), importance: 10))
        }
        if snapshot.errors > 0 {
            pieces.append(Piece(text: Quantity.count(snapshot.errors, "error"), importance: 90))
        }
        return pieces
    }

    private static func line(of pieces: [Piece], room: Int) -> String {
        var pieces = pieces
        while true {
            let text = pieces.enumerated().reduce("") {
                $0 + ($1.offset == 0 ? "" : $1.element.separator) + $1.element.text
            }
            if DisplayWidth.of(text) <= room { return text }
            guard pieces.count > 1,
                let least = pieces.indices.min(by: { pieces[$0].importance < pieces[$1].importance })
            else { return DisplayWidth.prefix(text, columns: room) }
            pieces.remove(at: least)
        }
    }
}
