import Domain
import Foundation
import Imaging
import Logging
import Testing

@testable import Workers

/// Where things are, and files that order faults.
enum Support {
    /// Beside the program that runs the tests: the binary this build made.
    static let imago: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("imago").path
    }()

    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let pictures = package + "/Tests/EndToEndTests/Fixtures/pictures"
    /// About 1,100 odd and broken files, which are no part of the repository.
    static let formats = package + "/../shared/data/formats"

    static func configuration(processes: Int = 2, timeLimit: Double = 20) -> WorkerConfiguration {
        var configuration = WorkerConfiguration(
            processes: processes, memory: 512 << 20, timeLimit: timeLimit,
            limits: ImagingLimits(maximumPixels: 40_000_000))
        configuration.executable = imago
        configuration.takesFaults = true
        return configuration
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a body with workers that are ready, and ends them.
    static func withPool<Value>(
        _ configuration: WorkerConfiguration = configuration(), _ body: (WorkerPool) async throws -> Value
    ) async throws -> Value {
        let pool = WorkerPool(configuration, logger: logger)
        do {
            try await pool.started()
            let value = try await body(pool)
            await pool.stop()
            return value
        } catch {
            await pool.stop()
            throw error
        }
    }
}

/// A folder of its own for one test, removed with the last reference.
final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/imago-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A copy of a file, a good JPEG unless told otherwise, with an order for a fault after its end.
    func faulty(_ fault: String, stage: String, of original: String = Support.pictures + "/maze.jpg") throws -> String {
        let file = "\(path)/\(fault)-\(stage)-\(UInt32.random(in: .min ... .max))"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: original)) + Data("imago-fault:\(fault):\(stage).".utf8)
        try bytes.write(to: URL(fileURLWithPath: file))
        return file
    }
}

/// Reads in this process, to compare with.
struct PictureReaderHere {
    private let reader: PictureReader
    init(limits: ImagingLimits) throws { reader = try PictureReader(limits: limits) }
    func probe(_ path: String) throws(ImageReadingError) -> ImageProperties { try reader.probe(.path(path)) }
    func pixels(_ path: String, _ preprocessing: Preprocessing) throws(ImageReadingError) -> PixelTensor {
        try reader.pixels(.path(path), preprocessing)
    }
    func rendition(_ path: String, _ request: RenditionRequest) throws(ImageReadingError) -> [UInt8] {
        try reader.rendition(.path(path), request)
    }
}

extension Process {
    /// False when there is no such process, or only what is left of it for its parent.
    static func isRunning(_ process: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
    }
}
