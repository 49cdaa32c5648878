import BlobsFile
import Domain
import Foundation
import Imaging
import Inference
import Logging
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// One thing that must be right for the server to run well.
public struct DoctorCheck: Sendable, Hashable {
    public enum Status: String, Sendable { case ok, warning, failed }
    public let name: String
    public let status: Status
    public let message: String
    /// What to do about it.
    public let hint: String?

    init(_ name: String, _ status: Status, _ message: String, hint: String? = nil) {
        self.name = name
        self.status = status
        self.message = message
        self.hint = hint
    }
}

extension Imago {
    /// Looks at everything a server needs, as `imago serve` with the same configuration would find it. Works beside a
    /// running server.
    public static func doctor(_ configuration: ServerConfiguration) async -> [DoctorCheck] {
        let data: DataDirectory
        do {
            data = try DataDirectory(path: configuration.dataDirectory)
        } catch {
            return [DoctorCheck("data folder", .failed, "\(error)", hint: "name another with --data-dir")]
        }
        var checks = [disk(data), memory(), openFiles()]
        checks.append(await catalog(data, configuration))
        checks.append(await content(data))
        checks.append(imaging(configuration))
        if configuration.isolatesDecoders { checks.append(await isolation(configuration)) }
        checks += await model(data, configuration)
        return checks
    }

    private static func disk(_ data: DataDirectory) -> DoctorCheck {
        var status = statvfs()
        guard statvfs(data.path, &status) == 0 else {
            return DoctorCheck("disk", .failed, "the data folder \(data.path) can't be examined")
        }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize)
        let text = "\(gigabytes(free)) free at \(data.path)"
        return free < 1 << 30
            ? DoctorCheck(
                "disk", .warning, text, hint: "uploads fail when the disk is full; make room or move --data-dir")
            : DoctorCheck("disk", .ok, text)
    }

    private static func memory() -> DoctorCheck {
        let total = Int64(ProcessInfo.processInfo.physicalMemory)
        let text = "\(gigabytes(total)), \(ProcessInfo.processInfo.activeProcessorCount) cores"
        return total < 1 << 30
            ? DoctorCheck("memory", .warning, text, hint: "1 GB is the least that indexing runs well with")
            : DoctorCheck("memory", .ok, text)
    }

    private static func openFiles() -> DoctorCheck {
        var limit = rlimit()
        #if canImport(Glibc)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #endif
        return limit.rlim_cur < 1024
            ? DoctorCheck(
                "open files", .warning, "at most \(limit.rlim_cur)", hint: "raise it: ulimit -n 4096")
            : DoctorCheck("open files", .ok, "at most \(limit.rlim_cur)")
    }

    private static func catalog(_ data: DataDirectory, _ configuration: ServerConfiguration) async -> DoctorCheck {
        do {
            let catalog = try openCatalog(data, maximumAttempts: configuration.maximumAttempts)
            let counts = try await catalog.imageCounts()
            let keys = try await catalog.apiKeys(of: nil).filter { $0.isValid(at: SystemClock().now) }.count
            let jobs = try await catalog.jobCounts(at: SystemClock().now)
            try catalog.close()
            let text =
                "\(counts.values.reduce(0, +)) images, \(counts[.failed] ?? 0) failed, \(jobs.queued) waiting, \(keys) keys"
            return keys == 0
                ? DoctorCheck("catalog", .warning, text, hint: "make a key: imago keys create --account NAME")
                : DoctorCheck("catalog", .ok, text)
        } catch {
            return DoctorCheck("catalog", .failed, "\(error)", hint: "imago fsck says more")
        }
    }

    private static func content(_ data: DataDirectory) async -> DoctorCheck {
        do {
            try await FileBlobStore(folder: data.content).check()
            return DoctorCheck("image files", .ok, "\(data.content) can be written")
        } catch {
            return DoctorCheck(
                "image files", .failed, "\(data.content) can't be written", hint: "check its owner and mode")
        }
    }

    private static func imaging(_ configuration: ServerConfiguration) -> DoctorCheck {
        do {
            _ = try VipsImageReader(limits: configuration.imagingLimits)
            return DoctorCheck(
                "image decoder", .ok,
                "libvips ready; files to \(configuration.maximumFileBytes) bytes, \(configuration.maximumPixels) pixels"
            )
        } catch {
            return DoctorCheck("image decoder", .failed, error.message, hint: "install libvips 8.14 or newer")
        }
    }

    /// Starts one of the processes that decode.
    private static func isolation(_ configuration: ServerConfiguration) async -> DoctorCheck {
        var one = configuration.workers()
        one.processes = 1
        let pool = WorkerPool(one, logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
        let check: DoctorCheck
        do {
            try await pool.started()
            let memory = "\(one.memory >> 20) MiB and \(Int(one.timeLimit)) s an image"
            check =
                pool.isSealed == true
                ? DoctorCheck("decoder isolation", .ok, "processes of their own, shut in by seccomp; \(memory)")
                : DoctorCheck(
                    "decoder isolation", .warning, "processes of their own without seccomp; \(memory)",
                    hint: "the kernel or a container's profile allows no seccomp filter")
        } catch {
            check = DoctorCheck(
                "decoder isolation", .failed, "no process can be started: \(error)",
                hint: "--isolation off decodes in the server itself")
        }
        await pool.stop()
        return check
    }

    /// Loads the model as the server would, and embeds a word.
    private static func model(_ data: DataDirectory, _ configuration: ServerConfiguration) async -> [DoctorCheck] {
        do {
            let encoder = try await OpenVINOEncoder(
                folder: configuration.modelFolder, options: configuration.encoderOptions(cache: data.modelCache))
            try await encoder.warmUp()
            let model = encoder.model
            return [
                DoctorCheck("inference runtime", .ok, "OpenVINO \(encoder.runtimeVersion), \(encoder.precisionName)"),
                DoctorCheck(
                    "model", .ok,
                    "\(model.id), \(model.embeddingDimension) dimensions, \(model.license)"),
            ]
        } catch {
            return [
                DoctorCheck(
                    "model", .failed, "\(error)", hint: "run scripts/bootstrap, or name a model with --model-dir")
            ]
        }
    }

    private static func gigabytes(_ bytes: Int64) -> String {
        let tenths = bytes / (1 << 30 / 10)
        return "\(tenths / 10).\(tenths % 10) GiB"
    }
}
