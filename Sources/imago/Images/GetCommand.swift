import ArgumentParser
import Domain
import Foundation
import ImagoClient

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show an image's details, or download it.",
        discussion: """
              imago get ID
              imago get ID --output photo.jpg
              imago get ID --output -  | display -
            """)

    @Argument var id: ImageID

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Save the bytes in this file, or in this folder under the id; - is standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Replace the file if there is one.")
    var force = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var form: OutputOptions

    func validate() throws {
        guard !(form.json && output == "-") else {
            throw ValidationError("--json and --output - both want standard output.")
        }
    }

    func run() async throws {
        try await connection.withClient { client in
            if output == "-" {
                try await client.content(of: id) { chunk in
                    try FileHandle.standardOutput.write(contentsOf: Data(chunk.readableBytesView))
                }
                return
            }
            let image = try await client.image(id)
            if let output {
                let path = try target(output, for: image)
                let count = try await client.save(id, to: path, expecting: image.sha256)
                if !form.json { print("\(path): \(formatted(bytes: Double(count)))") }
            }
            if form.json {
                printJSON(image.json)
            } else if output == nil {
                Self.lines(image).forEach { print($0) }
            }
        }
    }

    private func target(_ output: String, for image: RemoteImage) throws -> String {
        var isFolder: ObjCBool = false
        var path = output
        if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder), isFolder.boolValue {
            let ending = image.contentType.flatMap { ImageFormat(contentType: $0) }?.fileExtension
            path =
                "\(output.hasSuffix("/") ? String(output.dropLast()) : output)/\(id)" + (ending.map { ".\($0)" } ?? "")
        }
        guard force || !FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("\(path) is there already", hint: "--force replaces it.")
        }
        return path
    }

    static func lines(_ image: RemoteImage, zone: TimeZone = .current) -> [String] {
        var facts: [(String, String)] = [
            ("id", image.id.description), ("uploaded", formatted(time: image.uploadedAt, zone: zone)),
            ("state", image.status.words + (image.failure.map { ": \($0.message)" } ?? "")),
        ]
        if let type = image.contentType { facts.append(("type", type)) }
        if let width = image.width, let height = image.height { facts.append(("pixels", "\(width) x \(height)")) }
        if let size = image.sizeBytes { facts.append(("size", "\(formatted(bytes: Double(size))) (\(size) bytes)")) }
        if let hash = image.sha256 { facts.append(("sha256", hash.hex)) }
        facts.append(("url", image.url))
        facts += image.metadata.members.map { ("meta.\($0.name)", $0.value.string ?? $0.value.jsonText) }
        let width = facts.map { $0.0.displayWidth }.max() ?? 0
        return facts.map { "\(printable($0.0).padding(to: width))  \(printable($0.1))" }
    }
}
