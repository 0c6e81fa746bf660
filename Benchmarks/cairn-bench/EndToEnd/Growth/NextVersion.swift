/// What a file has in the next version of its package.
struct NextVersion {
    private let prose = Prose(words: 2_000)

    func bytes(of name: String, _ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
        if [".gz", ".xz", ".bz2", ".zst", ".png", ".jpg", ".svgz"].contains(where: name.hasSuffix) {
            return recompressed(bytes, &chance)
        }
        if !bytes.prefix(4_096).contains(0) { return edited(bytes, &chance) }
        return chance.next(below: 2) == 0 ? patched(bytes, &chance) : rebuilt(bytes, &chance)
    }

    /// From a change on, nothing of what was compressed stays.
    private func recompressed(_ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
        let place = bytes.isEmpty ? 0 : chance.next(below: bytes.count)
        return bytes[..<place] + (place..<bytes.count).map { _ in UInt8(truncatingIfNeeded: chance.number()) }
    }

    /// Lines come, go and change, one in some kilobytes.
    private func edited(_ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 16 + 256)
        var place = 0
        while place < bytes.count {
            let near = place + chance.next(in: 500..<12_000)
            let end = bytes[min(near, bytes.count)...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.count
            result += bytes[place..<end]
            place = end
            guard place < bytes.count else { break }
            let change = chance.next(below: 3)
            if change != 0 { place = bytes[place...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.count }
            if change != 1 {
                prose.write(chance.next(in: 20..<90), to: &result, &chance)
                result.append(newline)
            }
        }
        return result
    }

    /// A few places have something more or something else.
    private func patched(_ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
        var result = bytes
        for _ in 0..<chance.next(in: 1..<5) {
            let place = chance.next(below: result.count + 1)
            let other = bytes[min(place, bytes.count)...].prefix(chance.next(in: 16..<512))
            if chance.next(below: 2) == 0 {
                result.insert(contentsOf: other.reversed(), at: place)
            } else {
                result.replaceSubrange(place..<min(place + other.count, result.count), with: other.reversed())
            }
        }
        return result
    }

    /// What a compiler makes of a changed source: something more at one place, and behind it other distances in a third of the rest.
    private func rebuilt(_ bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
        var result = patched(bytes, &chance)
        guard result.count > 4_096 else { return result }
        var place = chance.next(below: result.count / 2)
        let end = place + (result.count - place) / 3
        let distance = UInt8(16 * chance.next(in: 1..<15))
        while place + 1 < end {
            let (low, carries) = result[place].addingReportingOverflow(distance)
            result[place] = low
            if carries { result[place + 1] &+= 1 }
            place += chance.next(in: 16..<240)
        }
        return result
    }
}
