import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder that holds everything the embedded server keeps, and who may write to it.
public struct DataDirectory: Sendable {
    public let path: String
    public var catalog: String { path + "/catalog.sqlite" }
    public var content: String { path + "/content" }
    public var index: String { path + "/index" }
    /// Compiled graphs: safe to delete.
    public var modelCache: String { path + "/cache/models" }
    /// Smaller copies of images: safe to delete.
    public var renditions: String { path + "/cache/renditions" }
    var lockFile: String { path + "/lock" }

    /// Makes the folder (mode 0700) where it is missing.
    /// - Throws: `StartError`
    public init(path: String) throws {
        self.path = path
        do {
            for folder in [path, index, modelCache] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw StartError("the data folder \(path) can't be made: \(Self.reason(error))")
        }
    }

    /// `$XDG_DATA_HOME/imago`, or `~/.local/share/imago`; without a home, `imago-data` here.
    static func defaultPath(environment: [String: String]) -> String {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/imago" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.local/share/imago" }
        return FileManager.default.currentDirectoryPath + "/imago-data"
    }

    /// An absolute path; `~/` is the home folder, for files and variables that no shell has seen.
    static func expanded(_ path: String, environment: [String: String]) -> String {
        if path.hasPrefix("~/"), let home = environment["HOME"] { return home + path.dropFirst(1) }
        return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// Takes the folder for this process alone, until the lock is let go or the process ends, however it ends.
    /// - Throws: `StartError` when another process has it.
    func lock() throws -> DataDirectoryLock {
        let descriptor = open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StartError("the data folder \(path) can't be written: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StartError("another imago is running on the data folder \(path); stop it or use another --data-dir")
        }
        return DataDirectoryLock(descriptor: descriptor)
    }

    private static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return cause.domain == NSPOSIXErrorDomain
            ? String(cString: strerror(Int32(cause.code))) : error.localizedDescription
    }
}

/// Holds the lock on a data folder while it lives.
final class DataDirectoryLock: Sendable {
    private let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}

/// Why the server can't start, in one line.
public struct StartError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
