import Domain
import HummingbirdCore

/// A request's query string: names and values, percent-decoded, `+` as a blank (WHATWG URL, section 5.1).
struct QueryString: Sendable {
    let items: [(name: String, value: String)]

    init(_ uri: URI) {
        items = (uri.query ?? "").utf8.split(separator: UInt8(ascii: "&")).map { item in
            let pair = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decode(pair[0]), pair.count > 1 ? Self.decode(pair[1]) : "")
        }
    }

    /// The value of a parameter that may be given once.
    func single(_ name: String) throws(APIError) -> String? {
        let values = items.filter { $0.name == name }
        guard values.count < 2 else { throw .invalid("\(name) is given more than once", parameter: name) }
        return values.first?.value
    }

    func flag(_ name: String) throws(APIError) -> Bool {
        switch try single(name) {
        case nil, "false", "0": return false
        case "true", "1", "": return true
        default: throw .invalid("\(name) must be true or false", parameter: name)
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let text = try single(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .invalid(
                "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)", parameter: name)
        }
        return value
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(APIError) -> Choice? {
        guard let text = try single(name) else { return nil }
        guard let value = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("\(name) must be one of \(names)", parameter: name)
        }
        return value
    }

    private static func decode(_ text: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2).map { Character(Unicode.Scalar($0)).hexDigitValue }
                if digits.count == 2, let high = digits[0], let low = digits[1] {
                    bytes.append(UInt8(high << 4 | low))
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
