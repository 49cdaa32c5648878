import Domain
import Foundation

/// `3 images`, `1 image`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// Bytes in the decimal units of disks and networks: `812 B`, `3.4 MB`.
func formatted(bytes: Double) -> String {
    var value = bytes
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if value < 999.5 || unit == "TB" {
            return unit == "B" || value >= 99.95
                ? "\(Int(value.rounded())) \(unit)" : String(format: "%.1f %@", value, unit)
        }
        value /= 1000
    }
    return ""
}

/// A span of time, to the two units that matter: `42 s`, `3 min 5 s`, `2 h 10 min`.
func formatted(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e7 else { return "a long time" }
    let whole = Int(seconds.rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min" + (whole % 60 > 0 ? " \(whole % 60) s" : "")
    default: return "\(whole / 3600) h" + (whole % 3600 / 60 > 0 ? " \(whole % 3600 / 60) min" : "")
    }
}

/// A moment in the zone of this machine: `2026-01-31 12:05`.
func formatted(time: Timestamp, zone: TimeZone = .current) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute], from: Date(timeIntervalSince1970: time))
    return String(
        format: "%04d-%02d-%02d %02d:%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0, parts.hour ?? 0,
        parts.minute ?? 0)
}

/// One JSON document and a line's end on standard output.
func printJSON(_ value: JSONValue) { print(value.jsonText) }

extension IndexingStatus {
    /// For people.
    var words: String {
        switch self {
        case .notIndexed: "not indexed"
        case .inProgress: "indexing"
        case .indexed: "indexed"
        case .failed: "failed"
        }
    }

    /// For programs.
    var identifier: String {
        switch self {
        case .notIndexed: "not_indexed"
        case .inProgress: "in_progress"
        case .indexed: "indexed"
        case .failed: "failed"
        }
    }
}
