import Domain
import Foundation
import Testing

@testable import Inference

@Suite struct ManifestTests {
    /// Loads the folder and expects it to be refused.
    private func refusal(_ model: TestModel, verifyHashes: Bool = true) -> ModelError? {
        defer { withExtendedLifetime(model) {} }
        do throws(ModelError) {
            _ = try ModelManifest.load(folder: model.folder, verifyHashes: verifyHashes)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatTheManifestSaysIsRead() throws {
        let model = try TestModel(image: "image.xml")
        let manifest = try withExtendedLifetime(model) { try ModelManifest.load(folder: model.folder) }
        #expect(manifest.model.id == ModelID(rawValue: "tiny-1"))
        #expect(manifest.model.name == "Tiny" && manifest.model.license == "Apache-2.0")
        #expect(manifest.model.embeddingDimension == 4)
        #expect(
            manifest.model.preprocessing
                == Preprocessing(
                    size: 16, resize: .squash, interpolation: .bicubic, crop: .none, colourOrder: .rgb,
                    mean: [0.5, 0.5, 0.5], std: [0.5, 0.25, 0.5]))
        #expect(manifest.model.calibration == ScoreCalibration(slope: 20, intercept: -8))
        #expect(manifest.image.files == .init(graph: "image.xml", weights: "image.bin"))
        #expect(manifest.text.files == .init(graph: "text.onnx", weights: nil))
        #expect(manifest.text.tokenizer.contextLength == 12)
    }

    /// One member changed or removed (nil), and the part of the message that names it.
    static let faults: [(path: [String], value: JSONValue?, named: String)] = [
        (["format"], 2, "format 2"), (["format"], nil, "format is missing"), (["id"], "../x", "id may hold only"),
        (["id"], "", "id must be a text"), (["name"], 7, "name must be a text"),
        (["license"], nil, "license is missing"),
        (["embedding_dimension"], 0, "embedding_dimension must be"),
        (["embedding_dimension"], 1_000_000, "embedding_dimension must be"),
        (["embedding_dimension"], 4.5, "embedding_dimension must be"),
        (["image"], [1], "image must be an object"), (["image", "size"], 100_000, "image.size must be"),
        (["image", "resize"], "stretch", "image.resize must be one of squash, shortest_side, longest_side_pad"),
        (["image", "interpolation"], "nearest", "image.interpolation must be one of"),
        (["image", "crop"], "left", "image.crop must be one of"), (["image", "crop"], nil, "image.crop is missing"),
        (["image", "colour_order"], "rgb", "image.colour_order must be one of RGB, BGR"),
        (["image", "layout"], "NHWC", "image.layout must be one of NCHW"),
        (["image", "mean"], [0.5, 0.5], "image.mean must be 3 numbers"),
        (["image", "mean"], [0.5, 0.5, "0.5"], "image.mean must be 3 numbers"),
        (["image", "std"], [0.5, 0, 0.5], "image.std must be 3 numbers"),
        (["image", "gamma"], 2.2, "image has a member that is not known"),
        (["image", "graph"], "vocab.txt", "image.graph must end in .onnx or .xml"),
        (["image", "graph"], "other.onnx", "image.graph names a file that is not among the files"),
        (["image", "graph"], "/etc/passwd", "image.graph names a file that is not among the files"),
        (["image", "input"], "pixels\u{0}x", "image.input must be a text"),
        (["text", "inputs", "types"], "t", "text.inputs has a member that is not known"),
        (
            ["text", "tokenizer", "kind"], "sentencepiece",
            "text.tokenizer.kind must be one of wordpiece, tokenizer.json"
        ),
        (["text", "tokenizer", "lowercase"], 1, "text.tokenizer.lowercase must be true or false"),
        (["text", "tokenizer", "context_length"], 2, "text.tokenizer.context_length must be"),
        (["text", "tokenizer", "context_length"], 1_000_000, "text.tokenizer.context_length must be"),
        (["calibration", "kind"], "isotonic", "calibration.kind must be one of logistic"),
        (["calibration", "slope"], -20, "calibration.slope must be"),
        (["calibration", "intercept"], .number(JSONNumber(1e300)), "calibration.intercept must be"),
        (["files", "../outside.bin"], ["bytes": 1, "sha256": "00"], "name is not a plain file name"),
        (["files", ".hidden"], ["bytes": 1, "sha256": "00"], "name is not a plain file name"),
        (["files", "vocab.txt", "sha256"], "XYZ", "files.vocab.txt.sha256 must be 64"),
        (["files", "vocab.txt", "bytes"], -1, "files.vocab.txt.bytes must be"),
        (["files", "vocab.txt", "bytes"], .number(JSONNumber(1 << 60)), "files.vocab.txt.bytes must be"),
    ]

    @Test(arguments: faults.indices)
    func aFaultInTheManifestIsNamed(fault: Int) throws {
        let (path, value, named) = Self.faults[fault]
        let model = try TestModel()
        try model.set(path, value)
        let error = try #require(refusal(model))
        #expect(error.code == .manifestInvalid)
        #expect(error.message.contains(named), "\(error)")
        #expect(!error.message.contains(model.folder))
    }

    @Test func aTokenizerFileIsRead() throws {
        let model = try TestModel()
        try model.add("tokenizer.json", Array("{}".utf8))
        let settings: JSONValue = [
            "kind": "tokenizer.json", "file": "tokenizer.json", "lowercase": true, "context_length": 64,
            "padding": "context_length", "padding_token": "<pad>",
        ]
        try model.set(["text", "tokenizer"], settings)
        try model.set(["text", "inputs", "mask"], nil)
        let text = try ModelManifest.load(folder: model.folder).text
        #expect(
            text.tokenizer.kind
                == .file("tokenizer.json", lowercase: true, padding: .contextLength, paddingToken: "<pad>"))
        #expect(text.tokenizer.contextLength == 64 && text.mask == nil)
        for (name, value) in [("padding", "left"), ("file", "other.json"), ("vocabulary", "vocab.txt")] {
            try model.set(["text", "tokenizer"], settings)
            try model.set(["text", "tokenizer", name], .string(value))
            #expect(refusal(model)?.message.contains("text.tokenizer") == true)
        }
    }

    @Test func irNeedsItsWeightsListed() throws {
        let model = try TestModel(image: "image.xml")
        try model.set(["files", "image.bin"], nil)
        #expect(refusal(model)?.message == "In the model manifest, image.graph needs image.bin among the files.")
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"format\":1}", String(repeating: "[", count: 100_000)])
    func whatIsNoManifestIsRefused(text: String) throws {
        let model = try TestModel()
        try Data(text.utf8).write(to: URL(filePath: model.folder + "/manifest.json"))
        #expect(refusal(model)?.code == .manifestInvalid)
    }

    @Test func aHugeManifestIsNotRead() throws {
        let model = try TestModel()
        try Data(count: 2 << 20).write(to: URL(filePath: model.folder + "/manifest.json"))
        #expect(refusal(model)?.message == "The model manifest is larger than 1048576 bytes.")
    }

    @Test func aFolderWithoutAManifestIsNoModel() throws {
        let model = try TestModel()
        try FileManager.default.removeItem(atPath: model.folder + "/manifest.json")
        #expect(refusal(model)?.code == .manifestMissing)
        try FileManager.default.createDirectory(
            atPath: model.folder + "/manifest.json", withIntermediateDirectories: false)
        #expect(refusal(model)?.code == .manifestMissing)
    }

    @Test func filesMustBeThereAndTheOnesDescribed() throws {
        let model = try TestModel()
        let path = model.folder + "/vocab.txt"
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        bytes[3] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        #expect(refusal(model)?.message == "The model's file vocab.txt does not have the SHA-256 the manifest says.")
        #expect(refusal(model, verifyHashes: false) == nil)

        try Data(bytes + [10]).write(to: URL(filePath: path))
        #expect(refusal(model, verifyHashes: false)?.code == .fileChanged)
        try FileManager.default.removeItem(atPath: path)
        #expect(refusal(model)?.code == .fileMissing)
    }

    @Test func linksFoldersAndPipesAreNoModelFiles() throws {
        let model = try TestModel()
        let path = model.folder + "/vocab.txt"
        let outside = model.parent + "/outside.txt"
        try FileManager.default.moveItem(atPath: path, toPath: outside)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: outside)
        #expect(refusal(model)?.code == .fileMissing)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(refusal(model)?.code == .fileMissing)
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(refusal(model)?.code == .fileMissing)
    }

    @Test func theStartersFilesAreTheOnesItsManifestDescribes() throws {
        let manifest = try ModelManifest.load(folder: Fixtures.starter)
        #expect(manifest.files.count >= 3)
    }
}
