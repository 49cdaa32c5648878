/// How a picture lies in its file, as EXIF numbers it (1...8); anything else is taken as upright.
struct Orientation: Hashable {
    let number: Int

    static let upright = Orientation(1)

    init(_ number: Int) { self.number = (1...8).contains(number) ? number : 1 }

    /// Whether rows become columns.
    var swaps: Bool { number >= 5 }
    /// Whether the file's x axis runs against the shown one that it becomes.
    var mirrorsX: Bool { [2, 3, 7, 8].contains(number) }
    /// Whether the file's y axis does.
    var mirrorsY: Bool { [3, 4, 6, 7].contains(number) }
}
