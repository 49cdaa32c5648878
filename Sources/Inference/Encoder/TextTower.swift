import Domain

/// The half of a model that reads.
///
/// Texts of like length are computed together. Lengths and row counts are rounded up to a few sizes, so that the runtime
/// prepares for few shapes; the mask hides what fills them up, or the model knows texts filled up to one length.
final class TextTower: Sendable {
    private let runner: GraphRunner
    private let tokenizer: any TextTokenizer
    private let graph: ModelManifest.TextGraph
    private let dimension: Int
    private let element: TensorElement
    private let layout: TextBatchLayout

    /// Computations side by side. A second one lets a query pass while a long batch is being read.
    private static let width = 2

    init(
        folder: String, manifest: ModelManifest, tokenizer: any TextTokenizer, runtime: InferenceRuntime,
        properties: [String: String]
    ) async throws {
        graph = manifest.text
        dimension = manifest.model.embeddingDimension
        self.tokenizer = tokenizer
        var properties = properties
        properties["PERFORMANCE_HINT"] = "LATENCY"
        runner = try await GraphRunner.make(
            runtime, folder: folder, files: graph.files, properties: properties, width: Self.width)
        try runner.graph.expect(inputs: Set([graph.ids, graph.mask].compactMap(\.self)))
        let port = try runner.graph.input(graph.ids)
        guard port.axes.count == 2 else {
            throw ModelError(code: .graphMismatch, message: "The text graph's input \(graph.ids) is no rows of ids.")
        }
        layout = TextBatchLayout(
            fixedRows: port.axes[0],
            fixedLength: port.axes[1] ?? (tokenizer.fillsContext ? tokenizer.contextLength : nil),
            contextLength: tokenizer.contextLength)
        guard layout.fixedLength ?? tokenizer.contextLength >= tokenizer.contextLength else {
            throw ModelError(code: .graphMismatch, message: "The text graph takes fewer ids than the context length.")
        }
        element = port.element
        try runner.graph.expect(input: graph.ids, [.int32, .int64], [layout.fixedRows, layout.fixedLength])
        if let mask = graph.mask {
            try runner.graph.expect(input: mask, [element], [layout.fixedRows, layout.fixedLength])
        }
        try runner.graph.expect(output: graph.output, [layout.fixedRows, dimension])
    }

    func embed(_ texts: [String]) async throws -> [Embedding] {
        let tokens = try await runner.run { [tokenizer] _ in texts.map(tokenizer.ids) }
        var embeddings = [Embedding?](repeating: nil, count: texts.count)
        for batch in layout.batches(lengths: tokens.map(\.count)) {
            let rows = batch.texts.map { tokens[$0] }
            for (text, embedding) in zip(batch.texts, try await embed(rows, batch)) { embeddings[text] = embedding }
        }
        return embeddings.compactMap { $0 }
    }

    private func embed(_ rows: [[Int32]], _ batch: TextBatchLayout.Batch) async throws -> [Embedding] {
        try await runner.run { [graph, dimension, element, padding = tokenizer.padding] request in
            // Rows that only fill up are copies of the first: attention over nothing would divide by zero.
            let rows = rows + Array(repeating: rows[0], count: batch.rows - rows.count)
            let shape = [batch.rows, batch.length]
            let ids = rows.flatMap { $0 + Array(repeating: padding, count: batch.length - $0.count) }
            let mask = rows.flatMap { row in (0..<batch.length).map { Int32($0 < row.count ? 1 : 0) } }
            for (name, values) in [(Optional(graph.ids), ids), (graph.mask, mask)] {
                guard let name else { continue }
                if element == .int64 {
                    try request.set(name, element, shape: shape, values.map(Int64.init))
                } else {
                    try request.set(name, element, shape: shape, values)
                }
            }
            try request.run()
            let values = try request.output(graph.output, shape: [batch.rows, dimension])
            return try batch.texts.indices.map {
                try Embedding(computed: values[$0 * dimension..<($0 + 1) * dimension])
            }
        }
    }
}
