import LibraryTesting

/// Small pictures of one colour, each file's bytes its own.
enum Pictures {
    static func plain(_ colour: [UInt8], _ number: Int = 0) -> [UInt8] {
        Handmade.png(
            Picture(plain: colour, width: 4, height: 3), extra: Handmade.chunk("tEXt", Array("n\0\(number)".utf8)))
    }
    static let red = plain([230, 0, 0])
    static let green = plain([0, 220, 0])
    static let blue = plain([0, 0, 210])
    static let text = Array("this is no image".utf8)
}
