import Domain
import Foundation
import Imaging
import Inference
import Testing

@testable import ModelStore

@Suite struct CalibrationTests {
    /// Pairs whose chance to match is a known logistic function of the cosine: the fit must find that function.
    @Test func theFitFindsTheFunctionThatMadeThePairs() throws {
        let truth = ScoreCalibration(slope: 24, intercept: -6)
        var state: UInt64 = 7
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(UInt64(1) << 53)
        }
        var matching: [Float] = []
        var others: [Float] = []
        for _ in 0..<200_000 {
            let cosine = Float(uniform() * 0.6)
            if uniform() < truth.score(similarity: cosine) { matching.append(cosine) } else { others.append(cosine) }
        }
        // The same shares as were drawn.
        let rarity = Double(matching.count + others.count) / Double(matching.count)
        let fit = try #require(CalibrationFit.fit(matching: matching, others: others, rarity: rarity))
        #expect(abs(fit.slope - truth.slope) < 0.5 && abs(fit.intercept - truth.intercept) < 0.2, "\(fit)")
        // Rarer matches: lower scores.
        let rarer = try #require(CalibrationFit.fit(matching: matching, others: others, rarity: rarity * 20))
        #expect(rarer.score(similarity: 0.3) < fit.score(similarity: 0.3))
    }

    @Test func whatSaysNothingIsNotFitted() {
        #expect(CalibrationFit.fit(matching: [0.1, 0.2], others: [0.3, 0.4], rarity: 50) == nil)
        #expect(CalibrationFit.fit(matching: [], others: [0.3], rarity: 50) == nil)
        #expect(CalibrationFit.fit(matching: [0.3], others: [], rarity: 50) == nil)
        // Kinds that don't overlap have no best fit, but a steep one.
        let steep = CalibrationFit.fit(matching: [0.4, 0.5], others: [0.1, 0.2], rarity: 2)
        #expect((steep?.score(similarity: 0.5) ?? 0) > 0.9 && (steep?.score(similarity: 0.1) ?? 1) < 0.1)
    }

    @Test func captionsAreReadLineByLine() throws {
        let file = try CaptionFile("a.jpg\tA dog.\na.jpg\tA dog\trunning\r\n\nb.jpg\tSnow")
        #expect(file.files == ["a.jpg", "b.jpg"])
        #expect(file.pairs.map(\.caption) == ["A dog.", "A dog\trunning", "Snow"])
        for bad in ["a.jpg", "a.jpg\t", "\tA dog"] {
            #expect(throws: ModelStoreError.self) { try CaptionFile("x.jpg\tfine\n" + bad) }
        }
    }

    private static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized
    private static var photos: String? {
        let named = ProcessInfo.processInfo.environment["IMAGO_SHARED_DATA"]
        let folder = (named ?? package.appending(path: "../shared/data").standardized.path) + "/captioned-photos"
        return FileManager.default.fileExists(atPath: folder + "/validation.tsv") ? folder : nil
    }

    @Test(.enabled(if: photos != nil, "the captioned photos are not here: set IMAGO_SHARED_DATA"))
    func theBuiltInModelIsCalibratedOnPhotos() async throws {
        let folder = try #require(Self.photos)
        let all = try CaptionFile(String(contentsOfFile: folder + "/validation.tsv", encoding: .utf8))
        let some = Set(all.files.prefix(40))
        let text = all.pairs.filter { some.contains($0.file) }.map { "\($0.file)\t\($0.caption)" }
            .joined(separator: "\n")
        let encoder = try await OpenVINOEncoder(
            folder: Self.package.path + "/Models/starter", options: EncoderOptions(precision: .f32))
        let calibrator = Calibrator(encoder: encoder, reader: try VipsImageReader())
        let outcome = try await calibrator.calibrate(
            CaptionFile(text + "\nmissing.jpg\tNothing"), folder: folder + "/validation")
        #expect(outcome.pictures == 40 && outcome.captions == 200 && outcome.unreadable == ["missing.jpg"])
        #expect(outcome.matching[1] > 0.2 && outcome.others[1] < 0.05, "\(outcome)")
        #expect((10...40).contains(outcome.calibration.slope), "\(outcome)")
    }
}
