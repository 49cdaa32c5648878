import Domain

/// A dual encoder read from a model folder and run by OpenVINO on the processor.
///
/// Pictures and texts have graphs, requests and threads of their own, so that a query never waits behind pictures.
/// All calls that block run on those threads.
public final class OpenVINOEncoder: ImageTextEncoder {
    public let model: ModelDescription
    /// The inference runtime's version, for instance `2026.4.1-22982-...`.
    public let runtimeVersion: String
    /// What graphs are computed in: `f32`, `bf16`, or `f32/bf16` where pictures and texts differ.
    public let precisionName: String
    /// How many pictures are in computation at once when all goes at full speed.
    public let imageRequests: Int
    private let images: ImageTower
    private let texts: TextTower

    /// Reads, checks and compiles the model.
    /// - Parameter folder: holds `manifest.json` and the files it names, each of which is compared with its SHA-256.
    /// - Throws: `ModelError`; `CancellationError` when the task was cancelled.
    public init(folder: String, options: EncoderOptions = EncoderOptions()) async throws {
        let (runtime, manifest, tokenizer, precisions) = try await WorkerThreads(count: 1).run {
            let manifest = try ModelManifest.load(folder: folder)
            let runtime = try InferenceRuntime()
            return (
                runtime, manifest, try manifest.text.tokenizer.load(folder: folder),
                try options.precision.resolved(for: runtime)
            )
        }
        // Texts are computed by transformers, for which the last is the fastest.
        let textPrecision = precisions[precisions.count - 1]
        var shared = ["INFERENCE_PRECISION_HINT": textPrecision]
        if let threads = options.threads { shared["INFERENCE_NUM_THREADS"] = String(threads) }
        if let cache = options.cacheFolder { shared["CACHE_DIR"] = cache }
        let properties = shared
        let memory = options.cacheFolder.map {
            PlanMemory(
                folder: $0,
                circumstances: [
                    manifest.model.id.rawValue, manifest.files[manifest.image.files.graph]?.sha256 ?? "",
                    precisions.joined(separator: ","),
                    properties["INFERENCE_NUM_THREADS"] ?? "all", runtime.version, runtime.processor,
                ])
        }
        async let images = ImageTower(
            folder: folder, manifest: manifest, runtime: runtime, properties: properties,
            precisions: precisions, streams: options.imageRequests, memory: memory)
        async let texts = TextTower(
            folder: folder, manifest: manifest, tokenizer: tokenizer, runtime: runtime, properties: properties)
        (self.images, self.texts) = try await (images, texts)
        model = manifest.model
        runtimeVersion = runtime.version
        let imagePrecision = self.images.plan.precision
        precisionName = imagePrecision == textPrecision ? textPrecision : "\(imagePrecision)/\(textPrecision)"
        imageRequests = self.images.plan.pictures
    }

    /// Runs each graph once, so that the first caller does not pay for the runtime's last preparations, and a graph that
    /// computes nonsense is found out before it serves.
    public func warmUp() async throws {
        let side = model.preprocessing.size
        let plain = PixelTensor(size: side, values: [Float](repeating: 0.5, count: 3 * side * side))
        async let images = images.embed([PixelTensor](repeating: plain, count: imageRequests))
        async let texts = texts.embed(["a photo"])
        _ = try await (images, texts)
    }

    /// One unit vector for each text, in order. Texts past the model's context length are truncated.
    /// - Throws: `ModelError`; `CancellationError` when the task was cancelled.
    public func embed(texts: [String]) async throws -> [Embedding] { try await self.texts.embed(texts) }

    /// One unit vector for each picture, in order. No more than `imageRequests` are computed side by side.
    /// - Throws: `ModelError`, `inputInvalid` for a picture of another size than the model's; `CancellationError` when
    ///   the task was cancelled.
    public func embed(images: [PixelTensor]) async throws -> [Embedding] { try await self.images.embed(images) }
}

extension EncoderOptions.Precision {
    /// The runtime's names of the precisions to choose from, the most exact first.
    fileprivate func resolved(for runtime: InferenceRuntime) throws(ModelError) -> [String] {
        switch self {
        case .f32: ["f32"]
        case .bf16: ["bf16"]
        case .automatic: try runtime.capabilities().contains("BF16") ? ["f32", "bf16"] : ["f32"]
        }
    }
}

extension ModelManifest.TokenizerSettings {
    private static let largestVocabulary = 64 << 20

    /// Reads the tokenizer's file.
    func load(folder: String) throws(ModelError) -> any TextTokenizer {
        let files = ModelFolder(path: folder)
        switch kind {
        case .wordpiece(let vocabulary, let lowercase, let stripAccents):
            return try WordPieceTokenizer(
                vocabulary: try files.contents(of: vocabulary, limit: Self.largestVocabulary), lowercase: lowercase,
                stripAccents: stripAccents, contextLength: contextLength)
        case .file(let name, let lowercase, let padding, let paddingToken):
            return try FileTokenizer(
                file: try files.contents(of: name, limit: Self.largestVocabulary), contextLength: contextLength,
                paddingToken: paddingToken, fillsContext: padding == .contextLength, lowercases: lowercase)
        }
    }
}

extension Embedding {
    /// - Throws: `outputInvalid` when what a graph computed has no direction.
    init(computed values: some Collection<Float>) throws(ModelError) {
        guard let embedding = Embedding(normalizing: Array(values)) else {
            throw ModelError(
                code: .outputInvalid, message: "A graph of the model computed zeros or numbers that are not finite.")
        }
        self = embedding
    }
}
