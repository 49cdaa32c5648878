import ArgumentParser
import Domain
import Foundation
import ImagoClient

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find images by describing them, or by example.",
        discussion: """
              imago search "a red car at night"
              imago search "a dog" --filter meta.camera_id=7 --threshold 0.5
              imago search --image example.jpg
              imago search "with snow" --like 0198b2c4-...

            The score is how likely an image is what you look for, 0 to 1.
            """)

    @Argument(help: "What to look for, in words.")
    var query: String?

    @Option(help: "The most images to show, 1 to 200.")
    var limit = 10

    @Option(help: "Least score, 0 to 1.")
    var threshold: Double?

    @Option(help: ArgumentHelp("An image file to find more like.", valueName: "file"), completion: .file())
    var image: String?

    @Option(help: ArgumentHelp("An uploaded image to find more like.", valueName: "id"))
    var like: ImageID?

    @OptionGroup var filters: FilterOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let text = query?.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text?.isEmpty == false || (query == nil && (image != nil || like != nil)) else {
            throw ValidationError("Say what to look for: words, --image FILE or --like ID.")
        }
        guard image == nil || like == nil else { throw ValidationError("Give --image or --like, not both.") }
        guard (1...200).contains(limit) else { throw ValidationError("--limit must be 1 to 200.") }
        guard threshold.map((0...1).contains) ?? true else { throw ValidationError("--threshold must be 0 to 1.") }
    }

    func run() async throws {
        var request = SearchRequest(
            text: query, like: like, limit: limit, threshold: threshold, filter: try filters.parsed())
        if let image { request.image = try await ImagoClient.example(path: image) }
        let answer = try await connection.withClient { [request] in try await $0.search(request) }
        if output.json {
            printJSON(answer.json)
        } else if answer.hits.isEmpty {
            print("Nothing found.")
        } else {
            Self.table(answer.hits).lines(for: .standardOutput).forEach { print($0) }
        }
    }

    static func table(_ hits: [SearchHit], zone: TimeZone = .current) -> Table {
        var table = Table([
            .init("score", .right), .init("id"), .init("uploaded"), .init("metadata", isFlexible: true),
        ])
        for hit in hits {
            table.add([
                String(format: "%.3f", hit.score), hit.id.description, formatted(time: hit.uploadedAt, zone: zone),
                summary(of: hit.metadata),
            ])
        }
        return table
    }
}

/// Metadata in a line: the caption first, then fields as they were given.
func summary(of metadata: JSONObject) -> String {
    let caption = metadata["caption"]?.string.map { [$0] } ?? []
    let others = metadata.members.filter { $0.name != "caption" || $0.value.string == nil }
        .map { "\($0.name)=\($0.value.string ?? $0.value.jsonText)" }
    return (caption + others).joined(separator: "  ")
}
