import ArgumentParser
import Composition
import Domain
import ModelStore

struct ModelAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Install a model from a folder with a manifest.json.",
        discussion: "The folder is copied. The model is loaded and run once before it counts as installed.")

    @Argument(help: "The model's folder.", completion: .directory)
    var path: String

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = Imago.modelStore(dataDirectory: try await folder.load().dataDirectory)
        let id = try await store.add(path, validate: { try await Imago.tryOut(model: $0) })
        if output.json {
            printJSON(["status": "success", "name": .string(id)])
        } else {
            print("\(id) is installed. 'imago models use \(id)' chooses it.")
        }
    }
}

struct ModelVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare the files of installed models with their checksums.",
        discussion: "Exits with 1 when a file is missing or another one.")

    @Argument(help: "The model; all of them where none is named.")
    var name: String?

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = Imago.modelStore(dataDirectory: try await folder.load().dataDirectory)
        var results: [(id: String, fault: String?)] = []
        for id in name.map({ [$0] }) ?? store.installed().map(\.id) {
            do {
                try store.verify(id)
                results.append((id, nil))
            } catch let error as ModelStoreError {
                throw error
            } catch {
                results.append((id, "\(error)"))
            }
        }
        if output.json {
            printJSON([
                "models": .array(
                    results.map { result in
                        [
                            "name": .string(result.id), "ok": .bool(result.fault == nil),
                            "fault": result.fault.map { .string($0) } ?? .null,
                        ]
                    })
            ])
        } else {
            for (id, fault) in results { print("\(id): \(printable(fault ?? "in order"))") }
            if results.isEmpty { print("No models are installed beside the built-in one.") }
        }
        if results.contains(where: { $0.fault != nil }) { throw ExitCode(ExitStatus.failed) }
    }
}

struct ModelUseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Choose the model that the server starts with.",
        discussion: """
            Takes effect when the server is started again; images are then embedded with the chosen model before they are found. \
            '\(builtInModelName)' is the built-in model.
            """)

    @Argument(help: "An installed model, or \(builtInModelName).")
    var name: String

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = Imago.modelStore(dataDirectory: try await folder.load().dataDirectory)
        try store.select(name == builtInModelName ? nil : name)
        if output.json {
            printJSON(["status": "success", "in_use": .string(name)])
        } else {
            print("The server starts with \(name) from now on.")
        }
    }
}

struct ModelRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Delete an installed model's files.",
        discussion: "The model in use stays: choose another first. Vectors made with it are kept.")

    @Argument(help: "The model.")
    var name: String

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = Imago.modelStore(dataDirectory: try await folder.load().dataDirectory)
        try store.remove(name)
        if output.json {
            printJSON(["status": "success", "removed": .string(name)])
        } else {
            print("\(name) is removed.")
        }
    }
}
