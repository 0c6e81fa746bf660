// unsafe: libFuzzer, which brings `main`, hands its words and bytes over as pointers.

import Crypto
import Glibc
import Posix

/// Called once before everything else. The words `seeds FOLDER` write the valid inputs there and end the program; all others are for
/// libFuzzer.
@c(LLVMFuzzerInitialize) public func begin(
    _ count: UnsafeMutablePointer<Int32>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> Int32 {
    let arguments = (0..<Int(count.pointee)).map { index in words.pointee[index].map { String(cString: $0) } ?? "" }
    guard arguments.count == 3, arguments[1] == "seeds" else { return 0 }
    do { try writeSeeds(to: Path(arguments[2])) } catch { fatalError("\(error)") }
    exit(0)
}

/// Called with each input: the number of a parser and the bytes for it. Those that no parser takes are not worth keeping.
@c(LLVMFuzzerTestOneInput) public func feed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let bytes, count > 0, let parser = Parser(rawValue: bytes[0]) else { return -1 }
    parser.parse(Array(UnsafeBufferPointer(start: bytes + 1, count: count - 1)))
    return 0
}

private func writeSeeds(to folder: Path) throws {
    try Folder.makeAll(folder)
    for parser in Parser.allCases {
        for seed in parser.seeds {
            let input = [parser.rawValue] + seed
            try SmallFile.replace(folder.appending(SHA256.digest(input).hex), with: input)
        }
    }
}
