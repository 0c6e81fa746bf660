@testable import Posix
import Testing

@Suite("Moments, device numbers, accounts")
struct FactsTests {
    @Test("moments are ordered by seconds, then nanoseconds, before 1970 too")
    func order() {
        let ordered = [
            FileTime(seconds: .min, nanoseconds: 0), FileTime(seconds: -2, nanoseconds: 999_999_999),
            FileTime(seconds: -1, nanoseconds: 0), FileTime(seconds: -1, nanoseconds: 1),
            FileTime(seconds: 0, nanoseconds: 0), FileTime(seconds: 0, nanoseconds: 1),
            FileTime(seconds: .max, nanoseconds: 999_999_999),
        ]
        #expect(ordered.shuffled().sorted() == ordered)
        let before = Machine.seconds
        let now = FileTime.now
        #expect(before <= now.seconds && now.seconds <= Machine.seconds && now.nanoseconds < 1_000_000_000)
    }

    @Test(
        "a device's halves become the kernel's number and come back",
        arguments: [
            (0, 0, 0), (1, 3, 0x103), (8, 17, 0x811), (4_095, 255, 0xF_FFFF), (1, 256, 0x10_0100),
            (4_096, 0, 0x1000_0000_0000), (.max, .max, .max), (0x1234_5678, 0x9ABC_DEF0, 0x1234_59AB_CDE6_78F0),
        ] as [(UInt32, UInt32, UInt64)])
    func devices(_ major: UInt32, _ minor: UInt32, _ number: UInt64) {
        #expect(DeviceNumber(major: major, minor: minor).rawValue == number)
        #expect(DeviceNumber(number) == DeviceNumber(major: major, minor: minor))
    }

    @Test("the kernel's own devices have the numbers that everybody knows")
    func known() throws {
        let null = try Folder.status("/dev/null")
        #expect(null.kind == .characterDevice)
        #expect(DeviceNumber(null.deviceNumber) == DeviceNumber(major: 1, minor: 3))
    }

    @Test("names of users and groups are found both ways, and what has none has none")
    func accounts() {
        let accounts = Accounts()
        for _ in 0..<2 {
            #expect(accounts.userName(0) == Array("root".utf8) && accounts.groupName(0) == Array("root".utf8))
            #expect(accounts.userID(Array("root".utf8)) == 0 && accounts.groupID(Array("root".utf8)) == 0)
            #expect(accounts.userName(4_000_000_017).isEmpty && accounts.groupName(4_000_000_017).isEmpty)
            for name in [Array("no such name".utf8), [], [0xFF, 0x3A], [UInt8](repeating: 0x61, count: 10_000)] {
                #expect(accounts.userID(name) == nil && accounts.groupID(name) == nil)
            }
        }
        for id: UInt32 in 0..<20 {
            let name = accounts.userName(id)
            if !name.isEmpty { #expect(accounts.userID(name) == id) }
        }
    }
}

@Suite struct ProcessorTimesTests {
    @Test("the line of all processors is read: idle and waiting are idle, guests are not counted twice")
    func lines() {
        func read(_ line: String) -> [UInt64]? {
            Machine.ProcessorTimes(line: Array(line.utf8)).map { [$0.idle, $0.total] }
        }
        #expect(read("cpu  100 20 30 400 50 6 7 8 90 10") == [450, 621])
        #expect(read("cpu 1 2 3 4 5") == [9, 15])
        #expect(read("cpu0 1 2 3 4 5 6 7 8 9 10") == nil)
        #expect(read("cpu 1 2 x 4 5") == nil)
        #expect(read("cpu 1 2 3") == nil)
        #expect(read("") == nil)
    }

    @Test("this machine says how it does")
    func here() {
        let times = Machine.processorTimes() ?? .init(idle: 0, total: 0)
        #expect(times.total > 0 && times.idle <= times.total)
    }
}
