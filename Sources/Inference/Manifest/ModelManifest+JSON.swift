import Domain

extension ModelManifest {
    /// The version of the manifest's own format that this code reads.
    static let format = 1
    static let largestFile = 16 << 30

    /// Reads the manifest's text, strictly: what is missing, unknown or out of range is an error.
    init(json bytes: [UInt8]) throws(ModelError) {
        let top = try ManifestObject(parsing: bytes)
        let format = try top.integer("format", in: 0...Int.max)
        guard format == Self.format else {
            throw .manifest("The model manifest has format \(format), and only \(Self.format) is known.")
        }
        let files = try Self.files(try top.object("files"))
        self.files = files

        let image = try top.object(
            "image",
            known: [
                "graph", "input", "output", "size", "resize", "interpolation", "crop", "colour_order", "layout", "mean",
                "std",
            ])
        let _: Layout = try image.choice("layout")
        self.image = ImageGraph(
            files: try Self.graph(image, files), input: try image.string("input"), output: try image.string("output"))
        text = try Self.text(try top.object("text", known: ["graph", "inputs", "output", "tokenizer"]), files)

        summary = try top.string("description", longest: 1000)
        source = try top.string("source", longest: 1000)
        let id = try top.string("id", longest: 64)
        guard id.utf8.allSatisfy(Self.isPlain) else {
            throw top.wrong("id", "may hold only letters, digits, '.', '_' and '-'")
        }
        model = ModelDescription(
            id: ModelID(rawValue: id), name: try top.string("name"),
            license: try top.string("license", longest: 1000),
            embeddingDimension: try top.integer("embedding_dimension", in: 1...8192),
            preprocessing: try Self.preprocessing(image),
            calibration: try Self.calibration(
                try top.object("calibration", known: ["kind", "slope", "intercept"])))
    }

    /// The order of the image input's axes.
    private enum Layout: String, CaseIterable { case nchw = "NCHW" }
    /// Platt's logistic function of the cosine.
    private enum CalibrationKind: String, CaseIterable { case logistic }

    private static func preprocessing(_ image: ManifestObject) throws(ModelError) -> Preprocessing {
        Preprocessing(
            size: try image.integer("size", in: 16...2048), resize: try image.choice("resize"),
            interpolation: try image.choice("interpolation"), crop: try image.choice("crop"),
            colourOrder: try image.choice("colour_order"),
            mean: try image.numbers("mean", count: 3, in: -1000...1000).map { Float($0) },
            std: try image.numbers("std", count: 3, in: 1e-6...1000).map { Float($0) })
    }

    private static func calibration(_ object: ManifestObject) throws(ModelError) -> ScoreCalibration {
        let _: CalibrationKind = try object.choice("kind")
        return ScoreCalibration(
            slope: try object.number("slope", in: 1e-6...1e6), intercept: try object.number("intercept", in: -1e6...1e6)
        )
    }

    private static func text(_ object: ManifestObject, _ files: [String: FileRecord]) throws(ModelError) -> TextGraph {
        let inputs = try object.object("inputs", known: ["ids", "mask"])
        return TextGraph(
            files: try graph(object, files), ids: try inputs.string("ids"),
            mask: inputs.names.contains("mask") ? try inputs.string("mask") : nil,
            output: try object.string("output"), tokenizer: try tokenizer(object, files))
    }

    private enum TokenizerKind: String, CaseIterable {
        case wordpiece
        case file = "tokenizer.json"
    }

    private static func tokenizer(
        _ text: ManifestObject, _ files: [String: FileRecord]
    ) throws(ModelError) -> TokenizerSettings {
        let kind: TokenizerKind = try text.object("tokenizer").choice("kind")
        switch kind {
        case .wordpiece:
            let object = try text.object(
                "tokenizer", known: ["kind", "vocabulary", "lowercase", "strip_accents", "context_length"])
            return TokenizerSettings(
                kind: .wordpiece(
                    vocabulary: try file(object, "vocabulary", files), lowercase: try object.bool("lowercase"),
                    stripAccents: try object.bool("strip_accents")),
                contextLength: try contextLength(object))
        case .file:
            let object = try text.object(
                "tokenizer", known: ["kind", "file", "lowercase", "context_length", "padding", "padding_token"])
            let hasToken = object.names.contains("padding_token")
            return TokenizerSettings(
                kind: .file(
                    try file(object, "file", files), lowercase: try object.bool("lowercase"),
                    padding: try object.choice("padding"),
                    paddingToken: hasToken ? try object.string("padding_token") : nil),
                contextLength: try contextLength(object))
        }
    }

    private static func contextLength(_ tokenizer: ManifestObject) throws(ModelError) -> Int {
        try tokenizer.integer("context_length", in: 3...4096)
    }

    private static func graph(
        _ object: ManifestObject, _ files: [String: FileRecord]
    ) throws(ModelError) -> GraphFiles {
        let name = try file(object, "graph", files)
        if name.hasSuffix(".onnx") { return GraphFiles(graph: name, weights: nil) }
        guard name.hasSuffix(".xml") else { throw object.wrong("graph", "must end in .onnx or .xml") }
        let weights = "\(name.dropLast(4)).bin"
        guard files[weights] != nil else { throw object.wrong("graph", "needs \(weights) among the files") }
        return GraphFiles(graph: name, weights: weights)
    }

    private static func file(
        _ object: ManifestObject, _ member: String, _ files: [String: FileRecord]
    ) throws(ModelError) -> String {
        let name = try object.string(member)
        guard files[name] != nil else { throw object.wrong(member, "names a file that is not among the files") }
        return name
    }

    private static func files(_ object: ManifestObject) throws(ModelError) -> [String: FileRecord] {
        guard object.names.count <= 64 else { throw .manifest("The model manifest lists more than 64 files.") }
        var files: [String: FileRecord] = [:]
        for name in object.names {
            guard name.utf8.count <= 128, name.first != ".", name.utf8.allSatisfy(isPlain), name != "manifest.json"
            else {
                throw .manifest("The model manifest lists a file whose name is not a plain file name.", detail: name)
            }
            let record = try object.object(name, known: ["bytes", "sha256"])
            let sha256 = try record.string("sha256")
            guard ContentHash(hex: sha256) != nil else {
                throw record.wrong("sha256", "must be 64 lower-case hexadecimal digits")
            }
            files[name] = FileRecord(bytes: try record.integer("bytes", in: 1...largestFile), sha256: sha256)
        }
        return files
    }

    /// What file names and ids are made of: nothing that could lead out of the folder.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
