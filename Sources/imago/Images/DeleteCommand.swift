import ArgumentParser
import Domain
import Foundation
import ImagoClient

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete images, for good.",
        discussion: """
            On a terminal it asks first, unless --yes. By --filter and not on a terminal it needs --yes. What is deleted is what \
            the filter found when it was asked: images that come later stay. An id that is not there is an error; the others \
            are deleted all the same.

              imago delete ID ID
              imago delete --filter meta.camera_id=7 --filter uploaded_before=2025-01-01T00:00:00Z
            """)

    @Argument(help: "Images to delete.")
    var ids: [ImageID] = []

    @Flag(name: [.short, .long], help: "Don't ask.")
    var yes = false

    @OptionGroup var filters: FilterOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard ids.isEmpty != filters.filter.isEmpty else {
            throw ValidationError("Name images by their ids or by --filter, one of the two.")
        }
    }

    func run() async throws {
        let canAsk = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        guard yes || canAsk || filters.filter.isEmpty else {
            throw CommandFailure("deleting by filter needs --yes where nobody can be asked", status: ExitStatus.usage)
        }
        try await connection.withClient { client in
            let chosen = filters.filter.isEmpty ? ids : try await client.ids(matching: try filters.parsed())
            guard chosen.isEmpty || yes || !canAsk || confirm("Delete \(counted(chosen.count, "image")) for good?")
            else {
                throw CommandFailure("nothing was deleted")
            }
            let result = try await client.delete(chosen)
            if output.json {
                printJSON(Self.json(result))
            } else {
                for (id, error) in result.failed { print("\(id): \(printable(error.message))") }
                print("\(counted(result.deleted.count, "image")) deleted.")
            }
            if let (_, error) = result.failed.first {
                throw ExitCode(error.kind == .notFound ? ExitStatus.failed : CommandFailure(error).status)
            }
        }
    }

    static func json(_ result: DeletionResult) -> JSONValue {
        [
            "deleted": .array(result.deleted.map { .string($0.description) }),
            "failed": .array(
                result.failed.map { id, error in
                    [
                        "image_id": .string(id.description),
                        "error": ["code": error.code.map { .string($0) } ?? .null, "message": .string(error.message)],
                    ]
                }),
        ]
    }
}
