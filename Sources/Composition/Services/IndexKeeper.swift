import Logging
import ServiceLifecycle
import VectorSearch

/// Saves the vector index now and then, and at the end, so that the next start is quick.
struct IndexKeeper: Service {
    let store: VectorIndexStore
    let interval: Double
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(interval))
                if !Task.isCancelled { await save() }
            }
        }
        await save()
    }

    private func save() async {
        do {
            if try await store.save() {
                logger.debug("vector index saved", metadata: ["vectors": "\(store.index.count)"])
            }
        } catch {
            logger.warning(
                "the vector index could not be saved; the next start is slower", metadata: ["error": "\(error)"])
        }
    }
}
