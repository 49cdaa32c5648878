import ArgumentParser
import Composition
import Domain
import ModelStore

struct ModelListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the models that are installed and those that can be fetched.",
        discussion: """
            R@1 is how often the right photo of COCO's test set comes first for a caption, in per cent, as published: --json \
            says by whom. An empty field means that no figure is known for certain.
            """)

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = Imago.modelStore(dataDirectory: try await folder.load().dataDirectory)
        let rows = Self.rows(installed: store.installed(), selected: store.selected)
        if output.json {
            printJSON(["models": .array(rows.map(\.json)), "in_use": .string(store.selected ?? builtInModelName)])
        } else {
            Self.table(rows).lines(for: .standardOutput).forEach { print($0) }
        }
    }

    /// A model as it is told of: installed, in the catalogue, or both.
    struct Row {
        let name: String
        var installed: ModelStore.Installed?
        var entry: CatalogueEntry?
        var isInUse = false
    }

    static func rows(installed: [ModelStore.Installed], selected: String?) -> [Row] {
        var rows = [Row(name: builtInModelName, isInUse: selected == nil)]
        for model in installed {
            rows.append(
                Row(
                    name: model.id, installed: model, entry: Catalogue.entry(named: model.id),
                    isInUse: model.id == selected))
        }
        let known = Set(installed.map(\.id))
        return rows + Catalogue.entries.filter { !known.contains($0.name) }.map { Row(name: $0.name, entry: $0) }
    }

    static func table(_ rows: [Row]) -> Table {
        var table = Table([
            .init("name"), .init("state"), .init("dim", .right), .init("pixels", .right), .init("R@1", .right),
            .init("languages"), .init("licence", isFlexible: true), .init("model", isFlexible: true),
        ])
        for row in rows {
            let model = row.installed?.manifest?.model
            table.add([
                row.name, row.state, (model?.embeddingDimension ?? row.entry?.dimension).map(String.init) ?? "",
                (model?.preprocessing.size ?? row.entry?.preprocessing.size).map(String.init) ?? "",
                row.entry?.figures.first.map { "\($0.value)" } ?? "", row.entry?.languages ?? "",
                row.entry?.license.name ?? model?.license ?? "", row.entry?.summary ?? model?.name ?? "",
            ])
        }
        return table
    }
}

extension ModelListCommand.Row {
    var state: String {
        if isInUse { return "in use" }
        if installed?.fault != nil { return "broken" }
        return installed != nil || name == builtInModelName ? "installed" : "can be fetched"
    }

    var json: JSONValue {
        let model = installed?.manifest?.model
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        func number(_ value: Int?) -> JSONValue { value.map { .number(JSONNumber($0)) } ?? .null }
        return [
            "name": .string(name), "installed": .bool(installed != nil || name == builtInModelName),
            "in_use": .bool(isInUse), "fault": text(installed?.fault),
            "bytes": number(installed.map(\.bytes)), "summary": text(entry?.summary ?? model?.name),
            "languages": text(entry?.languages), "license": text(entry?.license.name ?? model?.license),
            "license_url": text(entry?.license.url),
            "license_needs_consent": .bool(entry?.license.needsConsent ?? false),
            "repository": text(entry?.repository),
            "files": .array(entry?.files.map { .string($0.path) } ?? []),
            "dimension": number(model?.embeddingDimension ?? entry?.dimension),
            "pixels": number(model?.preprocessing.size ?? entry?.preprocessing.size),
            "calibration_source": text(entry?.calibrationSource),
            "figures": .array(
                entry?.figures.map {
                    [
                        "what": .string($0.what), "per_cent": .number(JSONNumber($0.value)),
                        "source": .string($0.source),
                    ]
                } ?? []),
        ]
    }
}
