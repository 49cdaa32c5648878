import Foundation

/// The committed pictures, and as many different ones as a test wants.
enum Pictures {
    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(Command.fixtures)/pictures/\(name)")))
    }

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Command.fixtures + "/pictures")
                .filter { $0.hasSuffix(".jpg") }.sorted()
        }
    }

    /// The same picture as a file of its own: a comment segment (ITU-T T.81, section B.2.4.5) makes its bytes unique.
    static func variant(of bytes: [UInt8], _ number: Int) -> [UInt8] {
        let text = Array("variant \(number)".utf8)
        let length = text.count + 2
        return Array(bytes[..<2]) + [0xFF, 0xFE, UInt8(length >> 8), UInt8(length & 255)] + text + Array(bytes[2...])
    }
}
