import Domain
import Foundation
import Testing

@testable import Inference

/// Tiny graphs in both formats, and what happens to graphs that are not what the manifest says.
@Suite struct GraphTests {
    /// What loading the model, and embedding one picture and one text with it, fails with.
    private func failure(_ model: TestModel) async -> ModelError? {
        do {
            let encoder = try await model.encoder()
            var random = SplitMix64(state: 1)
            _ = try await encoder.embed(images: [.random(size: TestModel.size, &random)])
            _ = try await encoder.embed(texts: ["a red car"])
            return nil
        } catch {
            return error as? ModelError ?? ModelError(code: .runtimeFailed, message: "\(error)")
        }
    }

    @Test(arguments: ["onnx", "xml"])
    func bothFormatsComputeWhatTheirGraphsSay(format: String) async throws {
        let model = try TestModel(image: "image.\(format)", text: "text.\(format)")
        let encoder = try await model.encoder()
        try await encoder.warmUp()
        #expect(encoder.model.id.rawValue == "tiny-1" && encoder.precisionName == "f32")
        #expect(encoder.runtimeVersion.hasPrefix("2026."))

        var random = SplitMix64(state: 11)
        let pictures = (0..<9).map { _ in PixelTensor.random(size: TestModel.size, &random) }
        for (picture, embedding) in zip(pictures, try await encoder.embed(images: pictures)) {
            #expect(embedding.similarity(to: Expected.image(picture)) > 0.99999)
        }
        let texts = ["a red car", "", "dogs in the snowy snow!", "a", "the car"]
        let ids = [[2, 5, 6, 7, 3], [2, 3], [2, 8, 9, 13, 14, 10, 11, 10, 12, 3], [2, 5, 3], [2, 14, 7, 3]]
        for (ids, embedding) in zip(ids, try await encoder.embed(texts: texts)) {
            #expect(embedding.similarity(to: Expected.text(ids)) > 0.99999)
        }
        #expect(try await encoder.embed(texts: []).isEmpty)
        #expect(try await encoder.embed(images: []).isEmpty)
    }

    @Test func aTextGraphOfOneSizeAndShortIntegersIsFilledUp() async throws {
        let encoder = try await TestModel(text: "text-fixed.onnx").encoder()
        let embeddings = try await encoder.embed(texts: ["a red car", "dogs"])
        #expect(embeddings[0].similarity(to: Expected.text([2, 5, 6, 7, 3])) > 0.99999)
        #expect(embeddings[1].similarity(to: Expected.text([2, 8, 9, 3])) > 0.99999)
    }

    @Test func aTextGraphShorterThanTheContextIsRefused() async throws {
        let model = try TestModel(text: "text-fixed.onnx")
        try model.set(["text", "tokenizer", "context_length"], 13)
        #expect(await failure(model)?.code == .graphMismatch)
    }

    @Test func numbersThatAreNoneAreAnError() async throws {
        let model = try TestModel(image: "image-nan.onnx")
        #expect(await failure(model)?.code == .outputInvalid)
        let encoder = try await model.encoder()
        await #expect(throws: ModelError.self) { try await encoder.warmUp() }
        // The other half is none the worse for it.
        #expect(try await encoder.embed(texts: ["a"]).count == 1)
    }

    @Test func aGraphOfAnotherDimensionIsRefused() async throws {
        #expect(await failure(try TestModel(image: "image-wide.onnx"))?.code == .graphMismatch)
        let model = try TestModel()
        try model.set(["embedding_dimension"], 5)
        #expect(await failure(model)?.code == .graphMismatch)
    }

    @Test func aDimensionFoundOutLateIsAnError() async throws {
        let error = await failure(try TestModel(text: "text-as-long-as-its-input.onnx"))
        #expect(error?.code == .outputInvalid)
        #expect(error?.message.contains("[1, 8] where [1, 4]") == true)
    }

    @Test func aPictureSizeOtherThanTheGraphsIsRefused() async throws {
        let model = try TestModel()
        try model.set(["image", "size"], 32)
        #expect(await failure(model)?.code == .graphMismatch)
    }

    @Test func aPictureOfAnotherSizeIsRefused() async throws {
        let encoder = try await TestModel().encoder()
        let picture = PixelTensor(size: 8, values: Array(repeating: 0, count: 192))
        await #expect(
            throws: ModelError(code: .inputInvalid, message: "A picture does not have the model's size, 16 pixels.")
        ) { try await encoder.embed(images: [picture]) }
    }

    @Test(arguments: [
        ["image", "input"], ["image", "output"], ["text", "inputs", "ids"], ["text", "inputs", "mask"],
        ["text", "output"],
    ])
    func aNameTheGraphDoesNotHaveIsRefused(path: [String]) async throws {
        let model = try TestModel()
        try model.set(path, "nothing")
        #expect(await failure(model)?.code == .graphMismatch)
    }

    @Test(arguments: ["image.onnx", "text.onnx", "image.xml", "image.bin"])
    func truncatedGraphsAreRefused(name: String) async throws {
        let format = name.hasSuffix(".onnx") ? "onnx" : "xml"
        let bytes = try Fixtures.bytes("graphs/\(name)")
        for kept in [1, bytes.count / 3, bytes.count / 2, bytes.count - 5] {
            let model = try TestModel(image: "image.\(format)", text: "text.\(format)")
            try model.add(name, Array(bytes.prefix(kept)))
            #expect(await failure(model) != nil, "\(name) cut to \(kept) of \(bytes.count) bytes")
        }
    }

    @Test func textForAGraphIsRefused() async throws {
        let model = try TestModel()
        try model.add("image.onnx", Array("Not a graph, whatever its name.".utf8))
        let error = await failure(model)
        #expect(error?.code == .graphUnreadable)
        #expect(error?.message.contains(model.folder) == false)
    }

    @Test func weightsOutsideTheFolderAreOutOfReach() async throws {
        let model = try TestModel(image: "image-weights-elsewhere.onnx")
        let weights = (0..<3).flatMap { row in (0..<4).map { Expected.weight(row, $0) } }
        try weights.withUnsafeBytes { Data($0) }.write(to: URL(filePath: model.parent + "/elsewhere.bin"))
        #expect(await failure(model)?.code == .graphUnreadable)
    }
}
