import Posix
import Testing

@testable import CairnCommands

@Suite("JSON")
struct JSONTextTests {
    func text(_ json: JSONText) -> String { String(decoding: json.bytes, as: UTF8.self) }

    @Test("values are written in one line, fields in their order")
    func values() {
        let json: JSONText = [
            "b": [1, -2, true, false, .null], "a": ["n": .number(0.5), "i": .number(.infinity)], "e": [], "o": [:],
        ]
        #expect(text(json) == "{\"b\":[1,-2,true,false,null],\"a\":{\"n\":0.5,\"i\":null},\"e\":[],\"o\":{}}")
    }

    @Test("what JSON or a terminal would act on is escaped")
    func escapes() {
        #expect(text("a\"b\\c/\n\r\t") == "\"a\\\"b\\\\c/\\n\\r\\t\"")
        #expect(text("\0\u{1B}\u{7F}\u{9B}\u{2028}\u{202E}") == "\"\\u0000\\u001b\\u007f\\u009b\\u2028\\u202e\"")
        #expect(text("grün 🍏") == "\"grün 🍏\"")
    }

    @Test("a path that is not UTF-8 is also given exactly")
    func paths() {
        #expect(text(.object(JSONText.fields(of: "/a b", as: "path"))) == "{\"path\":\"/a b\"}")
        let odd = Path([0x2F, 0xFF, 0x62])
        #expect(
            text(.object(JSONText.fields(of: odd, as: "path"))) == "{\"path\":\"/\\\\xFFb\",\"path_base64\":\"L/9i\"}")
    }

    @Test("base64 pads to a multiple of four")
    func base64() {
        let cases = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE="]
        for (plain, coded) in cases { #expect(JSONText.base64(Array(plain.utf8)) == coded) }
    }
}
