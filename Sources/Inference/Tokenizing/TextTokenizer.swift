/// Turns text into the ids that a text graph takes.
protocol TextTokenizer: Sendable {
    /// The most ids a text is cut to, special ones counted in.
    var contextLength: Int { get }
    /// What fills up the shorter texts of a batch.
    var padding: Int32 { get }
    /// Whether every text is filled up to `contextLength`, since the model was trained so and takes no mask.
    var fillsContext: Bool { get }

    /// At most `contextLength` ids.
    func ids(_ text: String) -> [Int32]
}

extension WordPieceTokenizer: TextTokenizer {
    var fillsContext: Bool { false }
}

/// Text as the reference tokenizers see it: code points. Swift's own comparison of strings takes canonically equivalent
/// texts for equal, which vocabularies tell apart.
typealias Scalars = [Unicode.Scalar]

extension Array<Unicode.Scalar> {
    init(_ text: String) { self = Array(text.unicodeScalars) }

    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: self)
        return String(view)
    }
}

extension Sequence<Unicode.Scalar> {
    /// The text in UTF-8.
    var utf8: [UInt8] {
        var bytes: [UInt8] = []
        for scalar in self {
            if scalar.isASCII { bytes.append(UInt8(scalar.value)) } else { bytes += UTF8.encode(scalar)! }
        }
        return bytes
    }
}
