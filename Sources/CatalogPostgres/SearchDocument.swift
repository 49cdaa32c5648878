import Domain

/// Metadata as filters look at it, in a form that `jsonb` can hold whatever a client sent.
///
/// What is given back to clients is kept apart, as text, just as it came.
enum SearchDocument {
    /// The document as JSON text.
    static func text(_ metadata: JSONObject) -> String { JSONValue.object(normalized(metadata)).jsonText }

    /// A scalar a document's member is compared with, in the document's own form.
    static func normalized(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool: value
        case .number(let number): .number(normalized(number))
        case .string(let text): .string(StoredText.encode(text))
        case .array(let elements): .array(elements.map(normalized))
        case .object(let object): .object(normalized(object))
        }
    }

    private static func normalized(_ object: JSONObject) -> JSONObject {
        object.members.reduce(into: JSONObject()) { $0[StoredText.encode($1.name)] = normalized($1.value) }
    }

    /// An integer of 64 bits exactly, anything else as the nearest double: the server's numbers compare exactly, and so
    /// as numbers do elsewhere in Imago. What is beyond doubles stands for infinity.
    static func normalized(_ number: JSONNumber) -> JSONNumber {
        if let integer = Int64(number.text) { return JSONNumber(integer) }
        let double = number.double
        guard double.isFinite else { return double > 0 ? beyondDoubles : beneathDoubles }
        // Shortest digits keep the order of doubles among themselves. Among integers they don't, where doubles are
        // farther apart than 1.
        if abs(double) < 0x1p63, let integer = Int64(exactly: double) { return JSONNumber(integer) }
        return written("\(double)")
    }

    private static let beyondDoubles = written("1e400")
    private static let beneathDoubles = written("-1e400")

    private static func written(_ text: String) -> JSONNumber {
        guard let number = (try? JSONValue(parsing: text))?.number else {
            preconditionFailure("a double is written as no JSON number")
        }
        return number
    }
}
