internal import COpenVINO
import Synchronization

extension InferenceRequest {
    /// Runs the graph; no thread of ours waits meanwhile.
    func runAsynchronously() async throws(ModelError) {
        let completion = try completion()
        let status = await withCheckedContinuation { continuation in
            completion.expect(continuation)
            let status = ov_infer_request_start_async(request)
            if status != Runtime.success { completion.happen(status) }
        }
        let message = "A graph of the model could not be run."
        try Runtime.check(status, .runtimeFailed, message)
        // It has ended: this only asks how, and until the runtime itself knows that it has.
        try Runtime.check(ov_infer_request_wait(request), .runtimeFailed, message)
    }
}

/// Where the runtime calls when a computation ends.
final class Completion: Sendable {
    private let waiting = Mutex<CheckedContinuation<ov_status_e, Never>?>(nil)

    func expect(_ continuation: CheckedContinuation<ov_status_e, Never>) {
        waiting.withLock { $0 = continuation }
    }

    func happen(_ status: ov_status_e) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: status)
    }
}

/// A completion as the runtime's C interface keeps it: it holds on to the record itself, not to a copy, until the
/// request is gone.
///
/// `@unchecked`: the pointer never changes, and what it points to is written once.
final class CompletionRecord: @unchecked Sendable {
    let completion = Completion()
    let pointer: UnsafeMutablePointer<ov_callback_t>

    init() {
        pointer = .allocate(capacity: 1)
        let reference = Unmanaged.passUnretained(completion).toOpaque()
        pointer.initialize(
            to: ov_callback_t(
                callback_func: { reference in
                    guard let reference else { return }
                    Unmanaged<Completion>.fromOpaque(reference).takeUnretainedValue().happen(Runtime.success)
                }, args: reference))
    }

    deinit { pointer.deallocate() }
}
