import ArgumentParser
import Composition
import Domain

struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Check that catalog and stored bytes belong together.",
        discussion: """
            Finds images whose bytes are lost, bytes that no image has, and wrong counts. Exits with 1 while there is something \
            left to mend.
            """)

    @OptionGroup var settings: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Mend what is found.")
    var mend = false

    @Flag(help: "Also read every file, and compare its SHA-256 with its name.")
    var read = false

    func run() async throws {
        let report = try await Imago.fsck(try await settings.load(), mend: mend, readsBytes: read)
        if output.json {
            printJSON([
                "findings": .array(report.lines.map { .string($0) }), "problems": .number(JSONNumber(report.problems)),
                "mended": .number(JSONNumber(report.mended)),
            ])
        } else {
            report.lines.forEach { print(printable($0)) }
            print(Self.verdict(problems: report.problems, mended: report.mended, mend: mend))
        }
        if report.problems > report.mended { throw ExitCode(ExitStatus.failed) }
    }

    static func verdict(problems: Int, mended: Int, mend: Bool) -> String {
        if problems == 0 { return "Everything is in order." }
        if mended >= problems { return "\(counted(problems, "problem")) found and mended." }
        return "\(counted(problems, "problem")) found, \(mended) mended."
            + (mend ? "" : " 'imago fsck --mend' mends what can be mended.")
    }
}
