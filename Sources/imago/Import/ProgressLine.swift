import ImagoClient

/// How fast an import is: bytes and files over the last moments, so that a slow start is soon forgotten.
struct RateMeter: Sendable {
    private struct Sample {
        let time: Double
        let bytes: Int64
        let files: Int
    }
    /// Seconds looked back.
    private static let window: Double = 20
    private var samples: [Sample] = []

    /// Notes where the import is at a time in seconds.
    mutating func note(bytes: Int64, files: Int, at time: Double) {
        samples.append(Sample(time: time, bytes: bytes, files: files))
        // One sample before the window stays, so that there is always a span to divide by.
        while samples.count > 2, samples[1].time < time - Self.window { samples.removeFirst() }
    }

    /// Per second; nil as long as there is nothing to tell from.
    var rate: (bytes: Double, files: Double)? {
        guard let first = samples.first, let last = samples.last, last.time - first.time >= 0.5 else { return nil }
        let span = last.time - first.time
        return (Double(last.bytes - first.bytes) / span, Double(last.files - first.files) / span)
    }
}

/// An import's progress as a line of text: a function of what is known, and of nothing else.
enum ProgressLine {
    /// - Parameter width: characters of the line at most.
    static func text(_ progress: ImportProgress, rate: (bytes: Double, files: Double)?, width: Int) -> String {
        let text =
            switch progress.phase {
            case .scanning: "looking for images"
            case .learning(let count): "asking what is there already: \(counted(count, "image"))"
            case .sending: sending(progress, rate: rate, width: width)
            case .indexing(let done, let total):
                "\(bar(fraction(Int64(done), Int64(total)), width: 24)) indexing \(done)/\(total)"
            }
        return text.cut(to: width)
    }

    private static func sending(
        _ progress: ImportProgress, rate: (bytes: Double, files: Double)?, width: Int
    ) -> String {
        let done = fraction(progress.bytes, progress.totalBytes)
        var facts = "\(percent(done)) \(progress.files)/\(progress.totalFiles)"
        if let pause = progress.pause {
            facts += "  waiting \(formatted(seconds: pause.seconds)): \(printable(pause.reason))"
        } else if let rate {
            facts += "  \(formatted(bytes: rate.bytes))/s"
            if let left = secondsLeft(progress, rate: rate) { facts += "  \(formatted(seconds: left)) left" }
        }
        if progress.failed > 0 { facts += "  \(progress.failed) failed" }
        let room = min(30, width - facts.displayWidth - 1)
        return room >= 8 ? "\(bar(done, width: room)) \(facts)" : facts
    }

    /// Nil while the rate says nothing.
    static func secondsLeft(_ progress: ImportProgress, rate: (bytes: Double, files: Double)) -> Double? {
        let bytes = Double(progress.totalBytes - progress.bytes)
        guard bytes > 0 else { return 0 }
        return rate.bytes > 0 ? bytes / rate.bytes : nil
    }

    private static func fraction(_ done: Int64, _ total: Int64) -> Double {
        total > 0 ? min(1, Double(done) / Double(total)) : 1
    }

    /// Rounded down: 100 % means done.
    private static func percent(_ fraction: Double) -> String {
        let text = "\(Int(fraction * 100)) %"
        return text.padding(to: 5, onLeft: true)
    }

    /// `[#####.....]`, of that many characters in all.
    static func bar(_ fraction: Double, width: Int) -> String {
        let inner = max(1, width - 2)
        let full = Int(fraction * Double(inner))
        return "[" + "#".repeated(full) + ".".repeated(inner - full) + "]"
    }
}
