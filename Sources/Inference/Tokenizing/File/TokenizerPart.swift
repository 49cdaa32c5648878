import Domain

/// One object of a `tokenizer.json`, read strictly: a member or a kind that is not known is an error that names it, for
/// passing over it would give other ids than the reference.
struct TokenizerPart {
    let object: JSONObject
    /// What the part is, for errors: `normalizer`, `model`, ...
    let place: String

    init(_ object: JSONObject, _ place: String) {
        self.object = object
        self.place = place
    }

    static func fault(_ text: String) -> ModelError {
        ModelError(code: .fileInvalid, message: "The model's tokenizer can't be used: \(text).")
    }

    func fault(_ text: String) -> ModelError { Self.fault("its \(place) \(text)") }

    /// `type`, with the members that this kind may have checked.
    func type(_ kinds: [String: Set<String>]) throws(ModelError) -> String {
        let type = try string("type")
        guard let known = kinds[type] else { throw fault("is of a kind that is not known, \(type)") }
        try expect(known.union(["type"]), in: type)
        return type
    }

    func expect(_ known: Set<String>, in type: String) throws(ModelError) {
        if let stranger = object.names.first(where: { !known.contains($0) }) {
            throw fault("\(type) has a member that is not known, \(stranger)")
        }
    }

    /// The member, unless it is missing or null.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    func string(_ name: String) throws(ModelError) -> String {
        guard let text = value(name)?.string else { throw fault("needs the text \(name)") }
        return text
    }

    func string(_ name: String, default standard: String) throws(ModelError) -> String {
        value(name) == nil ? standard : try string(name)
    }

    func bool(_ name: String, default standard: Bool) throws(ModelError) -> Bool {
        guard let value = value(name) else { return standard }
        guard let truth = value.bool else { throw fault("needs true or false for \(name)") }
        return truth
    }

    func scalar(_ name: String) throws(ModelError) -> Unicode.Scalar {
        let scalars = Scalars(try string(name))
        guard scalars.count == 1 else { throw fault("needs one character for \(name)") }
        return scalars[0]
    }

    func choice<Choice: RawRepresentable<String>>(_ name: String) throws(ModelError) -> Choice {
        let text = try string(name)
        guard let choice = Choice(rawValue: text) else { throw fault("has a \(name) that is not known, \(text)") }
        return choice
    }

    /// A member that is an object.
    func part(_ name: String, _ place: String) throws(ModelError) -> TokenizerPart? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw fault("needs an object for \(name)") }
        return TokenizerPart(object, place)
    }

    /// A member that is a list of objects.
    func parts(_ name: String) throws(ModelError) -> [TokenizerPart] {
        guard let list = value(name)?.array else { throw fault("needs the list \(name)") }
        return try list.map { (value) throws(ModelError) in
            guard let object = value.object else { throw fault("needs objects in \(name)") }
            return TokenizerPart(object, place)
        }
    }

    /// `{"String": ...}` or `{"Regex": ...}`.
    func pattern() throws(ModelError) -> Pattern {
        guard let kind = try part("pattern", place) else { throw fault("needs a pattern") }
        try kind.expect(["String", "Regex"], in: "pattern")
        if let literal = kind.value("String")?.string { return Pattern(literal: Scalars(literal)) }
        let text = try kind.string("Regex")
        do throws(PatternFault) {
            return try Pattern(text)
        } catch {
            throw fault("has a pattern that \(error.reason): \(text)")
        }
    }
}
