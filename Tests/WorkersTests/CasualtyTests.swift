import Domain
import Foundation
import Testing

@testable import Workers

/// Workers that are lost, and what becomes of their images and of the others'.
@Suite struct CasualtyTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let preprocessing = Preprocessing(
        size: 64, resize: .squash, interpolation: .bicubic, crop: .none, colourOrder: .rgb, mean: [0, 0, 0],
        std: [1, 1, 1])

    private func code(_ pool: WorkerPool, _ path: String) async -> ImageReadingError.Code? {
        do throws(ImageReadingError) {
            _ = try await IsolatedImageReader(pool).pixels(path: path, preprocessing: Self.preprocessing)
            return nil
        } catch { return error.code }
    }

    @Test(arguments: [
        (InjectedFault.crash, ImageReadingError.Code.decoderCrashed), (.abort, .decoderCrashed),
        (.memory, .decoderOutOfMemory), (.glib, .decoderOutOfMemory), (.babble, .decoderCrashed),
        (.mute, .decoderCrashed),
    ])
    func aWorkerLostTwiceFailsTheImageAndNothingElse(
        fault: InjectedFault, expected: ImageReadingError.Code
    ) async throws {
        let bad = try folder.faulty(fault.rawValue, stage: "pixels")
        try await Support.withPool { pool in
            #expect(await code(pool, bad) == expected)
            // As many again as there are workers: each has been replaced.
            for _ in 0..<2 { #expect(await code(pool, bad) == expected) }
            #expect(await code(pool, Support.pictures + "/maze.jpg") == nil)
        }
    }

    @Test(arguments: [InjectedFault.hang, .spin]) func anImageThatTakesTooLongFails(fault: InjectedFault) async throws {
        let bad = try folder.faulty(fault.rawValue, stage: "pixels")
        try await Support.withPool(Support.configuration(processes: 1, timeLimit: 1)) { pool in
            #expect(await code(pool, bad) == .decoderTimeout)
            #expect(await code(pool, Support.pictures + "/maze.jpg") == nil)
        }
    }

    @Test func anImageIsTriedOnceMore() async throws {
        let flaky = try folder.faulty("crash", stage: "first-pixels")
        try await Support.withPool { pool in #expect(await code(pool, flaky) == nil) }
    }

    @Test func othersGoOnWhileSomeCostTheirWorkers() async throws {
        let bad = try InjectedFault.allCases.filter { ![.hang, .spin, .mute, .escape].contains($0) }
            .map { try folder.faulty($0.rawValue, stage: "any") }
        let good = try FileManager.default.contentsOfDirectory(atPath: Support.pictures)
            .filter { $0.hasSuffix(".jpg") }.map { Support.pictures + "/" + $0 }
        try await Support.withPool(Support.configuration(processes: 3)) { pool in
            let codes = await withTaskGroup(of: (Bool, ImageReadingError.Code?).self) { group in
                for round in 0..<3 {
                    for path in good + bad {
                        group.addTask {
                            await Urgency.$current.withValue(round == 0 ? .foreground : .background) {
                                (good.contains(path), await code(pool, path))
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count == 3 * (good.count + bad.count))
            #expect(codes.allSatisfy { isGood, code in isGood == (code == nil) })
            #expect(codes.allSatisfy { $0.1 != .unavailable })
        }
    }

    @Test func aWorkerKilledBetweenImagesIsReplacedUnnoticed() async throws {
        try await Support.withPool(Support.configuration(processes: 1)) { pool in
            for _ in 0..<3 {
                let worker = try #require(pool.processes.first)
                kill(worker, SIGKILL)
                while Process.isRunning(worker) { usleep(1000) }
                #expect(await code(pool, Support.pictures + "/maze.jpg") == nil)
            }
        }
    }

    @Test func stoppingFinishesWhatWasAsked() async throws {
        let pool = WorkerPool(Support.configuration(processes: 1), logger: Support.logger)
        try await pool.started()
        let worker = try #require(pool.processes.first)
        async let codes = withTaskGroup(of: ImageReadingError.Code?.self) { group in
            for _ in 0..<20 { group.addTask { await code(pool, Support.pictures + "/maze.jpg") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        await pool.stop()
        // Those that came in time are read, the others refused for now; none waits for ever.
        #expect(await codes.allSatisfy { $0 == nil || $0 == .unavailable })
        #expect(await code(pool, Support.pictures + "/maze.jpg") == .unavailable)
        #expect(pool.processes.isEmpty && !Process.isRunning(worker))
    }

    @Test func aProgramThatIsNoWorkerIsAnErrorAtTheStart() async throws {
        var configuration = Support.configuration(processes: 2)
        configuration.executable = "/bin/true"
        let pool = WorkerPool(configuration, logger: Support.logger)
        await #expect(throws: WorkerStartError.self) { try await pool.started() }
        #expect(throws: WorkerStartError.self) { try pool.check() }
        #expect(await code(pool, Support.pictures + "/maze.jpg") == .unavailable)
        await pool.stop()
    }
}
