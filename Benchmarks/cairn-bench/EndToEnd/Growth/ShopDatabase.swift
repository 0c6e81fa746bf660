import Posix
import SQLite

/// What a shop keeps: its customers, their orders, and what they wrote. New rows are asked for and changed most, some old ones too.
struct ShopDatabase {
    private let database: Connection
    private let prose = Prose()
    private var chance: Chance
    private let state: Int

    private enum Table: String {
        case customer, purchase, message
    }

    init(_ path: Path, state: Int) throws {
        self.state = state
        chance = Chance(state, of: 4)
        database = try Connection(path: path.string, mode: .create)
        // It has not to last, and this process is to stay small.
        try database.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -8192")
    }

    func close() { database.close() }

    /// Writes it anew without holes. The next change has other pages.
    func vacuum() throws { try database.execute("VACUUM") }

    /// Makes the tables and fills them up to a size.
    mutating func fill(_ byteCount: Int) throws {
        try database.execute(
            """
            CREATE TABLE customer(
                id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, street TEXT, city TEXT, joined TEXT);
            CREATE TABLE purchase(
                id INTEGER PRIMARY KEY, customer INTEGER, placed TEXT, status TEXT, cents INTEGER, items TEXT);
            CREATE TABLE message(id INTEGER PRIMARY KEY, customer INTEGER, sent TEXT, subject TEXT, body TEXT);
            CREATE INDEX purchase_customer ON purchase(customer, placed);
            CREATE INDEX purchase_status ON purchase(status);
            CREATE INDEX message_customer ON message(customer, sent);
            """)
        while try size() < byteCount { try transaction { shop throws(SQLiteError) in try shop.insert(250) } }
    }

    /// What a busy time leaves: new rows, changes of states and addresses, answers added to messages, customers who go.
    mutating func change() throws {
        let messages = Int(try last(.message))
        try transaction { shop throws(SQLiteError) in try shop.insert(messages / 200) }
        try transaction { shop throws(SQLiteError) in
            for _ in 0..<messages / 100 {
                try shop.run(
                    "UPDATE purchase SET status = ? WHERE id = ?", [.text(shop.status), .id(try shop.some(.purchase))])
            }
            for _ in 0..<messages / 250 {
                var answer = Array("\n> ".utf8)
                shop.prose.write(shop.chance.next(in: 50..<600), to: &answer, &shop.chance)
                try shop.run(
                    "UPDATE message SET body = body || ? WHERE id = ?",
                    [.text(String(decoding: answer, as: UTF8.self)), .id(try shop.some(.message))])
            }
            for _ in 0..<messages / 1_000 {
                try shop.run(
                    "UPDATE customer SET street = ?, city = ? WHERE id = ?",
                    [.text(shop.street), .text(shop.city), .id(try shop.some(.customer))])
            }
        }
        try transaction { shop throws(SQLiteError) in
            for _ in 0..<messages / 5_000 {
                let customer = try shop.any(.customer)
                for (table, column) in [("message", "customer"), ("purchase", "customer"), ("customer", "id")] {
                    try shop.run("DELETE FROM \(table) WHERE \(column) = ?", [.id(customer)])
                }
            }
        }
    }

    // MARK: Rows

    /// So many messages, and the orders and customers that come with them.
    private mutating func insert(_ count: Int) throws(SQLiteError) {
        for number in 0..<count {
            if number % 5 == 0 {
                let name = prose.title(2, &chance)
                let email =
                    "\(name.replacing(" ", with: ".")).\(chance.next(below: 1 << 40))@\(prose.title(1, &chance)).example"
                try run(
                    "INSERT INTO customer(name, email, street, city, joined) VALUES (?, ?, ?, ?, ?)",
                    [.text(name), .text(email), .text(street), .text(city), .text(time)])
            }
            for _ in 0..<2 {
                let customer = try some(.customer)
                try run(
                    "INSERT INTO purchase(customer, placed, status, cents, items) VALUES (?, ?, ?, ?, ?)",
                    [
                        .id(customer), .text(time), .text(status), .id(Int64(chance.next(in: 300..<90_000))),
                        .text(items),
                    ])
            }
            var body: [UInt8] = []
            prose.write(100 + chance.frequent(below: 4_000), to: &body, &chance)
            let customer = try some(.customer)
            let subject = prose.title(5, &chance)
            try run(
                "INSERT INTO message(customer, sent, subject, body) VALUES (?, ?, ?, ?)",
                [.id(customer), .text(time), .text(subject), .text(String(decoding: body, as: UTF8.self))])
        }
    }

    /// A row, and the newer the more often: whenever age doubles, as many are touched again.
    private mutating func some(_ table: Table) throws(SQLiteError) -> Int64 {
        let last = try last(table)
        return last - Int64(chance.frequent(below: max(1, Int(last))))
    }

    private mutating func any(_ table: Table) throws(SQLiteError) -> Int64 {
        1 + Int64(chance.next(below: max(1, Int(try last(table)))))
    }

    private func last(_ table: Table) throws(SQLiteError) -> Int64 {
        try database.statement("SELECT max(id) FROM \(table.rawValue)")
            .firstRow { row throws(SQLiteError) in row.integer(0) } ?? 0
    }

    private func size() throws(SQLiteError) -> Int {
        Int((try database.pragma("page_count") ?? 0) * (try database.pragma("page_size") ?? 0))
    }

    // MARK: Values

    private var status: String {
        mutating get { ["delivered", "sent", "paid", "open", "returned", "cancelled"][chance.frequent(below: 6)] }
    }

    private var street: String {
        mutating get { "\(prose.title(1, &chance)) street \(1 + chance.frequent(below: 300))" }
    }

    private var city: String {
        mutating get { "\(10_000 + chance.frequent(below: 80_000)) \(prose.title(1, &chance))" }
    }

    /// Each state has a day, the first all the years before.
    private var time: String {
        mutating get {
            let year = state == 0 ? 2_020 + chance.next(below: 6) : 2_026
            let day = state == 0 ? "\(chance.next(in: 10..<13))-\(chance.next(in: 10..<29))" : "01-\(state + 9)"
            return "\(year)-\(day)T\(chance.next(in: 10..<22)):\(chance.next(in: 10..<60)):\(chance.next(in: 10..<60))Z"
        }
    }

    private var items: String {
        mutating get {
            let items = (0..<chance.next(in: 1..<4)).map { _ in
                "{\"article\":\(chance.frequent(below: 20_000)),\"count\":\(1 + chance.frequent(below: 9)),"
                    + "\"name\":\"\(prose.title(3, &chance))\"}"
            }
            return "[\(items.joined(separator: ","))]"
        }
    }

    // MARK: Statements

    private enum Value {
        case id(Int64)
        case text(String)
    }

    private func run(_ sql: String, _ values: [Value]) throws(SQLiteError) {
        let statement = try database.statement(sql)
        for (index, value) in values.enumerated() {
            switch value {
            case .id(let number): try statement.bind(number, at: index + 1)
            case .text(let text): try statement.bind(text: text, at: index + 1)
            }
        }
        try statement.run()
    }

    private mutating func transaction(_ body: (inout ShopDatabase) throws(SQLiteError) -> Void) throws {
        try database.execute("BEGIN")
        try body(&self)
        try database.execute("COMMIT")
    }
}
