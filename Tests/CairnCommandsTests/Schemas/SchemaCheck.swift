import ChildProcess

/// Holds JSON against the schemas in Documentation/Schemas. It knows the part of JSON Schema that they use, and refuses others.
enum SchemaCheck {
    /// What is wrong with some JSON, each complaint a line; with `lines`, each line of it is one value.
    static func complaints(_ json: [UInt8], schema name: String, lines: Bool = false) throws -> String {
        let path = "\(root)/Documentation/Schemas/\(name).json"
        var child = ChildProcess(
            ChildProcess.find("python3") ?? "python3", ["-c", program, path, lines ? "lines" : "one"])
        child.input = json
        let outcome = try child.run()
        guard outcome.code == 0 else { throw ChildFailure(reason: outcome.errorText) }
        return outcome.outputText
    }

    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        .joined(separator: "/")

    private static let program = """
        import json, sys
        schema = json.load(open(sys.argv[1]))
        KNOWN = {"$schema", "title", "description", "$defs", "$ref", "oneOf", "const", "enum", "type", "required",
                 "properties", "additionalProperties", "items"}
        TYPES = {"object": dict, "array": list, "string": str, "null": type(None)}
        def fits(value, name):
            if name == "boolean": return isinstance(value, bool)
            if name in ("integer", "number"):
                return not isinstance(value, bool) and isinstance(value, int if name == "integer" else (int, float))
            return isinstance(value, TYPES[name])
        def check(value, s, place):
            assert set(s) <= KNOWN, set(s) - KNOWN
            if "$ref" in s: return check(value, schema["$defs"][s["$ref"].split("/")[-1]], place)
            if "oneOf" in s:
                tried = [check(value, one, place) for one in s["oneOf"]]
                fitting = [one for one in tried if not one]
                return [] if len(fitting) == 1 else [f"{place}: fits {len(fitting)} of {len(tried)}: {tried}"]
            if "const" in s and value != s["const"]: return [f"{place}: {value!r} is not {s['const']!r}"]
            if "enum" in s and value not in s["enum"]: return [f"{place}: {value!r} is none of {s['enum']}"]
            if "type" in s:
                names = s["type"] if isinstance(s["type"], list) else [s["type"]]
                if not any(fits(value, name) for name in names): return [f"{place}: {value!r} is no {names}"]
            found = []
            if isinstance(value, dict):
                found += [f"{place}: {key} is missing" for key in s.get("required", []) if key not in value]
                for key, one in value.items():
                    if key in s.get("properties", {}): found += check(one, s["properties"][key], f"{place}.{key}")
                    elif s.get("additionalProperties") is False: found.append(f"{place}: {key} is unknown")
            if isinstance(value, list) and "items" in s:
                for index, one in enumerate(value): found += check(one, s["items"], f"{place}[{index}]")
            return found
        data = sys.stdin.buffer.read()
        def once(pairs):
            names = [name for name, _ in pairs]
            for name in sorted({name for name in names if names.count(name) > 1}): print(name, "stands twice")
            return dict(pairs)
        texts = data.splitlines() if sys.argv[2] == "lines" else [data]
        values = [json.loads(text, object_pairs_hook=once) for text in texts]
        for value in values:
            for complaint in check(value, schema, "$"): print(complaint)
        if not values: print("no value")
        """
}
