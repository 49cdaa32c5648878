import ArgumentParser
import Workers

/// What the server starts for itself: a process that decodes images and can do nothing else.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Decode images for a server, which starts this itself.", shouldDisplay: false)

    @Flag(help: "For tests: let files order faults.")
    var takeFaults = false

    func run() { DecodingWorker.run(takesFaults: takeFaults) }
}
