/// PNG's compressed texts, taken out before a decoder sees the file.
///
/// Nothing here needs them, and the decoder inflates each as it reads the header: a file of 64 MB can hold enough to
/// keep it busy for minutes.
enum PNGText {
    /// Closes the gaps that `zTXt` and `iTXt` chunks leave, in place.
    /// - Returns: the number of bytes that are left.
    static func remove(from memory: UnsafeMutableRawBufferPointer) -> Int {
        let bytes = UnsafeRawBufferPointer(memory)
        guard let base = memory.baseAddress else { return 0 }
        var (read, written) = (8, 8)
        while let length = bytes.big(UInt32.self, at: read), Int(length) <= bytes.count - read - 12 {
            let size = 12 + Int(length)
            if !bytes.has("zTXt", at: read + 4), !bytes.has("iTXt", at: read + 4) {
                if written < read { (base + written).copyMemory(from: base + read, byteCount: size) }
                written += size
            }
            read += size
        }
        // What is no whole chunk stays for the decoder to judge.
        let rest = max(0, bytes.count - read)
        if written < read { (base + written).copyMemory(from: base + read, byteCount: rest) }
        return min(bytes.count, written + rest)
    }
}
