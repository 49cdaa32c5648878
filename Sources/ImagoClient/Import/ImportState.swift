import Domain
import Foundation
import Synchronization

/// What an account's server is known to hold, by hash, kept between imports.
///
/// It is a cache and never the truth: what it says is there is asked of the server before a file is passed over, and
/// what it does not know is learnt from the server's own list. Losing it costs time only. The file is text, appended
/// to as work is done: `+ HASH ID` there is an image, `- ID` it is gone, `@ TIME` the list was read up to then.
public final class ImportState: Sendable {
    private struct Known {
        var ids: [ContentHash: [ImageID]] = [:]
        var hashes: [ImageID: ContentHash] = [:]
        var listedUntil: Timestamp?
    }

    private let known = Mutex(Known())
    private let output: FileHandle?
    private static let header = "imago-import 1"

    /// - Parameter path: the file, made with its folders where there is none; nil keeps everything in memory.
    /// - Throws: `ClientError` of kind `.localFile`.
    public init(path: String?) throws(ClientError) {
        guard let path else {
            output = nil
            return
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ClientError(.localFile, "can't write \(path): \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        output = file
        let data = (try? file.readToEnd()) ?? Data()
        if data.isEmpty {
            append([Self.header])
        } else {
            known.withLock { known in
                for line in data.split(separator: UInt8(ascii: "\n")) {
                    Self.read(String(decoding: line, as: UTF8.self), into: &known)
                }
            }
        }
    }

    /// A line that is not understood, the last one after a crash for instance, says nothing.
    private static func read(_ line: String, into known: inout Known) {
        let words = line.split(separator: " ")
        switch (words.first, words.count) {
        case ("+", 3):
            if let hash = ContentHash(hex: words[1]), let id = ImageID(words[2]) { add(hash, id, to: &known) }
        case ("-", 2): if let id = ImageID(words[1]) { remove(id, from: &known) }
        case ("@", 2): known.listedUntil = Double(words[1])
        default: break
        }
    }

    private static func add(_ hash: ContentHash, _ id: ImageID, to known: inout Known) {
        guard known.hashes.updateValue(hash, forKey: id) == nil else { return }
        known.ids[hash, default: []].append(id)
    }

    private static func remove(_ id: ImageID, from known: inout Known) {
        guard let hash = known.hashes.removeValue(forKey: id) else { return }
        known.ids[hash]?.removeAll { $0 == id }
    }

    /// Images that had those bytes when last heard of.
    public func ids(of hash: ContentHash) -> [ImageID] { known.withLock { $0.ids[hash] ?? [] } }

    /// The upload time up to which the server's list has been read.
    var listedUntil: Timestamp? { known.withLock { $0.listedUntil } }

    func record(_ images: [(hash: ContentHash, id: ImageID)]) {
        let new = known.withLock { known in
            images.filter { image in
                guard known.hashes[image.id] == nil else { return false }
                Self.add(image.hash, image.id, to: &known)
                return true
            }
        }
        append(new.map { "+ \($0.hash) \($0.id)" })
    }

    func forget(_ ids: [ImageID]) {
        known.withLock { known in for id in ids { Self.remove(id, from: &known) } }
        append(ids.map { "- \($0)" })
    }

    func setListed(until time: Timestamp) {
        known.withLock { $0.listedUntil = time }
        append(["@ \(time)"])
    }

    /// One write for whole lines, at the file's end, so that two imports at once don't mix theirs. A full disk makes
    /// the next import slower, which is no reason to fail this one.
    private func append(_ lines: [String]) {
        guard let output, !lines.isEmpty else { return }
        try? output.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
    }
}
