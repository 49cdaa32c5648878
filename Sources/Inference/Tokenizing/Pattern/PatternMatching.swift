extension Pattern {
    /// A place to come back to when what was tried from there fails.
    private struct Choice {
        var instruction: Int
        var position: Int
        /// For runs: how far back (greedy) or on (lazy) the position may still move, and over what.
        var limit: Int
        var set: ScalarSet?
    }

    /// All matches from left to right, without overlaps; empty ones are left out.
    func matches(in text: ArraySlice<Unicode.Scalar>) -> [Range<Int>] {
        if case .done = program[0] { return [] }
        var found: [Range<Int>] = []
        // What is left of the work a text of this length may cause.
        var patience = 100_000 + 64 * text.count
        var start = text.startIndex
        while start < text.endIndex {
            let end = match(text, from: start, entry: 0, &patience)
            if let end, end > start {
                found.append(start..<end)
                start = end
            } else {
                start += 1
            }
            if patience <= 0 { break }
        }
        return found
    }

    /// Where a match that starts at `start` ends.
    private func match(
        _ text: ArraySlice<Unicode.Scalar>, from start: Int, entry: Int, _ patience: inout Int
    ) -> Int? {
        var choices: [Choice] = []
        var (instruction, position) = (entry, start)
        while true {
            patience -= 1
            guard patience > 0 else { return nil }
            var fits = true
            switch program[instruction] {
            case .done: return position
            case .jump(let target): instruction = target
            case .fork(let first, let second):
                choices.append(Choice(instruction: second, position: position, limit: position, set: nil))
                instruction = first
            case .set(let set):
                fits = position < text.endIndex && set.contains(text[position])
                position += 1
                instruction += 1
            case .run(let set, let bounds, let greed):
                let most = greed == .lazy ? bounds.least : bounds.most ?? .max
                let end = run(set, in: text, from: position, most: most)
                patience -= end - position
                fits = end - position >= bounds.least
                instruction += 1
                if fits {
                    add(set, bounds, greed, from: position, to: end, instruction, text, &choices)
                    position = end
                }
            case .lookahead(let negative, let end):
                let found = match(text, from: position, entry: instruction + 1, &patience) != nil
                fits = found != negative
                instruction = end
            }
            if !fits {
                guard let last = goBack(in: text, &choices) else { return nil }
                (instruction, position) = last
            }
        }
    }

    private func run(
        _ set: ScalarSet, in text: ArraySlice<Unicode.Scalar>, from start: Int, most: Int
    ) -> Int {
        var end = start
        while end < text.endIndex, end - start < most, set.contains(text[end]) { end += 1 }
        return end
    }

    private func add(
        _ set: ScalarSet, _ bounds: Bounds, _ greed: Greed, from start: Int, to end: Int, _ next: Int,
        _ text: ArraySlice<Unicode.Scalar>, _ choices: inout [Choice]
    ) {
        switch greed {
        case .possessive: break
        case .greedy:
            let least = start + bounds.least
            if end > least { choices.append(Choice(instruction: next, position: end, limit: least, set: nil)) }
        case .lazy:
            let most = bounds.most.map { min(start + $0, text.endIndex) } ?? text.endIndex
            if end < most { choices.append(Choice(instruction: next, position: end, limit: most, set: set)) }
        }
    }

    /// The last choice taken another way.
    private func goBack(
        in text: ArraySlice<Unicode.Scalar>, _ choices: inout [Choice]
    ) -> (instruction: Int, position: Int)? {
        while var choice = choices.popLast() {
            if let set = choice.set {
                // A lazy run takes one character more.
                guard choice.position < choice.limit, set.contains(text[choice.position]) else { continue }
                choice.position += 1
                choices.append(choice)
            } else if choice.position > choice.limit {
                // A greedy run gives one back.
                choice.position -= 1
                if choice.position > choice.limit { choices.append(choice) }
            }
            return (choice.instruction, choice.position)
        }
        return nil
    }
}
