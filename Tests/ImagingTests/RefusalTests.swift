import Domain
import Foundation
import LibraryTesting
import Testing

@testable import Imaging

/// What is no image, or not whole.
@Suite struct RefusalTests {
    /// Formats that libvips or its plugins may read, and Imago does not let near them.
    @Test(arguments: [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><rect width=\"9\" height=\"9\"/></svg>",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE svg><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj", "%!PS-Adobe-3.0 EPSF-3.0\n",
        "push graphic-context\nviewbox 0 0 9 9\n",
        "P6\n1 1\n255\nabc", "P1\n1 1\n1\n", "SIMPLE  =                    T", "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n",
        "\u{08}\u{F2}\u{A6}\u{B6}", "gimp xcf file", "8BPS\0\u{1}", "PK\u{3}\u{4}", "\u{0}\u{0}\u{1}\u{0}\u{1}\u{0}",
        "\u{0}\u{0}\u{0}\u{C}jP  \r\n\u{87}\n", "id=ImageMagick", "v=1", "<html><img src=x></html>", "GIF88a",
        "RIFF\0\0\0\0WAVE",
        "BMP is not this", "MM\0*", "II*\0", "\u{0}\u{0}\u{0}\u{14}ftypisom\0\0\0\0isom", "hello, world\n", "\0", " ",
    ])
    func otherFilesAreNoImages(text: String) async throws {
        let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        let error = try #require(try await failure(bytes))
        #expect(error.code == (text == "MM\0*" || text == "II*\0" ? .corrupt : .unsupported))
        if error.code == .unsupported {
            #expect(error.message.contains("JPEG, PNG, WEBP, GIF, TIFF, BMP, HEIC, AVIF"))
        }
        #expect(try await decodingFailure(bytes)?.code == error.code)
    }

    @Test func anEmptyFileIsNone() async throws {
        #expect(try await failure([]) == ImageReadingError(code: .unsupported, message: "The file is empty."))
    }

    @Test func whatCannotBeReadIsNoFaultOfTheImage() async throws {
        let reader = try VipsImageReader()
        let folder = FileManager.default.temporaryDirectory.path
        for path in [folder, folder + "/imago-there-is-none-\(UInt64.random(in: .min ... .max))", "/dev/zero"] {
            do throws(ImageReadingError) {
                _ = try await reader.probe(path: path)
                Issue.record("\(path) was read")
            } catch {
                #expect(error.code == .unavailable && !error.message.contains("/"), "\(error)")
            }
        }
    }

    @Test(arguments: FormatTests.samples)
    func aFileCutShortIsRefused(sample: FormatTests.Sample) async throws {
        let bytes = try Picture.wide.encoded(sample.operation, sample.options)
        for percent in [1, 10, 30, 50, 70, 90] {
            let cut = Array(bytes[..<(bytes.count * percent / 100)])
            let error = try await decodingFailure(cut)
            #expect(
                error?.code == .corrupt || error?.code == .unsupported, "\(percent) %: \(String(describing: error))")
            #expect(error?.message.contains("vips") != true && error?.message.contains("/tmp") != true)
        }
    }

    @Test(arguments: FormatTests.samples)
    func damagedBytesGiveAPictureOrAnError(sample: FormatTests.Sample) async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("RefusalTests \(sample.testDescription) seed \(seed)")
        var state = seed
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        let whole = try Picture.wide.encoded(sample.operation, sample.options)
        let limits = ImagingLimits(maximumPixels: 1_000_000)
        for _ in 0..<25 {
            var bytes = whole
            for _ in 0...next() % 8 { bytes[next() % bytes.count] = UInt8(next() & 255) }
            // The first bytes are where sizes are.
            if next() % 2 == 0 { bytes[next() % min(64, bytes.count)] = UInt8(next() & 255) }
            let error = try await decodingFailure(bytes, limits)
            #expect(error?.code != .unavailable, "seed \(seed): \(String(describing: error))")
        }
    }

    @Test(.enabled(if: SharedFiles.exist, SharedFiles.absent))
    func aCollectionOfHostileFiles() async throws {
        let reader = try VipsImageReader(limits: ImagingLimits())
        for (name, verdict) in try SharedFiles.listed(under: "synthetic/") {
            let file = try ImageFile(try SharedFiles.bytes(name))
            let outcome: ImageReadingError?
            do throws(ImageReadingError) {
                _ = try await reader.probe(path: file.path)
                _ = try await reader.pixels(path: file.path, preprocessing: .plain(size: 32))
                outcome = nil
            } catch { outcome = error }
            // Scripts in drawings are why no drawing is taken.
            if verdict.hasPrefix("yes"), !name.hasSuffix(".svg") { #expect(outcome == nil, "\(name): \(verdict)") }
            if verdict.hasPrefix("no") || name.hasSuffix(".svg") { #expect(outcome != nil, "\(name): \(verdict)") }
            if verdict.contains("pixel limit"), verdict.hasPrefix("no"), !name.hasSuffix(".svg") {
                #expect(outcome?.code == .tooLarge, "\(name)")
            }
            #expect(outcome?.code != .unavailable, "\(name): \(String(describing: outcome))")
        }
    }
}
