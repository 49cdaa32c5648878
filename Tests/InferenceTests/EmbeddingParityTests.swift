import Domain
import Foundation
import Imaging
import Testing

@testable import Inference

/// The catalogue's architectures with random weights, small, through the whole path of pictures and texts, against what the
/// reference pipelines computed (`training/random_models.py`).
@Suite struct EmbeddingParityTests {
    @Test(arguments: ["clip", "siglip", "siglip2", "xlm"])
    func embeddingsAreTheReferences(name: String) async throws {
        let golden = try JSONValue(parsing: try Fixtures.bytes("random/golden.json"))
        let spec = try #require(golden["models"]?[name])
        let model = try RandomModel(name, spec)
        defer { withExtendedLifetime(model) {} }
        let encoder = try await OpenVINOEncoder(
            folder: model.folder, options: EncoderOptions(precision: .f32, imageRequests: 1))

        let reader = try VipsImageReader()
        let wanted = spec["images"]!.array!.map(Self.embedding)
        for (number, file) in golden["pictures"]!.array!.enumerated() {
            let pixels = try await reader.pixels(
                path: "\(Fixtures.folder)/\(file.string!)", preprocessing: encoder.model.preprocessing)
            let got = try await encoder.embed(images: [pixels])[0]
            let similarity = got.similarity(to: wanted[number])
            #expect(similarity >= 0.999, "\(file.string!): \(similarity)")
            // The test can tell pictures apart.
            for other in wanted.indices where other != number { #expect(got.similarity(to: wanted[other]) < 0.99) }
        }

        let texts = golden["texts"]!.array!.map { $0.string! }
        let read = try await encoder.embed(texts: texts)
        for (number, row) in spec["texts"]!.array!.enumerated() {
            let similarity = read[number].similarity(to: Self.embedding(row))
            #expect(similarity >= 0.999, "\(texts[number]): \(similarity)")
        }
    }

    private static func embedding(_ row: JSONValue) -> Embedding {
        Embedding(normalizing: row.array!.map { Float($0.number!.double) })!
    }

    /// A model folder made of a random model's files, removed with the object.
    private final class RandomModel {
        let folder: String

        init(_ name: String, _ spec: JSONValue) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "imago-random-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let files = [
                ("image.onnx", "random/\(name)-image.onnx"), ("text.onnx", "random/\(name)-text.onnx"),
                ("tokenizer.json", "tokenizers/\(spec["tokenizer"]!.string!).json"),
            ]
            var records = JSONObject()
            for (file, source) in files {
                let bytes = try Fixtures.bytes(source)
                try Data(bytes).write(to: URL(filePath: "\(folder)/\(file)"))
                records[file] = [
                    "bytes": .number(JSONNumber(bytes.count)), "sha256": .string(TestModel.sha256(bytes)),
                ]
            }
            let inputs = spec["inputs"]!.array!
            var names: JSONObject = ["ids": inputs[0]]
            if inputs.count > 1 { names["mask"] = inputs[1] }
            let dimension = spec["texts"]!.array![0].array!.count
            let manifest: JSONValue = [
                "format": 1, "id": .string("random-\(name)"), "name": "Random", "description": "Random weights.",
                "license": "Apache-2.0", "source": "random_models.py",
                "embedding_dimension": .number(JSONNumber(dimension)),
                "image": [
                    "graph": "image.onnx", "input": spec["image_input"]!, "output": spec["image_output"]!,
                    "size": spec["size"]!, "resize": spec["resize"]!, "interpolation": spec["interpolation"]!,
                    "crop": spec["crop"]!, "colour_order": "RGB", "layout": "NCHW", "mean": spec["mean"]!,
                    "std": spec["std"]!,
                ],
                "text": [
                    "graph": "text.onnx", "inputs": .object(names), "output": spec["text_output"]!,
                    "tokenizer": [
                        "kind": "tokenizer.json", "file": "tokenizer.json", "lowercase": false,
                        "context_length": spec["context_length"]!, "padding": spec["padding"]!,
                        "padding_token": spec["padding_token"]!,
                    ],
                ],
                "calibration": ["kind": "logistic", "slope": 20, "intercept": -8], "files": .object(records),
            ]
            try Data(manifest.jsonBytes).write(to: URL(filePath: folder + "/manifest.json"))
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }
    }
}
