import CVips
import Domain

/// libvips' process-wide state: started once, and told to trust nothing.
public enum VipsRuntime {
    /// Starts libvips; later calls do nothing.
    ///
    /// Its operation cache is off (pictures are rarely asked for twice, and cached ones pin memory), each operation uses
    /// one thread (Imago works on several pictures at once instead), and loaders that its authors don't hold fit for
    /// hostile bytes are blocked.
    public static func start() throws(ImageReadingError) {
        guard started else {
            throw .unavailable("The image library could not be started.", detail: takeErrorText())
        }
    }

    /// For instance `8.14.1`; empty when libvips could not be started.
    public static var version: String { started ? String(cString: vips_version_string()) : "" }

    /// The formats that this installation can read.
    public static func supportedFormats() -> Set<ImageFormat> {
        guard started else { return [.bmp] }
        return Set(ImageFormat.allCases.filter(canRead))
    }

    static func canRead(_ format: ImageFormat) -> Bool {
        switch format {
        case .bmp: true
        case .heic, .avif: imago_has_operation("heifload_buffer") != 0
        default: imago_has_operation("\(format.rawValue)load_buffer") != 0
        }
    }

    /// For a process that only decodes: where GLib would abort for want of memory, exit with this status.
    public static func exitWhenOutOfMemory(status: Int32) { imago_exit_when_glib_lacks_memory(status) }

    private static let started: Bool = {
        guard vips_init("imago") == 0 else { return false }
        vips_cache_set_max(0)
        vips_concurrency_set(1)
        vips_block_untrusted_set(1)
        imago_silence_vips_warnings()
        return true
    }()

    /// Takes what the error buffer holds. It is one for all threads, so the text may also tell of another picture's
    /// failure: good for a log, not for decisions that matter.
    static func takeErrorText() -> String {
        guard let text = vips_error_buffer_copy() else { return "" }
        defer { g_free(text) }
        return String(cString: text)
    }

    /// The error for an operation that just failed.
    static func failure() -> ImageReadingError {
        let detail = takeErrorText()
        return tellsOfMemory(detail) ? .outOfMemory(detail: detail) : .corrupt(detail: detail)
    }

    /// Whether a library says that an allocation failed, each in its own words. (What HEIF files are refused for by the
    /// library's own limits it calls an error of allocation, too.)
    static func tellsOfMemory(_ text: String) -> Bool {
        let text = text.lowercased()
        let words = [
            "out of memory", "unable to allocate", "memory allocation", "insufficient memory", "cannot allocate",
            "failed to allocate",
        ]
        return !text.contains("security limit") && words.contains { text.contains($0) }
    }
}
