import CVips
import Domain
import LibraryTesting

@testable import Imaging

extension Picture {
    /// A libvips operation that saves, by name, with options as `vips` on the command line takes them.
    func encoded(
        _ operation: String, _ options: [String: String] = [:],
        as space: VipsInterpretation? = nil, _ change: (VipsPicture) throws -> VipsPicture = { $0 }
    ) throws -> [UInt8] {
        try VipsRuntime.start()
        let pixels = try PixelBuffer(width: width, height: height, bands: bands)
        _ = pixels.samples.update(fromContentsOf: samples)
        let usual = bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB
        let picture = try change(try VipsPicture(pixels, as: space ?? usual))
        defer { withExtendedLifetime(pixels) {} }
        return try VipsWriter.encode(picture, operation, options)
    }
}

/// Runs libvips' savers by name through GObject, because Swift can't call their variadic C functions.
enum VipsWriter {
    struct Failure: Error, CustomStringConvertible { let description: String }

    static func encode(_ picture: VipsPicture, _ operation: String, _ options: [String: String]) throws -> [UInt8] {
        let blob = try run(operation, options, output: "buffer") { set(picture, "in", of: $0) }
        defer { vips_area_unref(UnsafeMutableRawPointer(blob).assumingMemoryBound(to: VipsArea.self)) }
        var count = 0
        let start = vips_blob_get(blob, &count)
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// One of the profiles that libvips has built in: `srgb`, `p3` or `cmyk`.
    static func profile(_ name: String) throws -> [UInt8] {
        try VipsRuntime.start()
        let blob = try run("profile_load", ["name": name], output: "profile") { _ in }
        defer { vips_area_unref(UnsafeMutableRawPointer(blob).assumingMemoryBound(to: VipsArea.self)) }
        var count = 0
        let start = vips_blob_get(blob, &count)
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    private static func run(
        _ name: String, _ options: [String: String], output: String,
        _ prepare: (UnsafeMutablePointer<VipsOperation>) -> Void
    ) throws -> UnsafeMutablePointer<VipsBlob> {
        guard var operation = vips_operation_new(name) else { throw failure(name) }
        prepare(operation)
        for (option, value) in options {
            let object = UnsafeMutableRawPointer(operation).assumingMemoryBound(to: VipsObject.self)
            guard vips_object_set_argument_from_string(object, option, value) == 0 else { throw failure(name) }
        }
        guard let built = vips_cache_operation_build(operation) else {
            g_object_unref(operation)
            throw failure(name)
        }
        g_object_unref(operation)
        operation = built
        defer {
            vips_object_unref_outputs(UnsafeMutableRawPointer(operation).assumingMemoryBound(to: VipsObject.self))
            g_object_unref(operation)
        }
        var value = GValue()
        g_value_init(&value, vips_blob_get_type())
        defer { g_value_unset(&value) }
        g_object_get_property(UnsafeMutableRawPointer(operation).assumingMemoryBound(to: GObject.self), output, &value)
        guard let blob = g_value_dup_boxed(&value) else { throw failure(name) }
        return blob.assumingMemoryBound(to: VipsBlob.self)
    }

    private static func set(
        _ picture: VipsPicture, _ property: String, of operation: UnsafeMutablePointer<VipsOperation>
    ) {
        var value = GValue()
        g_value_init(&value, vips_image_get_type())
        defer { g_value_unset(&value) }
        g_value_set_object(&value, picture.pointer)
        g_object_set_property(
            UnsafeMutableRawPointer(operation).assumingMemoryBound(to: GObject.self), property, &value)
    }

    private static func failure(_ name: String) -> Failure {
        Failure(description: "\(name): \(VipsRuntime.takeErrorText())")
    }
}
