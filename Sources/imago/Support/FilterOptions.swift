import ArgumentParser
import Domain
import ImagoClient

/// `--filter`, common to the commands that pick images.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only images that meet this; may be given several times.",
            discussion: """
                meta.FIELD=VALUE, or with an operation meta.FIELD[op]=VALUE (eq, ne, in, gt, gte, lt, lte, exists, prefix); \
                ids=A,B; indexing_status=2; content_type=image/png; uploaded_after=TIME; uploaded_before=TIME.
                """,
            valueName: "condition"))
    var filter: [String] = []

    func validate() throws {
        do {
            _ = try parsed()
        } catch { throw ValidationError(error.message) }
    }

    func parsed() throws(InvalidInput) -> RemoteFilter { try RemoteFilter(parsing: filter) }
}

extension Identifier: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
