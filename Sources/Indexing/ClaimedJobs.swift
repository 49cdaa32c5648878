import Domain
import Synchronization

/// The jobs this process holds, so that their leases are renewed and a stop can give them back.
final class ClaimedJobs: Sendable {
    private let jobs = Mutex<[Int64: IndexingJob]>([:])

    var all: [IndexingJob] { jobs.withLock { Array($0.values) } }
    var count: Int { jobs.withLock { $0.count } }

    func insert(_ new: [IndexingJob]) {
        jobs.withLock { jobs in
            for job in new { jobs[job.id] = job }
        }
    }

    func remove(_ done: [IndexingJob]) {
        jobs.withLock { jobs in
            for job in done where jobs[job.id]?.token == job.token { jobs[job.id] = nil }
        }
    }
}
