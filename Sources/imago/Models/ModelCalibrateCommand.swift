import ArgumentParser
import Composition
import Domain
import Foundation
import ModelStore

struct ModelCalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Fit a model's score on a folder of captioned images.",
        discussion: """
            The score of a match is 1 / (1 + exp(-(slope * cosine + intercept))). The captions are a text file: on each line a \
            file's name, a tab and a caption. Hundreds of images give a steady result. The fit is written to the manifest of an \
            installed model; of any other it is printed.

              imago models calibrate siglip2-b-16-256 --captions captions.tsv --images photos/
            """)

    @Argument(help: "The model: an installed one, \(builtInModelName), or a model's folder.")
    var model: String

    @Option(help: ArgumentHelp("The file of captions.", valueName: "file"), completion: .file())
    var captions: String

    @Option(help: ArgumentHelp("The folder of the images.", valueName: "folder"), completion: .directory)
    var images: String

    @Option(help: "As if one image in so many matched a query.")
    var rarity = 50.0

    @Flag(help: "Only print the result.")
    var dryRun = false

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard rarity > 1, rarity <= 1e6 else { throw ValidationError("--rarity must be more than 1, at most 1000000.") }
    }

    func run() async throws {
        let store = Imago.modelStore(dataDirectory: try await folder.load().dataDirectory)
        let installed = store.installed(model)
        let path = try installed?.folder ?? (model == builtInModelName ? Imago.builtInModel() : model)
        guard let text = try? String(contentsOfFile: captions, encoding: .utf8) else {
            throw CommandFailure("can't read the captions \(captions)", status: ExitStatus.usage)
        }
        let terminal = Terminal.standardError
        let outcome = try await Imago.calibrate(
            model: path, captions: try CaptionFile(text), pictures: images, rarity: rarity,
            progress: { done, total in
                guard terminal.isInteractive, done % 16 == 0 || done == total else { return }
                let line = done == total ? "" : "\(done) of \(total) embedded"
                FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
            })
        let isWritten = installed != nil && !dryRun
        if isWritten { try ModelStore.write(outcome.calibration, toModelIn: path) }
        if output.json {
            printJSON(Self.json(outcome, isWritten: isWritten))
        } else {
            Self.lines(outcome, isWritten: isWritten).forEach { print($0) }
        }
    }

    static func lines(_ outcome: Calibrator.Outcome, isWritten: Bool) -> [String] {
        func quarters(_ values: [Double]) -> String {
            values.map { String(format: "%.3f", $0) }.joined(separator: "  ")
        }
        var lines = [
            String(
                format: "slope %.4f, intercept %.4f", outcome.calibration.slope, outcome.calibration.intercept),
            "from \(counted(outcome.pictures, "image")) and \(counted(outcome.captions, "caption"))",
            "scores at the quarter points:",
            "  own captions     \(quarters(outcome.matching))", "  others' captions \(quarters(outcome.others))",
        ]
        if !outcome.unreadable.isEmpty { lines.append("\(outcome.unreadable.count) could not be read") }
        lines.append(isWritten ? "Written to the model's manifest." : "Not written.")
        return lines
    }

    static func json(_ outcome: Calibrator.Outcome, isWritten: Bool) -> JSONValue {
        func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number(JSONNumber($0)) }) }
        return [
            "slope": .number(JSONNumber(outcome.calibration.slope)),
            "intercept": .number(JSONNumber(outcome.calibration.intercept)),
            "images": .number(JSONNumber(outcome.pictures)), "captions": .number(JSONNumber(outcome.captions)),
            "unreadable": .array(outcome.unreadable.map { .string($0) }),
            "scores_of_own_captions": numbers(outcome.matching), "scores_of_other_captions": numbers(outcome.others),
            "written": .bool(isWritten),
        ]
    }
}
