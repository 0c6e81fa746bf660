internal import CommandLine

extension ProgressSnapshot {
    /// The `status` line of JSON. `percent_done` (0 … 1) stays 0 until the totals are final; totals and the time left are
    /// null where they cannot be told.
    func status(bytesPerSecond: Double?, elapsed: Double) -> JSONText {
        let remaining = secondsRemaining(bytesPerSecond: bytesPerSecond)
        return [
            "message_type": "status", "percent_done": .number(share ?? 0),
            "total_files": filesTotal.map { .integer($0) } ?? .null, "files_done": .integer(filesDone),
            "total_bytes": bytesTotal.map { .integer($0) } ?? .null, "bytes_done": .integer(bytesDone),
            "seconds_elapsed": .integer(Int(elapsed)),
            "seconds_remaining": remaining.flatMap { Int(exactly: $0.rounded(.up)) }.map { .integer($0) } ?? .null,
            "current_files": .array(currentFile.map { [.text($0)] } ?? []),
        ]
    }
}
