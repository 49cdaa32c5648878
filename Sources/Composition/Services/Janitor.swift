import Domain
import Library
import Logging
import ServiceLifecycle

/// Hourly: forgets idempotent answers past their day, and removes bytes that a delete left behind.
struct Janitor: Service {
    let catalog: any Catalog
    let library: ImageLibrary
    let clock: any TimeSource
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await clean()
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    private func clean() async {
        do {
            try await catalog.removeIdempotentAnswers(before: clock.now - IdempotentAnswer.lifetime)
            let removed = try await library.sweepUnreferencedBlobs()
            if removed > 0 { logger.info("removed bytes of deleted images", metadata: ["blobs": "\(removed)"]) }
        } catch {
            logger.warning("cleaning up failed; it is tried again in an hour", metadata: ["error": "\(error)"])
        }
    }
}
