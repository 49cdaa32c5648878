import Crypto
import Domain
import Foundation

@testable import Inference

/// A model folder of our own, made for one test out of tiny graphs whose answers the test can work out, removed after it.
final class TestModel {
    static let size = 16
    static let dimension = 4
    static let contextLength = 12
    /// Ids 0...15: the tiny text graphs have a table of 16 rows.
    static let tokens = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "red", "car", "dog", "##s", "snow", "##y", "!", "in", "the",
        "run",
    ]
    /// A folder around the model's, so that a test can place files outside it.
    let parent: String
    let folder: String
    private(set) var manifest: JSONValue

    /// - Parameters:
    ///   - image: a file of `Fixtures/graphs`, with its weights when it is IR.
    ///   - text: the same.
    init(image: String = "image.onnx", text: String = "text.onnx") throws {
        parent = FileManager.default.temporaryDirectory.appending(path: "imago-model-\(UUID().uuidString)").path
        folder = parent + "/model"
        manifest = Self.manifest(image: image, text: text)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for graph in [image, text] {
            try add(graph, try Fixtures.bytes("graphs/\(graph)"))
            guard graph.hasSuffix(".xml") else { continue }
            let weights = graph.dropLast(4) + ".bin"
            try add(String(weights), try Fixtures.bytes("graphs/\(weights)"))
        }
        try add("vocab.txt", Array(Self.tokens.joined(separator: "\n").utf8))
    }

    deinit { try? FileManager.default.removeItem(atPath: parent) }

    static func sha256(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hex }

    /// Loads the model, in full precision unless told otherwise.
    func encoder(_ options: EncoderOptions = EncoderOptions(precision: .f32)) async throws -> OpenVINOEncoder {
        // The folder lives as long as this object, which no caller need hold any longer than this call.
        defer { withExtendedLifetime(self) {} }
        return try await OpenVINOEncoder(folder: folder, options: options)
    }

    /// Writes a file and describes it in the manifest.
    func add(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
        try set(
            ["files", name],
            ["bytes": .number(JSONNumber(bytes.count)), "sha256": .string(SHA256.hash(data: bytes).hex)])
    }

    /// Changes a member of the manifest, or removes it.
    func set(_ path: [String], _ value: JSONValue?) throws {
        func changed(_ object: JSONValue?, _ path: ArraySlice<String>) -> JSONValue? {
            guard let name = path.first else { return value }
            var members = object?.object ?? [:]
            members[name] = changed(members[name], path.dropFirst())
            return .object(members)
        }
        manifest = changed(manifest, path[...])!
        try Data(manifest.jsonBytes).write(to: URL(filePath: folder + "/manifest.json"))
    }

    private static func manifest(image: String, text: String) -> JSONValue {
        [
            "format": 1, "id": "tiny-1", "name": "Tiny", "description": "Adds and averages.", "license": "Apache-2.0",
            "source": "make_graphs.py", "embedding_dimension": .number(JSONNumber(dimension)),
            "image": [
                "graph": .string(image), "input": "pixels", "output": "embedding",
                "size": .number(JSONNumber(size)), "resize": "squash", "interpolation": "bicubic", "crop": "none",
                "colour_order": "RGB", "layout": "NCHW", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.25, 0.5],
            ],
            "text": [
                "graph": .string(text), "inputs": ["ids": "input_ids", "mask": "attention_mask"],
                "output": "embedding",
                "tokenizer": [
                    "kind": "wordpiece", "vocabulary": "vocab.txt", "lowercase": true, "strip_accents": true,
                    "context_length": .number(JSONNumber(contextLength)),
                ],
            ],
            "calibration": ["kind": "logistic", "slope": 20, "intercept": -8], "files": [:],
        ]
    }
}

/// What the tiny graphs compute.
enum Expected {
    /// `weight` of `Fixtures/make_graphs.py`.
    static func weight(_ row: Int, _ column: Int) -> Float { Float((row * 7 + column * 3) % 11 + 1) / 10 }

    /// The sum of the tokens' rows.
    static func text(_ ids: [Int]) -> Embedding {
        Embedding(
            normalizing: (0..<TestModel.dimension).map { column in ids.reduce(0) { $0 + weight($1, column) } })!
    }

    /// The channels' means times the table.
    static func image(_ picture: PixelTensor) -> Embedding {
        let plane = picture.size * picture.size
        let means = (0..<3).map { channel in
            picture.values[channel * plane..<(channel + 1) * plane].reduce(0, +) / Float(plane)
        }
        return Embedding(
            normalizing: (0..<TestModel.dimension).map { column in
                (0..<3).reduce(0) { $0 + means[$1] * weight($1, column) }
            })!
    }
}

extension PixelTensor {
    /// A picture drawn by lot.
    static func random(size: Int, _ random: inout SplitMix64) -> PixelTensor {
        // A different mean for each channel, or all averages would be alike.
        let means = (0..<3).map { _ in Float(random.below(200)) / 100 - 1 }
        return PixelTensor(
            size: size,
            values: (0..<3 * size * size).map { means[$0 / (size * size)] + Float(random.below(1000)) / 2000 - 0.25 })
    }
}

extension Digest {
    var hex: String { ContentHash(bytes: self)!.hex }
}
