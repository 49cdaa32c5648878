import Foundation

/// What output goes to: a terminal of some width, with or without colours, or something else.
struct Terminal: Sendable, Hashable {
    /// Whether someone is looking.
    let isInteractive: Bool
    /// Characters of a line; what is no terminal has no end.
    let width: Int
    let hasColour: Bool

    enum Style: String, Sendable {
        case plain = ""
        case bold = "1"
        case faint = "2"
        case bad = "31"
        case good = "32"
        case warning = "33"
    }

    init(isInteractive: Bool, width: Int, hasColour: Bool) {
        self.isInteractive = isInteractive
        self.width = width
        self.hasColour = hasColour
    }

    /// For what is read by programs.
    static let none = Terminal(isInteractive: false, width: .max, hasColour: false)
    static var standardOutput: Terminal { Terminal(descriptor: STDOUT_FILENO) }
    static var standardError: Terminal { Terminal(descriptor: STDERR_FILENO) }

    private init(descriptor: Int32) {
        guard isatty(descriptor) == 1 else {
            self = .none
            return
        }
        var size = winsize()
        let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let environment = ProcessInfo.processInfo.environment
        // no-color.org: any value but an empty one.
        let colour = environment["NO_COLOR"].nonEmpty == nil && environment["TERM"] != "dumb"
        self.init(isInteractive: true, width: known ? Int(size.ws_col) : 80, hasColour: colour)
    }

    func styled(_ text: String, _ style: Style) -> String {
        hasColour && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// Text from outside without what could steer a terminal or break a line.
func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: result += " "
        // Direction marks and their like: harmless in a sentence, misleading in a table.
        case .format where scalar != "\u{200D}": continue
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Asks on the terminal; anything but a yes is a no.
func confirm(_ question: String) -> Bool {
    FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
    guard let answer = readLine() else { return false }
    return ["y", "yes"].contains(answer.trimmingCharacters(in: .whitespaces).lowercased())
}
