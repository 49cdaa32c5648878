import Domain
import Foundation
import Imaging
import Testing

@testable import Workers

/// Every odd and broken file of the shared collection, read by workers.
@Suite(.serialized) struct FormatTests {
    private struct Entry {
        let file: String
        let kind: String
        let shouldDecode: Bool
    }

    private static let preprocessing = Preprocessing(
        size: 224, resize: .shortestSide, interpolation: .bicubic, crop: .center, colourOrder: .rgb,
        mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])

    /// Empty, with a message, where the collection is not there.
    private static func entries() throws -> [Entry] {
        guard let text = try? String(contentsOfFile: Support.formats + "/manifest.tsv", encoding: .utf8) else {
            print("skipped: there is no \(Support.formats)/manifest.tsv")
            return []
        }
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 4 else { return nil }
            return Entry(file: fields[0], kind: fields[3], shouldDecode: fields[2] == "yes")
        }
    }

    private enum Result: Hashable, CustomStringConvertible {
        case decoded
        case failed(ImageReadingError.Code)
        var description: String {
            switch self {
            case .decoded: "decoded"
            case .failed(let code): code.rawValue
            }
        }
    }

    /// Every file ends as decoded or failed with a code of its own; the workers agree with this process, so that their
    /// limits and their seal take nothing away; the disagreements with the collection's own opinion are listed.
    @Test func everyFileEnds() async throws {
        let entries = try Self.entries()
        let limits = ImagingLimits()
        var configuration = WorkerConfiguration(processes: 2, limits: limits)
        configuration.executable = Support.imago
        let here = try PictureReaderHere(limits: limits)
        try await Support.withPool(configuration) { pool in
            let reader = IsolatedImageReader(pool)
            var disagreements: [String: [String]] = [:]
            for entry in entries {
                let path = "\(Support.formats)/\(entry.file)"
                let there = await Self.result { () throws(ImageReadingError) in
                    _ = try await reader.probe(path: path)
                    return try await reader.pixels(path: path, preprocessing: Self.preprocessing)
                }
                let local = await Self.result { () throws(ImageReadingError) in
                    try here.pixels(path, Self.preprocessing)
                }
                #expect(there.0 == local.0, "\(entry.file)")
                #expect(there.1 == local.1, "\(entry.file): other pixels")
                #expect(there.0 != .failed(.unavailable), "\(entry.file)")
                if (there.0 == .decoded) != entry.shouldDecode {
                    let kind = "\(entry.shouldDecode ? "should decode" : "should not decode"), \(there.0)"
                    disagreements[kind, default: []].append("\(entry.file) \(there.2 ?? "")")
                }
            }
            for (kind, files) in disagreements.sorted(by: { $0.key < $1.key }) {
                print("== \(kind): \(files.count) of \(entries.count)")
                for file in files.sorted() { print("   \(file)") }
            }
        }
    }

    private static func result(
        _ body: () async throws(ImageReadingError) -> PixelTensor
    ) async -> (Result, [Float], String?) {
        do throws(ImageReadingError) {
            return (.decoded, try await body().values, nil)
        } catch {
            return (.failed(error.code), [], "\(error.message) \(error.detail ?? "")".replacing("\n", with: " "))
        }
    }

    /// A worker is killed, hung and run out of memory over the files, at the first try or at both: the file ends as it
    /// would, or with the code of the casualty, and the next one is read.
    @Test(arguments: [
        (InjectedFault.crash, ImageReadingError.Code.decoderCrashed), (.memory, .decoderOutOfMemory),
        (.hang, .decoderTimeout),
    ])
    func casualtiesOverTheFiles(fault: InjectedFault, expected: ImageReadingError.Code) async throws {
        let entries = try Self.entries()
        let folder = try TemporaryFolder()
        // A hang costs its whole time, so it is tried on some of the files.
        var configuration = Support.configuration(processes: 1, timeLimit: fault == .hang ? 2 : 20)
        configuration.memory = 256 << 20
        let step = fault == .hang ? 97 : 7
        let here = try PictureReaderHere(limits: configuration.limits)
        try await Support.withPool(configuration) { pool in
            let reader = IsolatedImageReader(pool)
            for (number, entry) in entries.enumerated() where number % step == 0 {
                let isLostOnce = number % 2 == 0
                let path = try folder.faulty(
                    fault.rawValue, stage: isLostOnce ? "first-probe" : "probe", of: "\(Support.formats)/\(entry.file)")
                let local = await Self.outcome { () throws(ImageReadingError) in try here.probe(path) }
                let there = await Self.outcome { () throws(ImageReadingError) in try await reader.probe(path: path) }
                #expect(there == (isLostOnce ? local : .failed(expected)), "\(entry.file)")
                try FileManager.default.removeItem(atPath: path)
            }
            _ = try await reader.probe(path: Support.pictures + "/maze.jpg")
        }
    }

    private static func outcome(
        _ body: () async throws(ImageReadingError) -> ImageProperties
    ) async -> Result {
        do throws(ImageReadingError) {
            _ = try await body()
            return .decoded
        } catch {
            return .failed(error.code)
        }
    }
}
