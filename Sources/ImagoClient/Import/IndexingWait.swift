import Domain

extension Importer {
    /// Asks until no image of this import is waiting to be indexed.
    func awaitIndexing() async throws {
        let report = await ledger.report
        let paths = Dictionary(report.imported.map { ($0.id, $0.path) }, uniquingKeysWith: { first, _ in first })
        var waiting = report.imported.map(\.id)
        let total = waiting.count
        var pause = 0.1
        await ledger.indexing(done: 0, of: total)
        while !waiting.isEmpty, !stop.isSet {
            let images = try await client.images(ids: waiting)
            for image in images where image.status == .failed {
                await ledger.notIndexed(
                    paths[image.id] ?? image.id.description, image.failure?.message ?? "indexing failed")
            }
            // One that was deleted meanwhile is in no answer, and not waited for.
            waiting = images.filter { $0.status == .inProgress }.map(\.id)
            await ledger.indexing(done: total - waiting.count, of: total)
            guard !waiting.isEmpty else { break }
            try await client.configuration.sleep(pause)
            pause = min(pause * 1.5, 2)
        }
    }
}
