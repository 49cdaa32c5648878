import Domain

/// The books of one import: what became of each file, and who of several files with the same bytes goes first.
actor ImportLedger {
    private(set) var report = ImportReport()
    private var progress = ImportProgress()
    private let observe: @Sendable (ImportProgress) -> Void

    private enum Claim {
        case underWay(path: String, followers: [FoundFile])
        case there(path: String)
        case failed(reason: String)
    }
    private var claims: [ContentHash: Claim] = [:]

    init(observe: @escaping @Sendable (ImportProgress) -> Void) { self.observe = observe }

    func update(_ change: @Sendable (inout ImportProgress) -> Void) {
        change(&progress)
        observe(progress)
    }

    func begin(_ scan: FileScan) {
        report.hidden = scan.hidden
        report.failed = scan.problems.map { ImportReport.Passed(path: $0.path, reason: $0.reason) }
        progress.failed = report.failed.count
        progress.totalFiles = scan.files.count
        progress.totalBytes = scan.totalBytes
        observe(progress)
    }

    /// True when the file is the first with its bytes; another one follows what becomes of the first.
    func claim(_ hash: ContentHash, for file: FoundFile) -> Bool {
        switch claims[hash] {
        case nil:
            claims[hash] = .underWay(path: file.path, followers: [])
            return true
        case .underWay(let path, let followers)?:
            claims[hash] = .underWay(path: path, followers: followers + [file])
        case .there(let path)?: pass(file, as: .present, "the same bytes as \(path)")
        case .failed(let reason)?: pass(file, as: .failed, reason)
        }
        return false
    }

    func imported(_ file: FoundFile, hash: ContentHash, id: ImageID) {
        report.imported.append(ImportReport.Imported(path: file.path, id: id))
        report.bytes += file.size
        progress.imported += 1
        count(file)
        settle(hash, .there(path: file.path))
    }

    func wouldImport(_ file: FoundFile, hash: ContentHash) {
        report.wouldImport.append(file.path)
        progress.imported += 1
        count(file)
        settle(hash, .there(path: file.path))
    }

    func present(_ file: FoundFile, hash: ContentHash, id: ImageID) {
        pass(file, as: .present, "there as \(id)")
        settle(hash, .there(path: file.path))
    }

    func failed(_ file: FoundFile, hash: ContentHash?, _ reason: String) {
        pass(file, as: .failed, reason)
        if let hash { settle(hash, .failed(reason: reason)) }
    }

    func skipped(_ file: FoundFile, _ reason: String) { pass(file, as: .skipped, reason) }

    func notIndexed(_ path: String, _ reason: String) {
        report.notIndexed.append(ImportReport.Passed(path: path, reason: reason))
    }

    func indexing(done: Int, of total: Int) {
        report.stillIndexing = total - done
        progress.phase = .indexing(done: done, of: total)
        observe(progress)
    }

    /// Closes the books.
    func end(stopped: Bool, givenUp: ClientError?) -> ImportReport {
        report.unreached = progress.totalFiles - progress.files
        report.isStopped = stopped && (report.unreached > 0 || report.stillIndexing > 0)
        report.givenUp = givenUp
        return report
    }

    private enum Fate { case present, skipped, failed }

    private func pass(_ file: FoundFile, as fate: Fate, _ reason: String) {
        let entry = ImportReport.Passed(path: file.path, reason: reason)
        switch fate {
        case .present:
            report.present.append(entry)
            progress.present += 1
        case .skipped:
            report.skipped.append(entry)
            progress.skipped += 1
        case .failed:
            report.failed.append(entry)
            progress.failed += 1
        }
        count(file)
    }

    private func count(_ file: FoundFile) {
        progress.files += 1
        progress.bytes += file.size
        progress.pause = nil
        observe(progress)
    }

    private func settle(_ hash: ContentHash, _ result: Claim) {
        guard case .underWay(_, let followers)? = claims.updateValue(result, forKey: hash) else { return }
        for follower in followers { _ = claim(hash, for: follower) }
    }
}
