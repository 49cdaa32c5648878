import Domain
import Foundation
import Inference
import NIOPosix

/// How far the fetching of a model is.
public struct PullProgress: Sendable, Hashable {
    /// The file's path in the repository.
    public let file: String
    /// From 1.
    public let number: Int
    public let count: Int
    public let bytes: Int64
    /// Nil where the hub did not say.
    public let total: Int64?
}

extension ModelStore {
    /// Fetches a model of the catalogue and installs it.
    ///
    /// What was fetched before a failure stays, and the next call goes on from there. The model takes its place in one
    /// step, once all of it was checked and loaded.
    /// - Parameters:
    ///   - acceptsLicense: whether the person has accepted the licence, for models that ask for it.
    ///   - validate: loads the model in a folder and throws where it does not run.
    /// - Throws: `ModelStoreError`, or what `validate` throws.
    public func pull(
        _ entry: CatalogueEntry, from hub: HubClient, acceptsLicense: Bool, validate: (String) async throws -> Void,
        progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws {
        try check(entry, acceptsLicense: acceptsLicense)
        let staging = try stagingFolder(entry.name)
        try Disk.makeFolder(staging)
        var digests: [String: FileDigest] = [:]
        var commit: String?
        for (index, file) in entry.files.enumerated() {
            let finished = "\(staging)/\(file.name)"
            do {
                let fetched = try await hub.fetch(
                    repository: entry.repository, file: file.path, to: finished, sha256: file.sha256
                ) { bytes, total in
                    progress(
                        PullProgress(
                            file: file.path, number: index + 1, count: entry.files.count, bytes: bytes, total: total))
                }
                digests[file.name] = fetched.digest
                commit = commit ?? fetched.commit
            } catch let error as ModelStoreError where error.code == .offline {
                throw ModelStoreError(.offline, error.message, hint: Self.offlineHint(entry, hub.address))
            }
        }
        let source = "\(hub.address.endpoint)/\(entry.repository)" + (commit.map { "/tree/\($0)" } ?? "")
        try await finish(entry, staging, digests, source: source, validate: validate)
    }

    /// Installs a model of the catalogue from files that were fetched by other means: in a folder laid out as the
    /// repository, or under the names they have here.
    public func pull(
        _ entry: CatalogueEntry, fromFolder folder: String, acceptsLicense: Bool,
        validate: (String) async throws -> Void
    ) async throws {
        try check(entry, acceptsLicense: acceptsLicense)
        let staging = try stagingFolder(entry.name)
        try Disk.remove(staging)
        try Disk.makeFolder(staging)
        var digests: [String: FileDigest] = [:]
        for file in entry.files {
            let places = [file.path, file.name].map { "\(folder)/\($0)" }
            guard let place = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
                throw ModelStoreError(.notFound, "\(folder) has neither \(file.path) nor \(file.name)")
            }
            let target = "\(staging)/\(file.name)"
            do {
                try FileManager.default.copyItem(atPath: place, toPath: target)
            } catch { throw Disk.failure("\(place) can't be copied", error) }
            let digest = try await NIOThreadPool.singleton.runIfActive { try Disk.digest(target) }
            guard file.sha256 ?? digest.sha256 == digest.sha256 else {
                throw ModelStoreError(.wrongContent, "\(place) does not have the SHA-256 that the catalogue says")
            }
            digests[file.name] = digest
        }
        try await finish(entry, staging, digests, source: "\(entry.repository), from files", validate: validate)
    }

    private func check(_ entry: CatalogueEntry, acceptsLicense: Bool) throws(ModelStoreError) {
        guard installed(entry.name) == nil else {
            throw ModelStoreError(
                .alreadyInstalled, "\(entry.name) is installed already",
                hint: "'imago models use \(entry.name)' chooses it.")
        }
        guard acceptsLicense || !entry.license.needsConsent else {
            throw ModelStoreError(
                .licenseNotAccepted, "\(entry.name) comes under the \(entry.license.name)",
                hint: "Read \(entry.license.url), and add --accept-license if you accept it.")
        }
    }

    private func finish(
        _ entry: CatalogueEntry, _ staging: String, _ digests: [String: FileDigest], source: String,
        validate: (String) async throws -> Void
    ) async throws {
        let manifest = try await NIOThreadPool.singleton.runIfActive {
            let writing = ManifestWriting(
                entry: entry, image: try GraphOutline(graph: "\(staging)/\(entry.image.name)"),
                text: try GraphOutline(graph: "\(staging)/\(entry.text.name)"), files: digests, source: source)
            return try writing.manifest()
        }
        try Disk.write(manifest.indentedJSON, to: "\(staging)/manifest.json")
        try await install(entry.name, from: staging, validate: validate)
    }

    static func offlineHint(_ entry: CatalogueEntry, _ hub: HubAddress) -> String {
        let files = entry.files.map { hub.url(repository: entry.repository, path: $0.path) + " as \($0.name)" }
        return """
            Without a connection, fetch these elsewhere and put them in one folder: \(files.joined(separator: ", ")); \
            then 'imago models pull \(entry.name) --from FOLDER'.
            """
    }
}

extension JSONValue {
    /// The value as JSON that people can read, ended by a line's end.
    public var indentedJSON: [UInt8] { Array((indented("") + "\n").utf8) }

    private func indented(_ margin: String) -> String {
        let inner = margin + "  "
        if case .object(let object) = self, !object.isEmpty {
            let members = object.members.map {
                "\(inner)\(JSONValue.string($0.name).jsonText): \($0.value.indented(inner))"
            }
            return "{\n\(members.joined(separator: ",\n"))\n\(margin)}"
        }
        return jsonText
    }
}
