import Domain
import Foundation
import Testing

@testable import Workers

/// What a worker can touch.
@Suite struct SandboxTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func aWorkerIsShutIn() async throws {
        let path = try folder.faulty("escape", stage: "probe")
        try await Support.withPool { pool in
            let error = await #expect(throws: ImageReadingError.self) {
                try await IsolatedImageReader(pool).probe(path: path)
            }
            guard pool.isSealed == true else {
                print("skipped: this kernel lets no seccomp filter be set")
                return
            }
            // No reach; three standard streams, socket, payload and the file; no environment.
            let libraries = ProcessInfo.processInfo.environment.keys.filter { $0 == "LD_LIBRARY_PATH" }
            #expect(error?.message == "[] [0, 1, 2, 3, 4, 5] \(libraries)")
        }
    }

    /// Not in the same process: it may hold other descriptors.
    @Test func withoutTheSealReachIsFound() {
        #expect(Set(Reach.tried).isSuperset(of: ["files", "network", "processes"]))
    }

    @Test func faultsAreOrderedInTestsAlone() async throws {
        let path = try folder.faulty("crash", stage: "any")
        var configuration = Support.configuration()
        configuration.takesFaults = false
        try await Support.withPool(configuration) { pool in
            _ = try await IsolatedImageReader(pool).probe(path: path)
        }
    }

    @Test func limitsHold() async throws {
        try await Support.withPool(Support.configuration(processes: 1)) { pool in
            let worker = try #require(pool.processes.first)
            let limits = try String(contentsOfFile: "/proc/\(worker)/limits", encoding: .utf8)
            func soft(_ name: String) -> String? {
                limits.split(separator: "\n").first { $0.hasPrefix(name) }?.dropFirst(26).split(separator: " ").first
                    .map(String.init)
            }
            #expect(soft("Max data size") == "\(512 << 20)")
            #expect(soft("Max core file size") == "0")
            #expect(soft("Max file size") == "0")
            #expect(soft("Max open files") == "32")
            let status = try String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8)
            #expect(status.contains("NoNewPrivs:\t1"))
            _ = try await IsolatedImageReader(pool).probe(path: Support.pictures + "/maze.jpg")
            let after = try String(contentsOfFile: "/proc/\(worker)/limits", encoding: .utf8)
            #expect(
                after.contains("Max cpu time")
                    && !after.contains("Max cpu time              unlimited            unlimited"))
        }
    }

    @Test func renditionsAndPixelsAreThoseOfThisProcess() async throws {
        let (path, limits) = (Support.pictures + "/orange.jpg", Support.configuration().limits)
        let here = try PictureReaderHere(limits: limits)
        try await Support.withPool { pool in
            let there = IsolatedImageReader(pool)
            let (theirs, ours) = (try await there.probe(path: path), try here.probe(path))
            #expect(theirs == ours)
            for format in RenditionRequest.Format.allCases {
                let request = RenditionRequest(width: 100, height: 80, fit: .cover, format: format)
                let (theirs, ours) = (try await there.rendition(path: path, request), try here.rendition(path, request))
                #expect(theirs == ours, "\(format)")
            }
        }
    }
}
