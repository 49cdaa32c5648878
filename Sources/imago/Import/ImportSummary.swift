import Domain
import ImagoClient

/// An import's closing report.
enum ImportSummary {
    /// Lines for each kind of trouble before "and N more".
    private static let shown = 10

    static func lines(_ report: ImportReport, terminal: Terminal) -> [String] {
        var lines: [String] = []
        lines += list(report.failed, "failed", terminal.styled("failed", .bad))
        lines += list(report.notIndexed, "could not be indexed", terminal.styled("not indexed", .bad))
        for (reason, files) in groups(report.skipped) {
            lines.append("passed over: \(counted(files.count, "file")) \(reason == "empty" ? "empty" : "no image")")
        }
        if report.hidden > 0 { lines.append("passed over: \(counted(report.hidden, "hidden file or folder"))") }
        var parts: [String] = []
        if report.wouldImport.isEmpty {
            parts.append(
                "\(counted(report.imported.count, "image")) imported (\(formatted(bytes: Double(report.bytes))))")
        } else {
            parts.append("\(counted(report.wouldImport.count, "image")) would be imported")
        }
        parts.append("\(report.present.count) there already")
        parts.append("\(report.skipped.count) passed over")
        parts.append("\(report.failed.count) failed")
        lines.append(parts.joined(separator: ", ") + ".")
        if report.stillIndexing > 0 { lines.append("\(counted(report.stillIndexing, "image")) still being indexed.") }
        if report.unreached > 0 {
            lines.append(
                "\(counted(report.unreached, "file")) not come to: run the same command again to go on from here.")
        }
        return lines
    }

    private static func list(_ entries: [ImportReport.Passed], _ noun: String, _ mark: String) -> [String] {
        var lines = entries.prefix(shown).map { "\(mark): \(printable($0.path)): \(printable($0.reason))" }
        if entries.count > shown { lines.append("... and \(entries.count - shown) more \(noun); --json lists all") }
        return lines
    }

    private static func groups(_ entries: [ImportReport.Passed]) -> [(String, [ImportReport.Passed])] {
        Dictionary(grouping: entries, by: \.reason).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func json(_ report: ImportReport) -> JSONValue {
        [
            "imported": .array(
                report.imported.map { ["path": .string($0.path), "image_id": .string($0.id.description)] }),
            "would_import": .array(report.wouldImport.map { .string($0) }),
            "already_there": .array(report.present.map(\.json)), "skipped": .array(report.skipped.map(\.json)),
            "failed": .array(report.failed.map(\.json)), "not_indexed": .array(report.notIndexed.map(\.json)),
            "hidden": .number(JSONNumber(report.hidden)), "unreached": .number(JSONNumber(report.unreached)),
            "still_indexing": .number(JSONNumber(report.stillIndexing)),
            "bytes": .number(JSONNumber(report.bytes)), "complete": .bool(report.isComplete),
        ]
    }
}

extension ImportReport.Passed {
    fileprivate var json: JSONValue { ["path": .string(path), "reason": .string(reason)] }
}
