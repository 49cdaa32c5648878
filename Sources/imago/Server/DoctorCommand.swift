import ArgumentParser
import Composition
import Domain

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check that this machine can run the server.",
        discussion: """
            Looks at the inference runtime, the model, the stores, the disk and the limits with the settings that 'imago serve' \
            would have. Exits with 1 when something would not work.
            """)

    @OptionGroup var settings: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let checks = await Imago.doctor(try await settings.load())
        if output.json {
            printJSON(["checks": .array(checks.map(\.json)), "ok": .bool(!checks.contains { $0.status == .failed })])
        } else {
            Self.lines(checks, terminal: .standardOutput).forEach { print($0) }
        }
        if checks.contains(where: { $0.status == .failed }) { throw ExitCode(ExitStatus.failed) }
    }

    static func lines(_ checks: [DoctorCheck], terminal: Terminal) -> [String] {
        let width = checks.map(\.name.count).max() ?? 0
        var lines: [String] = []
        for check in checks {
            let name = check.name.padding(to: width)
            lines.append("\(terminal.styled(check.mark, check.style))  \(name)  \(printable(check.message))")
            if let hint = check.hint { lines.append("\(" ".repeated(8 + width))\(printable(hint))") }
        }
        let (failed, warnings) = (checks.count { $0.status == .failed }, checks.count { $0.status == .warning })
        let verdict =
            failed > 0 ? "\(counted(failed, "problem")) to solve before the server works" : "the server can run"
        lines.append("")
        lines.append(verdict + (warnings > 0 ? ", \(counted(warnings, "warning"))" : "") + ".")
        return lines
    }
}

extension DoctorCheck {
    fileprivate var mark: String {
        switch status {
        case .ok: "ok  "
        case .warning: "warn"
        case .failed: "FAIL"
        }
    }

    fileprivate var style: Terminal.Style {
        switch status {
        case .ok: .good
        case .warning: .warning
        case .failed: .bad
        }
    }

    fileprivate var json: JSONValue {
        let name =
            switch status {
            case .ok: "ok"
            case .warning: "warning"
            case .failed: "failed"
            }
        return [
            "name": .string(self.name), "status": .string(name), "message": .string(message),
            "hint": hint.map { .string($0) } ?? .null,
        ]
    }
}
