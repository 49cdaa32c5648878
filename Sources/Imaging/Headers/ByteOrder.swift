/// Reads of numbers from untrusted bytes: out of bounds is nil, never a trap.
extension UnsafeRawBufferPointer {
    func byte(_ offset: Int) -> UInt8? {
        offset >= 0 && offset < count ? self[offset] : nil
    }

    func little<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number? {
        load(Number.self, at: offset).map(Number.init(littleEndian:))
    }

    func big<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number? {
        load(Number.self, at: offset).map(Number.init(bigEndian:))
    }

    /// Whether `text`'s UTF-8 stands at `offset`.
    func has(_ text: StaticString, at offset: Int = 0) -> Bool {
        guard offset >= 0, offset <= count - text.utf8CodeUnitCount else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { self[offset + $0] == text.utf8Start[$0] }
    }

    private func load<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number? {
        guard offset >= 0, offset <= count - MemoryLayout<Number>.size else { return nil }
        return loadUnaligned(fromByteOffset: offset, as: Number.self)
    }
}
