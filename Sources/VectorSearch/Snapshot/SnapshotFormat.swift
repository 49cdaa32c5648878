import CKernels
import Domain

/// A snapshot file: a header, sections of plain arrays each starting at a multiple of 4096, and a table of what they
/// are. All numbers in the machine's byte order, which the magic number tells.
///
/// | part | checked by |
/// |---|---|
/// | header, 4096 bytes | its own checksum |
/// | sections | a checksum for each 4 MiB, in the table |
/// | table | a checksum in the header |
enum SnapshotFormat {
    static let magic: UInt64 = 0x0156_4F47_414D_4901
    static let version: UInt64 = 1
    static let page = 4096
    /// Bytes one checksum covers.
    static let piece = 4 << 20
    static let headerWords = 12

    static func aligned(_ offset: Int) -> Int { (offset + page - 1) / page * page }

    static func checksums(_ bytes: UnsafeRawBufferPointer) -> [UInt64] {
        stride(from: 0, to: bytes.count, by: piece).map { start in
            imago_checksum(bytes.baseAddress! + start, Swift.min(piece, bytes.count - start), UInt64(start))
        }
    }
}

/// Why a snapshot can't be used. The index is rebuilt then.
public enum SnapshotRefusal: Error, Sendable, Hashable {
    case missing
    /// Shorter than it says, or not what its checksums say.
    case damaged(String)
    /// Of another version of the format, dimension, model or rotation.
    case different(String)
    /// The catalog does not know the point it was taken at, or keeps no log of changes.
    case unknownPoint
}

public enum SnapshotError: Error, Sendable, Hashable {
    /// No room left on the device. The old snapshot is still there.
    case storeFull
    /// The text is for the log, never for a client.
    case unavailable(String)
}

/// Numbers and arrays one after the other.
struct TableWriter {
    private(set) var words: [UInt64] = []

    mutating func put(_ value: Int) { words.append(UInt64(bitPattern: Int64(value))) }
    mutating func put(_ values: [UInt64]) {
        put(values.count)
        words += values
    }
    mutating func put(_ values: [Float]) {
        put(values.count)
        for start in stride(from: 0, to: values.count, by: 2) {
            let high = start + 1 < values.count ? UInt64(values[start + 1].bitPattern) : 0
            words.append(UInt64(values[start].bitPattern) | high << 32)
        }
    }
}

/// Reads what `TableWriter` wrote. The bytes are known to be whole; that they make sense is checked nevertheless.
struct TableReader {
    let words: [UInt64]
    private var next = 0

    init(words: [UInt64]) { self.words = words }

    mutating func word() throws(SnapshotRefusal) -> UInt64 {
        guard next < words.count else { throw .damaged("the table ends early") }
        next += 1
        return words[next - 1]
    }

    mutating func number(upTo limit: Int = 1 << 48) throws(SnapshotRefusal) -> Int {
        let value = try word()
        guard value <= UInt64(limit) else { throw .damaged("a number in the table is out of range") }
        return Int(value)
    }

    mutating func integers() throws(SnapshotRefusal) -> [UInt64] {
        let count = try number(upTo: words.count - next)
        next += count
        return Array(words[next - count..<next])
    }

    mutating func floats() throws(SnapshotRefusal) -> [Float] {
        let count = try number(upTo: 2 * (words.count - next))
        var values: [Float] = []
        values.reserveCapacity(count + 1)
        for _ in 0..<(count + 1) / 2 {
            let word = try word()
            values.append(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
            values.append(Float(bitPattern: UInt32(word >> 32)))
        }
        return Array(values.prefix(count))
    }
}
