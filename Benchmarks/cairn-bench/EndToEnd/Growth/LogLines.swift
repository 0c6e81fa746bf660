/// What a shop on the web writes into its log: requests mostly, sometimes what it did, and errors with a trace.
struct LogLines {
    private var chance: Chance
    private var milliseconds: Int
    private let prose = Prose(words: 1_000)

    private static let hosts = ["web-1", "web-2", "web-3", "web-4"]
    private static let agents = [
        "Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "okhttp/4.12.0", "curl/8.5.0", "python-requests/2.32.3",
    ]
    private static let places = [
        "products", "orders", "customers", "search", "basket", "static/js/app", "api/v2/prices",
    ]

    init(hour: Int, seed: Int) {
        chance = Chance(seed, of: 3)
        milliseconds = hour * 3_600_000
    }

    /// Whole lines of at least so many bytes.
    mutating func next(_ byteCount: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(byteCount + 4_096)
        while text.count < byteCount {
            milliseconds += chance.frequent(below: 200)
            text += Array("\(time) \(chance.pick(Self.hosts)) ".utf8)
            switch chance.next(below: 100) {
            case 0: error(to: &text)
            case 1..<15: text += Array(event.utf8)
            default: text += Array(request.utf8)
            }
        }
        return text
    }

    private var time: String {
        let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400)
        let date = "2026-\((1 + days / 28).digits(2))-\((1 + days % 28).digits(2))"
        return
            "\(date)T\((hours % 24).digits(2)):\((minutes % 60).digits(2)):\((seconds % 60).digits(2)).\(fraction.digits(3))Z"
    }

    private var request: String {
        mutating get {
            let client = chance.frequent(below: 20_000)
            let address = "\(80 + client % 97).\(client / 97 % 251).\(client * 7 % 241).\(client * 13 % 239)"
            let user = chance.next(below: 3) == 0 ? "-" : "u\(10_000 + client * 31 % 50_000)"
            let path = "/\(chance.pick(Self.places))/\(chance.frequent(below: 80_000))"
            let method = chance.next(below: 8) == 0 ? "POST" : "GET"
            let status = chance.next(below: 20) == 0 ? chance.pick([301, 304, 400, 403, 404, 500, 503]) : 200
            return
                "nginx: \(address) - \(user) \"\(method) \(path) HTTP/1.1\" \(status) \(chance.frequent(below: 90_000))"
                + " 0.\(chance.frequent(below: 900).digits(3)) \"\(Self.agents[chance.frequent(below: Self.agents.count)])\""
                + " request=\(identity)\n"
        }
    }

    private var event: String {
        mutating get {
            let what = ["paid", "packed", "sent", "returned", "cancelled"][chance.frequent(below: 5)]
            let order = 400_000 + milliseconds / 9_000 - chance.frequent(below: 4_000)
            return "shop[\(1_200 + chance.next(below: 8))]: INFO order \(order) of customer"
                + " \(10_000 + chance.frequent(below: 50_000)) \(what), \(chance.next(below: 30_000)) cents,"
                + " trace=\(identity)\n"
        }
    }

    private mutating func error(to text: inout [UInt8]) {
        let title = prose.title(4, &chance)
        text += Array("shop[\(1_200 + chance.next(below: 8))]: ERROR \(title), trace=\(identity)\n".utf8)
        for depth in 0..<chance.next(in: 4..<12) {
            let function = chance.frequent(below: 600)
            text += Array(
                "    \(depth): shop.\(prose.title(1, &chance)).f\(function) (line \(function * 7 % 900))\n".utf8)
        }
    }

    /// Nobody can guess it.
    private var identity: String {
        mutating get {
            let digits = String(chance.number() >> 16, radix: 16)
            return String(repeating: "0", count: 12 - digits.count) + digits
        }
    }
}

extension Int {
    /// With zeros in front, to so many digits at least.
    fileprivate func digits(_ count: Int) -> String {
        let text = String(self)
        return text.count < count ? String(repeating: "0", count: count - text.count) + text : text
    }
}
