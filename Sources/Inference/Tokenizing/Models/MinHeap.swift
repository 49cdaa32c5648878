/// A binary heap that gives back the least element first.
struct MinHeap<Element: Comparable> {
    private var elements: [Element]

    init(_ elements: [Element]) {
        self.elements = elements
        for position in stride(from: elements.count / 2 - 1, through: 0, by: -1) { sink(position) }
    }

    mutating func push(_ element: Element) {
        elements.append(element)
        var position = elements.count - 1
        while position > 0, elements[position] < elements[(position - 1) / 2] {
            elements.swapAt(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
    }

    mutating func popLeast() -> Element? {
        guard let last = elements.popLast() else { return nil }
        guard let least = elements.first else { return last }
        elements[0] = last
        sink(0)
        return least
    }

    private mutating func sink(_ start: Int) {
        var position = start
        while true {
            var least = position
            for child in [2 * position + 1, 2 * position + 2]
            where child < elements.count && elements[child] < elements[least] { least = child }
            guard least != position else { return }
            elements.swapAt(position, least)
            position = least
        }
    }
}
