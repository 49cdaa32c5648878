import ArgumentParser
import Domain
import Foundation
import ImagoClient

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List images, newest first.",
        discussion: """
              imago list --limit 100
              imago list --filter meta.camera_id=7 --filter uploaded_after=2026-01-01T00:00:00Z
              imago list --sort size_bytes --json | jq -r '.results[].image_id'
            """)

    @Option(help: "The most images to show, 1 to 1000.")
    var limit = 20

    @Option(help: "Where the page before ended: next_cursor of its JSON, or the last line of its table.")
    var cursor: String?

    @Option(help: "Sort by upload_timestamp, recorded_timestamp_utc or size_bytes.")
    var sort = ImageQuery.Sort.uploadTimestamp

    @Option(help: "asc or desc.")
    var order = ImageQuery.Order.descending

    @OptionGroup var filters: FilterOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000.") }
    }

    func run() async throws {
        let request = ListRequest(
            filter: try filters.parsed(), sort: sort, order: order, limit: limit, cursor: cursor)
        let page = try await connection.withClient { try await $0.images(request) }
        if output.json {
            printJSON(page.json)
        } else {
            Self.lines(page, terminal: .standardOutput).forEach { print($0) }
        }
    }

    static func lines(_ page: RemotePage, terminal: Terminal, zone: TimeZone = .current) -> [String] {
        guard !page.images.isEmpty else { return ["No images."] }
        var table = Table([
            .init("id"), .init("uploaded"), .init("state"), .init("type"), .init("size", .right),
            .init("pixels", .right), .init("metadata", isFlexible: true),
        ])
        for image in page.images {
            table.add([
                image.id.description, formatted(time: image.uploadedAt, zone: zone), image.status.words,
                image.contentType.map { $0.replacing("image/", with: "") } ?? "",
                image.sizeBytes.map { formatted(bytes: Double($0)) } ?? "",
                image.width.flatMap { width in image.height.map { "\(width)x\($0)" } } ?? "",
                summary(of: image.metadata),
            ])
        }
        var lines = table.lines(for: terminal)
        if let total = page.total, total > page.images.count || page.nextCursor != nil {
            lines.append(terminal.styled("\(page.images.count) of \(counted(total, "image"))", .faint))
        }
        if let cursor = page.nextCursor { lines.append(terminal.styled("next: --cursor \(printable(cursor))", .faint)) }
        return lines
    }
}

extension ImageQuery.Sort: ExpressibleByArgument {}
extension ImageQuery.Order: ExpressibleByArgument {}
