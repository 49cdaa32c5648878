import ArgumentParser

struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Fetch, check, choose and calibrate the models that index and search.",
        discussion: """
            Models are kept in the folder models of the data folder. pull fetches one of the catalogue from a hub: \
            HF_ENDPOINT names another than huggingface.co, HF_TOKEN is the access token. A running server goes on with its \
            model until it is started again.

              imago models list
              imago models pull siglip2-b-16-256
              imago models use siglip2-b-16-256
            """,
        subcommands: [
            ModelListCommand.self, ModelPullCommand.self, ModelAddCommand.self, ModelVerifyCommand.self,
            ModelUseCommand.self, ModelRemoveCommand.self, ModelCalibrateCommand.self,
        ])
}

/// What the server's start takes when none of the store's models was chosen.
let builtInModelName = "built-in"
