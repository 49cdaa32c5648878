/// A JSON value that gives back what it was given: object members keep their order and numbers their spelling.
///
/// Foundation's decoder loses both, and image metadata is promised to be "returned as given".
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// A number as it was written (RFC 8259 section 6), so that `1.10` and 20-digit integers survive a round trip.
public struct JSONNumber: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// The number's text, valid JSON.
    public let text: String

    init(validated text: String) { self.text = text }
    public init(_ value: Int) { text = String(value) }
    public init(_ value: Int64) { text = String(value) }
    /// A value that is not finite has no JSON spelling and becomes 0.
    public init(_ value: Double) {
        guard value.isFinite else { text = "0"; return }
        text = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
    public init(integerLiteral value: Int) { self.init(value) }
    public init(floatLiteral value: Double) { self.init(value) }

    /// The nearest double.
    public var double: Double { Double(text) ?? .nan }
    /// The value if it is an integer that fits; `7.0` and `7e0` count as 7.
    public var int: Int? {
        if let exact = Int(text) { return exact }
        return Int(exactly: double)
    }
}

/// The members of a JSON object in the order they were written. A repeated name keeps its last value.
public struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public private(set) var members: [(name: String, value: JSONValue)]
    private var positions: [Name: Int]

    /// A member's name, compared byte for byte: strings of Swift are equal where they are canonically equivalent, which
    /// would make one member of two.
    private struct Name: Hashable {
        let text: String
        init(_ text: String) { self.text = text }

        static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    public init() {
        members = []
        positions = [:]
    }

    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }

    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }
    public var names: [String] { members.map(\.name) }

    public subscript(name: String) -> JSONValue? {
        get { positions[Name(name)].map { members[$0].value } }
        set {
            switch (positions[Name(name)], newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                positions = Dictionary(uniqueKeysWithValues: members.enumerated().map { (Name($1.name), $0) })
            case (nil, let value?):
                positions[Name(name)] = members.count
                members.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// Equal as JSON objects are: the order of members does not matter.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(Set(members.map(\.name)))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    public init(floatLiteral value: Double) { self = .number(JSONNumber(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
    public init(nilLiteral: ()) { self = .null }
}

extension JSONValue {
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The member of that name, when this is an object that has one.
    public subscript(name: String) -> JSONValue? { object?[name] }
}
