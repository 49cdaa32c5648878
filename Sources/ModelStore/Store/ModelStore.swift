import Domain
import Foundation
import Inference

/// The models installed on this machine, each in a folder of its own, and which one is in use.
public struct ModelStore: Sendable {
    /// Holds a folder for each model, named by its id.
    public let folder: String
    private var choiceFile: String { folder + "/selected" }

    public init(folder: String) { self.folder = folder }

    public struct Installed: Sendable, Hashable {
        public let id: String
        public let folder: String
        /// Nil for a folder whose manifest can't be read.
        public let manifest: ModelManifest?
        /// What is wrong with it.
        public let fault: String?
        /// Of all its files.
        public let bytes: Int
    }

    /// In the order of their ids. Hashes are not compared.
    public func installed() -> [Installed] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { Self.isID($0) && isFolder("\(folder)/\($0)") }.sorted().map(describe)
    }

    public func installed(_ id: String) -> Installed? {
        Self.isID(id) && isFolder("\(folder)/\(id)") ? describe(id) : nil
    }

    private func describe(_ id: String) -> Installed {
        let path = "\(folder)/\(id)"
        do throws(ModelError) {
            let manifest = try ModelManifest.load(folder: path, verifyHashes: false)
            return Installed(
                id: id, folder: path, manifest: manifest, fault: nil,
                bytes: manifest.files.values.reduce(0) { $0 + $1.bytes })
        } catch {
            return Installed(id: id, folder: path, manifest: nil, fault: error.message, bytes: 0)
        }
    }

    // MARK: Choosing.

    /// The id of the model that was chosen; nil for the built-in one.
    public var selected: String? {
        guard let text = try? String(contentsOfFile: choiceFile, encoding: .utf8) else { return nil }
        let id = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return Self.isID(id) ? id : nil
    }

    /// The chosen model's folder; nil for the built-in one.
    /// - Throws: `unknownModel` when the chosen model is not installed any more.
    public func selectedFolder() throws(ModelStoreError) -> String? {
        guard let selected else { return nil }
        guard let model = installed(selected) else {
            throw ModelStoreError(
                .unknownModel, "the model in use, \(selected), is not installed",
                hint: "Install it again, or choose another with 'imago models use NAME'.")
        }
        return model.folder
    }

    /// Records which model a server of this data folder starts with; nil for the built-in one.
    /// - Throws: `unknownModel` when it is not installed.
    public func select(_ id: String?) throws(ModelStoreError) {
        guard let id else { return try Disk.remove(choiceFile) }
        guard installed(id) != nil else { throw Self.unknown(id) }
        try Disk.write(Array("\(id)\n".utf8), to: choiceFile)
    }

    // MARK: Changing.

    /// Compares each file with the SHA-256 that the manifest says. Blocks.
    /// - Throws: `ModelError` naming the file; `ModelStoreError`.
    public func verify(_ id: String) throws {
        guard let model = installed(id) else { throw Self.unknown(id) }
        _ = try ModelManifest.load(folder: model.folder, verifyHashes: true)
    }

    /// - Throws: `inUse` for the model that was chosen.
    public func remove(_ id: String) throws(ModelStoreError) {
        guard let model = installed(id) else { throw Self.unknown(id) }
        guard selected != id else {
            throw ModelStoreError(
                .inUse, "\(id) is the model in use", hint: "Choose another first: 'imago models use NAME'.")
        }
        // Out of sight at once, whatever happens while its files go.
        let grave = "\(folder)/.removed-\(id)"
        try Disk.remove(grave)
        try Disk.move(model.folder, to: grave)
        try Disk.remove(grave)
    }

    /// Copies a model folder into the store.
    /// - Parameter validate: loads the copy and throws where it is no model that runs.
    /// - Returns: the model's id.
    public func add(_ source: String, validate: (String) async throws -> Void) async throws -> String {
        let manifest = try ModelManifest.load(folder: source, verifyHashes: true)
        let id = manifest.model.id.rawValue
        guard Self.isID(id) else { throw ModelStoreError(.unusable, "\(id) can't be the name of a model") }
        let staging = try stagingFolder(id)
        try Disk.remove(staging)
        try Disk.makeFolder(staging)
        for name in manifest.files.keys.sorted() + ["manifest.json"] {
            do {
                try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(staging)/\(name)")
            } catch { throw Disk.failure("\(name) can't be copied", error) }
        }
        try await install(id, from: staging, validate: validate)
        return id
    }

    /// Where a model is put together before it takes its place.
    func stagingFolder(_ id: String) throws(ModelStoreError) -> String {
        try Disk.makeFolder(folder)
        return "\(folder)/.partial-\(id)"
    }

    /// Checks what lies in the staging folder and gives it its place, in one step.
    func install(_ id: String, from staging: String, validate: (String) async throws -> Void) async throws {
        guard installed(id) == nil else {
            throw ModelStoreError(
                .alreadyInstalled, "\(id) is installed already", hint: "'imago models remove \(id)' makes room for it.")
        }
        _ = try ModelManifest.load(folder: staging, verifyHashes: true)
        try await validate(staging)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: staging)) ?? []
        for name in names { try Disk.synchronize("\(staging)/\(name)") }
        try Disk.synchronize(staging)
        try Disk.move(staging, to: "\(folder)/\(id)")
        try Disk.synchronize(folder)
    }

    static func unknown(_ id: String) -> ModelStoreError {
        ModelStoreError(.unknownModel, "no model named \(id) is installed", hint: "'imago models list' shows them.")
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Letters, digits, `.`, `_` and `-`, as in a manifest; never a hidden name.
    static func isID(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && name.first != "."
            && name.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
