import Domain

/// A public model that this version knows how to fetch and run.
public struct CatalogueEntry: Sendable, Hashable {
    /// A file of the repository.
    public struct File: Sendable, Hashable {
        /// Its path there.
        public let path: String
        /// Its name here.
        public let name: String
        /// 64 hexadecimal digits; nil where only the hub's own record of it tells.
        public let sha256: String?

        init(_ path: String, as name: String, sha256: String? = nil) {
            self.path = path
            self.name = name
            self.sha256 = sha256
        }
    }

    public struct License: Sendable, Hashable {
        public let name: String
        public let url: String
        /// Whether it has terms that the person who installs the model must accept.
        public let needsConsent: Bool
    }

    /// A published measurement.
    public struct Figure: Sendable, Hashable {
        public let what: String
        /// Per cent.
        public let value: Double
        public let source: String
    }

    /// How text becomes the text graph's input.
    public struct Text: Sendable, Hashable {
        public let contextLength: Int
        public let paddingToken: String
        /// Whether texts are filled up to the context length, as the model was trained.
        public let fillsContext: Bool
        public let lowercase: Bool
    }

    /// Also the model's id once it is installed.
    public let name: String
    public let summary: String
    /// For people, for instance `English` or `over 100`.
    public let languages: String
    public let license: License
    public let repository: String
    public let image: File
    public let text: File
    public let tokenizer: File
    public let dimension: Int
    public let preprocessing: Preprocessing
    public let tokens: Text
    /// The score where nobody calibrated yet.
    public let calibration: ScoreCalibration
    /// Where `calibration` comes from.
    public let calibrationSource: String
    public let figures: [Figure]

    public var files: [File] { [image, text, tokenizer] }
}
