import ArgumentParser
import Composition

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server.",
        discussion: """
            Each setting can be a flag, an environment variable or a line of the file named by --config, in this order of \
            precedence. SIGTERM and ctrl-C stop it in good order: requests under way are answered, work that is queued is kept.
            """)

    @OptionGroup var settings: ConfigurationOptions

    func run() async throws {
        try await Imago.serve(try await settings.load())
    }
}
