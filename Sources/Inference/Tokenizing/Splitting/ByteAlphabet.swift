/// GPT-2's alphabet: a visible character for each byte, so that any text is spelled without unknowns (Radford et al. 2019).
enum ByteAlphabet {
    private static let characters: Scalars = {
        var characters: Scalars = []
        var others: UInt32 = 0
        for byte in UInt32(0)..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: characters.append(Unicode.Scalar(byte)!)
            default:
                characters.append(Unicode.Scalar(256 + others)!)
                others += 1
            }
        }
        return characters
    }()

    static func spelled(_ text: ArraySlice<Unicode.Scalar>) -> Scalars { text.utf8.map { characters[Int($0)] } }
}
