import Domain

/// What a model folder's `manifest.json` says, checked.
public struct ModelManifest: Sendable, Hashable {
    /// What the rest of the service needs to know.
    public let model: ModelDescription
    public let summary: String
    public let source: String
    public let image: ImageGraph
    public let text: TextGraph
    /// Every file of the model other than the manifest, by name.
    public let files: [String: FileRecord]

    /// A graph file, and its weights where the format keeps them apart.
    public struct GraphFiles: Sendable, Hashable {
        /// `NAME.onnx`, or `NAME.xml` (OpenVINO IR).
        public let graph: String
        /// `NAME.bin` beside an IR graph; nil for ONNX.
        public let weights: String?
    }

    /// The graph that turns pixels, 1 x 3 x size x size, into an embedding, 1 x dimension.
    public struct ImageGraph: Sendable, Hashable {
        public let files: GraphFiles
        public let input: String
        public let output: String
    }

    /// The graph that turns token ids and, where it wants one, their mask, both rows x length, into embeddings,
    /// rows x dimension.
    public struct TextGraph: Sendable, Hashable {
        public let files: GraphFiles
        public let ids: String
        /// 1 for a token, 0 for padding; nil for a graph that takes none.
        public let mask: String?
        public let output: String
        public let tokenizer: TokenizerSettings
    }

    /// How text becomes token ids.
    public struct TokenizerSettings: Sendable, Hashable {
        public enum Kind: Sendable, Hashable {
            /// `wordpiece`: a `vocab.txt`, one token a line.
            case wordpiece(vocabulary: String, lowercase: Bool, stripAccents: Bool)
            /// `tokenizer.json`: a file that says all of it. `lowercase` is done before, for models whose file leaves
            /// it out.
            case file(String, lowercase: Bool, padding: Padding, paddingToken: String?)
        }

        /// What texts shorter than the context are filled up to.
        public enum Padding: String, Sendable, Hashable, CaseIterable {
            /// The longest text of the batch. The graph must not mind the padding: it has a mask, or each token sees
            /// only those before it.
            case longest
            case contextLength = "context_length"
        }

        public let kind: Kind
        /// The most tokens a text is cut to, special ones counted in.
        public let contextLength: Int
    }

    public struct FileRecord: Sendable, Hashable {
        public let bytes: Int
        /// 64 lower-case hexadecimal digits.
        public let sha256: String
    }

    /// Reads and checks a model folder. Blocks while it does.
    ///
    /// Every file must be a plain file of the folder itself (no link, no path) with the size the manifest gives.
    /// - Parameter verifyHashes: also read each file through and compare its SHA-256.
    public static func load(folder: String, verifyHashes: Bool = true) throws(ModelError) -> ModelManifest {
        let files = ModelFolder(path: folder)
        let manifest = try ModelManifest(json: try files.manifest())
        for (name, record) in manifest.files.sorted(by: { $0.key < $1.key }) {
            try files.check(name, record, hash: verifyHashes)
        }
        return manifest
    }
}
