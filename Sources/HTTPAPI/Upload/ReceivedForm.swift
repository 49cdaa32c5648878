import Domain
import Library

/// One file of a request, in the blob store's temporary files or refused on its way there.
struct StagedFile: Sendable {
    /// Nil where the client gave none, or one that says nothing.
    let fileName: String?
    let outcome: Outcome

    enum Outcome: Sendable {
        case staged(StagedBlob)
        case refused(code: String, message: String)
    }

    var blob: StagedBlob? { if case .staged(let blob) = outcome { blob } else { nil } }
}

/// A request's files and its other fields, in the order they came.
struct ReceivedForm: Sendable {
    var files: [StagedFile] = []
    var fields: [(name: String, value: [UInt8])] = []

    /// The value of a field that may be given once.
    func single(_ name: String) throws(APIError) -> [UInt8]? {
        let values = fields.filter { $0.name == name }
        guard values.count < 2 else { throw .invalid("\(name) is given more than once", parameter: name) }
        return values.first?.value
    }

    /// Drops the files. Runs to its end even in a task that was cancelled.
    func discard(_ library: ImageLibrary) async {
        let blobs = files.compactMap(\.blob)
        guard !blobs.isEmpty else { return }
        await Task { await library.discard(blobs) }.value
    }
}
