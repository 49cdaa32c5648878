import Domain
import Inference

/// Writes the manifest of a model that comes from the hub without one, from the catalogue and what its graphs say.
struct ManifestWriting {
    let entry: CatalogueEntry
    let image: GraphOutline
    let text: GraphOutline
    /// By name here.
    let files: [String: FileDigest]
    let source: String

    func manifest() throws(ModelStoreError) -> JSONValue {
        guard image.inputs.count == 1 else { throw unusable("its image graph has \(image.inputs.count) inputs") }
        let ids = try ids()
        var inputs: JSONObject = ["ids": .string(ids)]
        switch text.inputs.map(\.name).filter({ $0 != ids }) {
        case []: break
        case ["attention_mask"]: inputs["mask"] = "attention_mask"
        case let others: throw unusable("its text graph wants \(others.joined(separator: ", "))")
        }
        let pixels = entry.preprocessing
        func numbers(_ values: [Float]) -> JSONValue { .array(values.map { .number(JSONNumber(Double("\($0)")!)) }) }
        return [
            "format": 1, "id": .string(entry.name), "name": .string(entry.summary),
            "description": .string("\(entry.summary). Languages: \(entry.languages)."),
            "license": .string("\(entry.license.name), \(entry.license.url)"), "source": .string(source),
            "embedding_dimension": .number(JSONNumber(entry.dimension)),
            "image": [
                "graph": .string(entry.image.name), "input": .string(image.inputs[0].name),
                "output": .string(try output(image, "image")), "size": .number(JSONNumber(pixels.size)),
                "resize": .string(pixels.resize.rawValue), "interpolation": .string(pixels.interpolation.rawValue),
                "crop": .string(pixels.crop.rawValue), "colour_order": .string(pixels.colourOrder.rawValue),
                "layout": "NCHW", "mean": numbers(pixels.mean), "std": numbers(pixels.std),
            ],
            "text": [
                "graph": .string(entry.text.name), "inputs": .object(inputs),
                "output": .string(try output(text, "text")),
                "tokenizer": [
                    "kind": "tokenizer.json", "file": .string(entry.tokenizer.name),
                    "lowercase": .bool(entry.tokens.lowercase),
                    "context_length": .number(JSONNumber(entry.tokens.contextLength)),
                    "padding": entry.tokens.fillsContext ? "context_length" : "longest",
                    "padding_token": .string(entry.tokens.paddingToken),
                ],
            ],
            "calibration": [
                "kind": "logistic", "slope": .number(JSONNumber(entry.calibration.slope)),
                "intercept": .number(JSONNumber(entry.calibration.intercept)),
            ],
            "files": .object(records()),
        ]
    }

    private func records() -> JSONObject {
        var records = JSONObject()
        for (name, digest) in files.sorted(by: { $0.key < $1.key }) {
            records[name] = ["bytes": .number(JSONNumber(digest.bytes)), "sha256": .string(digest.sha256)]
        }
        return records
    }

    private func unusable(_ why: String) -> ModelStoreError {
        ModelStoreError(.unusable, "\(entry.name) can't be used: \(why)")
    }

    private func ids() throws(ModelStoreError) -> String {
        let names = text.inputs.map(\.name)
        guard let ids = names.count == 1 ? names[0] : names.first(where: { $0 == "input_ids" || $0 == "text" }) else {
            throw unusable("its text graph has no input for token ids")
        }
        return ids
    }

    /// The embedding among the outputs: by one of the names exports give it, or the only one of two axes.
    private func output(_ graph: GraphOutline, _ half: String) throws(ModelStoreError) -> String {
        let wanted = [
            "\(half)_embeds", "\(half)_embedding", "\(half)_features", "unnorm_\(half)_features", "embedding",
        ]
        let flat = graph.outputs.filter { port in
            port.axes.map { $0.count == 2 && ($0[1] == nil || $0[1] == entry.dimension) } ?? true
        }
        for name in wanted + ["pooler_output"] where flat.contains(where: { $0.name == name }) { return name }
        guard flat.count == 1 else { throw unusable("its \(half) graph has no output known as an embedding") }
        return flat[0].name
    }
}
