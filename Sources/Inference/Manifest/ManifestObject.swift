import Domain

extension ModelError {
    static func manifest(_ message: String, detail: String? = nil) -> ModelError {
        ModelError(code: .manifestInvalid, message: message, detail: detail)
    }
}

/// One object of the manifest and where it stands, so that an error can name the member at fault.
struct ManifestObject {
    private let object: JSONObject
    /// Dotted names from the top; empty at the top.
    private let path: String

    init(parsing bytes: [UInt8]) throws(ModelError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, maximumDepth: 8)
        } catch {
            throw .manifest("The model manifest is not valid JSON.", detail: error.description)
        }
        guard let object = value.object else { throw .manifest("The model manifest is not a JSON object.") }
        self.object = object
        path = ""
    }

    private init(object: JSONObject, path: String) {
        self.object = object
        self.path = path
    }

    var names: [String] { object.names }

    func wrong(_ member: String, _ rule: String) -> ModelError {
        .manifest("In the model manifest, \(path)\(member) \(rule).")
    }

    private func value(_ member: String) throws(ModelError) -> JSONValue {
        guard let value = object[member] else { throw wrong(member, "is missing") }
        return value
    }

    func object(_ member: String) throws(ModelError) -> ManifestObject {
        guard let object = try value(member).object else { throw wrong(member, "must be an object") }
        return ManifestObject(object: object, path: "\(path)\(member).")
    }

    /// An object every member of which changes what a model computes, so one that is not known must not be passed over.
    func object(_ member: String, known: Set<String>) throws(ModelError) -> ManifestObject {
        let inner = try object(member)
        if let stranger = inner.names.first(where: { !known.contains($0) }) {
            throw .manifest("In the model manifest, \(path)\(member) has a member that is not known.", detail: stranger)
        }
        return inner
    }

    func string(_ member: String, longest: Int = 200) throws(ModelError) -> String {
        // A zero byte would end the name early where it is handed to C.
        guard let text = try value(member).string, !text.isEmpty, text.utf8.count <= longest, !text.utf8.contains(0)
        else { throw wrong(member, "must be a text of 1 to \(longest) bytes") }
        return text
    }

    func bool(_ member: String) throws(ModelError) -> Bool {
        guard let value = try value(member).bool else { throw wrong(member, "must be true or false") }
        return value
    }

    func integer(_ member: String, in range: ClosedRange<Int>) throws(ModelError) -> Int {
        guard let value = try value(member).number?.int, range.contains(value) else {
            throw wrong(member, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func number(_ member: String, in range: ClosedRange<Double>) throws(ModelError) -> Double {
        guard let value = try value(member).number?.double, range.contains(value) else {
            throw wrong(member, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func numbers(_ member: String, count: Int, in range: ClosedRange<Double>) throws(ModelError) -> [Double] {
        let values = try value(member).array?.compactMap { $0.number?.double }.filter(range.contains)
        guard let values, values.count == count, try value(member).array?.count == count else {
            throw wrong(member, "must be \(count) numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        return values
    }

    /// A value of a closed list.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ member: String) throws(ModelError) -> Choice {
        guard let choice = try value(member).string.flatMap(Choice.init(rawValue:)) else {
            throw wrong(member, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}
