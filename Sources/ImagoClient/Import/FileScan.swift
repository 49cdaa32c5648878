import Foundation
import NIOPosix

/// A file that an import may take.
public struct FoundFile: Sendable, Hashable {
    public let path: String
    public let size: Int64
    /// Named by the user, not found in a folder: that it is no image is then an error, not a thing to pass over.
    public let isNamed: Bool
}

/// What lies under the paths of an import, in a stable order.
public struct FileScan: Sendable {
    public private(set) var files: [FoundFile] = []
    /// Hidden files and folders passed over.
    public private(set) var hidden = 0
    /// Paths that can't be read, and why.
    public private(set) var problems: [(path: String, reason: String)] = []
    private var seen: Set<FileIdentity> = []

    private struct FileIdentity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    public var totalBytes: Int64 { files.reduce(0) { $0 + $1.size } }

    /// Walks folders to their ends. Links to files are followed and links to folders are not, so there is no going in
    /// circles; a file reached twice counts once.
    public static func scan(_ paths: [String]) async throws -> FileScan {
        try await NIOThreadPool.singleton.runIfActive {
            var scan = FileScan()
            for path in paths { scan.add(path, isNamed: true) }
            return scan
        }
    }

    private mutating func add(_ path: String, isNamed: Bool) {
        var link = stat()
        var status = stat()
        guard lstat(path, &link) == 0, stat(path, &status) == 0 else {
            problems.append((path, errno == ENOENT ? "no such file or folder" : String(cString: strerror(errno))))
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR where isNamed || link.st_mode & S_IFMT == S_IFDIR:
            guard isNew(status) else { return }
            addContents(of: path)
        case S_IFREG:
            guard isNew(status) else { return }
            files.append(FoundFile(path: path, size: Int64(status.st_size), isNamed: isNamed))
        default:
            if isNamed { problems.append((path, "neither a file nor a folder")) }
        }
    }

    private mutating func isNew(_ status: stat) -> Bool {
        seen.insert(FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))).inserted
    }

    private mutating func addContents(of folder: String) {
        guard let names = Self.names(in: folder) else {
            problems.append((folder, "can't be read: \(String(cString: strerror(errno)))"))
            return
        }
        for name in names.sorted() {
            if name.hasPrefix(".") {
                hidden += 1
            } else {
                add(folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)", isNamed: false)
            }
        }
    }

    /// Nil when the folder can't be opened; `errno` says why.
    private static func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
