import CKernels

/// The kernels of the processor this runs on.
enum Kernels {
    // A constant of the C library, never written: safe to share.
    nonisolated(unsafe) private static let best = imago_kernels_best()!

    static var table: imago_kernels { best.pointee }

    /// The instruction set in use, for logs and benchmarks.
    static var name: String { String(cString: best.pointee.name) }
}
