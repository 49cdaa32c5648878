import ArgumentParser
import Composition

/// The root of the command line.
@main
struct ImagoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imago",
        abstract: "Store images, and find them again by describing them.",
        discussion: """
            Start a server, make a key, and use it:

              imago serve
              export IMAGO_API_KEY=$(imago keys create --account me)
              imago import ~/Pictures
              imago search "a red car"

            import, search, list, get, delete and status talk to a server over HTTP: to the one at IMAGO_URL \
            (http://127.0.0.1:8080 unless set) with the key in IMAGO_API_KEY. serve, keys, models, doctor and fsck work on a data \
            folder of this machine.

            Exit status: 0 done, 1 failed, 64 wrong usage, 69 no server or not now, 77 key missing or not valid, 130 stopped \
            by ctrl-C.
            """,
        version: Imago.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Images",
                subcommands: [
                    ImportCommand.self, SearchCommand.self, ListCommand.self, GetCommand.self, DeleteCommand.self,
                ]),
            CommandGroup(
                name: "Server",
                subcommands: [
                    ServeCommand.self, KeysCommand.self, ModelsCommand.self, StatusCommand.self, DoctorCommand.self,
                    FsckCommand.self,
                    VersionCommand.self,
                ]),
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            CommandFailure(error).exit(from: error)
        }
    }
}
