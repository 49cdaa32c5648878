import CResources
import NIOCore

/// The files of `Resources`, as the binary carries them.
enum EmbeddedFiles {
    /// Every file by its name, `console/grid.js` for instance, copied out of the binary's constants.
    static func load() -> [(name: String, bytes: ByteBuffer)] {
        var count = 0
        return UnsafeBufferPointer(start: imago_resources(&count), count: count).map { file in
            (String(cString: file.name), ByteBuffer(bytes: UnsafeBufferPointer(start: file.bytes, count: file.count)))
        }
    }
}
