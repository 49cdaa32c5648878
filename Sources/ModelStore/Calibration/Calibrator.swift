import Domain
import Foundation

/// Fits a model's score on captioned pictures.
public struct Calibrator: Sendable {
    let encoder: any ImageTextEncoder
    let reader: any ImageReading
    /// As if one picture in so many matched a query.
    public var rarity = 50.0

    public struct Outcome: Sendable, Hashable {
        public let calibration: ScoreCalibration
        public let pictures: Int
        public let captions: Int
        /// Pictures that could not be read.
        public let unreadable: [String]
        /// Scores of pictures with their own captions, and with others', at the quarter points.
        public let matching: [Double]
        public let others: [Double]
    }

    /// Texts that no picture shows: they too must score low.
    static let nonsense = [
        "asdf qwer zxcv", "quarterly revenue guidance", "the square root of minus one", "terms and conditions apply",
        "segmentation fault core dumped", "blargh fnord wibble", "42", "null",
        "the concept of justice in ancient philosophy", "inflation rate forecast",
    ]
    /// So many pairs that don't match are enough; they are taken evenly.
    private static let mostOthers = 1_000_000

    public init(encoder: any ImageTextEncoder, reader: any ImageReading) {
        self.encoder = encoder
        self.reader = reader
    }

    /// - Parameters:
    ///   - folder: holds the pictures that the captions name.
    ///   - progress: pictures and captions embedded so far, of how many.
    /// - Throws: `unusable` when there are too few pictures, or they say nothing of the captions.
    public func calibrate(
        _ captions: CaptionFile, folder: String, progress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Outcome {
        let total = captions.files.count + captions.pairs.count
        var pictures: [String: Embedding] = [:]
        var unreadable: [String] = []
        for file in captions.files {
            do throws(ImageReadingError) {
                let pixels = try await reader.pixels(
                    path: "\(folder)/\(file)", preprocessing: encoder.model.preprocessing)
                pictures[file] = try await embed(pixels)
            } catch {
                if error.code == .unavailable, Task.isCancelled { throw CancellationError() }
                unreadable.append(file)
            }
            progress(pictures.count + unreadable.count, total)
        }
        let pairs = captions.pairs.filter { pictures[$0.file] != nil }
        guard pictures.count >= 10 else {
            throw ModelStoreError(.unusable, "only \(pictures.count) pictures could be read; ten are the least")
        }
        var texts: [Embedding] = []
        for start in stride(from: 0, to: pairs.count, by: 64) {
            try Task.checkCancellation()
            texts += try await encoder.embed(texts: pairs[start..<min(start + 64, pairs.count)].map(\.caption))
            progress(captions.files.count + texts.count, total)
        }
        let nonsense = try await encoder.embed(texts: Self.nonsense)
        return try fit(pairs.map(\.file), texts, nonsense, pictures, unreadable)
    }

    private func embed(_ pixels: PixelTensor) async throws(ImageReadingError) -> Embedding {
        do {
            return try await encoder.embed(images: [pixels])[0]
        } catch {
            throw ImageReadingError(
                code: .unavailable, message: "The picture could not be embedded.", detail: "\(error)")
        }
    }

    private func fit(
        _ files: [String], _ texts: [Embedding], _ nonsense: [Embedding], _ pictures: [String: Embedding],
        _ unreadable: [String]
    ) throws -> Outcome {
        let order = pictures.keys.sorted()
        let matching = zip(files, texts).map { pictures[$0]!.similarity(to: $1) }
        // Every so many-th pair of all, so that all texts and pictures take part.
        let step = max(1, texts.count * order.count / Self.mostOthers)
        var others: [Float] = []
        for pair in stride(from: 0, to: texts.count * order.count, by: step) {
            let (text, picture) = (pair / order.count, order[pair % order.count])
            if files[text] != picture { others.append(pictures[picture]!.similarity(to: texts[text])) }
        }
        for text in nonsense { others += order.map { pictures[$0]!.similarity(to: text) } }
        guard let calibration = CalibrationFit.fit(matching: matching, others: others, rarity: rarity) else {
            throw ModelStoreError(
                .unusable, "the captions are no nearer to their own pictures than to others: nothing can be fitted")
        }
        func quarters(_ cosines: [Float]) -> [Double] {
            let sorted = cosines.sorted()
            return [0.25, 0.5, 0.75].map {
                calibration.score(similarity: sorted[Int($0 * Double(sorted.count - 1))])
            }
        }
        return Outcome(
            calibration: calibration, pictures: pictures.count, captions: texts.count, unreadable: unreadable,
            matching: quarters(matching), others: quarters(others))
    }
}

extension ModelStore {
    /// Writes the score's two numbers into the manifest of a model folder, in one step.
    public static func write(_ calibration: ScoreCalibration, toModelIn folder: String) throws {
        let path = folder + "/manifest.json"
        var manifest = try ModelFolderManifest.read(path)
        manifest["calibration"] = [
            "kind": "logistic", "slope": .number(JSONNumber((calibration.slope * 1e4).rounded() / 1e4)),
            "intercept": .number(JSONNumber((calibration.intercept * 1e4).rounded() / 1e4)),
        ]
        try Disk.write(JSONValue.object(manifest).indentedJSON, to: path)
    }
}

private enum ModelFolderManifest {
    static func read(_ path: String) throws(ModelStoreError) -> JSONObject {
        do {
            let bytes = try readFile(path)
            if let object = try JSONValue(parsing: bytes).object { return object }
        } catch {}
        throw ModelStoreError(.folderFailed, "\(path) can't be read")
    }

    private static func readFile(_ path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: path)))
    }
}
