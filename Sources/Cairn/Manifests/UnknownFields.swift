/// The fields of a JSON object that this version does not know.
struct UnknownFields: Hashable, Sendable {
    private var values: [String: JSONValue] = [:]

    init() {}

    /// Everything of an object but the fields of these names.
    init(_ decoder: any Decoder, except known: [String]) throws {
        let fields = try decoder.container(keyedBy: JSONKey.self)
        for key in fields.allKeys where !known.contains(key.stringValue) {
            values[key.stringValue] = try fields.decode(JSONValue.self, forKey: key)
        }
    }

    /// Adds them to an object.
    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: JSONKey.self)
        for (name, value) in values { try fields.encode(value, forKey: JSONKey(name)) }
    }
}

/// A field by its name, whatever it is.
struct JSONKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}
