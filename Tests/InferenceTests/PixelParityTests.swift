import Domain
import Foundation
import Imaging
import Testing

/// Preprocessing against the reference processors of Python (transformers and open_clip), for each resize mode, crop,
/// interpolation and normalization that the catalogue's models use.
///
/// Tolerances, in levels of 0...255. Decoders differ by a level or two, Imago shrinks large pictures in steps, and colour
/// conversions round differently; so single values may be off by some, and means by little.
@Suite struct PixelParityTests {
    private struct Tolerance {
        /// Each mean of a sixteenth of a channel.
        var block: Float = 1.5
        /// Mean difference of single values over all pictures of a pipeline.
        var mean: Float = 0.25
        /// So many of a hundred single values differ by no more than `sample`.
        var share = 0.995
        var sample: Float = 4

        /// transformers cuts the middle out a pixel further left or up than torchvision where what is left over is odd, so
        /// half of such pictures are a pixel apart. Imago does as torchvision, with which the models were trained.
        init(pipeline: String) {
            guard pipeline == "transformers CLIP" else { return }
            (block, mean, share) = (3, 0.6, 0.975)
        }
    }

    private struct Golden {
        let pipelines: [(name: String, preprocessing: Preprocessing)]
        let own: [String]
        let shared: [String]
        let samples: Int
        let blocks: Int
        let seed: UInt64
        let bytes: [UInt8]

        init() throws {
            let listing = try Fixtures.json("parity-pixels.json")
            func floats(_ value: JSONValue) -> [Float] { value.array!.map { Float($0.number!.double) } }
            pipelines = listing["pipelines"]!.array!.map { entry in
                (
                    entry["name"]!.string!,
                    Preprocessing(
                        size: entry["size"]!.number!.int!, resize: .init(rawValue: entry["resize"]!.string!)!,
                        interpolation: .init(rawValue: entry["interpolation"]!.string!)!,
                        crop: .init(rawValue: entry["crop"]!.string!)!, colourOrder: .rgb,
                        mean: floats(entry["mean"]!), std: floats(entry["std"]!))
                )
            }
            own = listing["own"]!.array!.map { $0.string! }
            shared = listing["shared"]!.array!.map { $0.string! }
            samples = listing["samples"]!.number!.int!
            blocks = listing["blocks"]!.number!.int!
            seed = UInt64(listing["seed"]!.number!.int!)
            bytes = try Fixtures.bytes("parity-pixels.bin")
        }

        var blockCount: Int { 3 * blocks * blocks }

        /// What the reference gives for a picture, by its place in the listing.
        func values(picture: Int, pipeline: Int) -> [Float] {
            let count = blockCount + samples
            let start = 2 * count * (picture * pipelines.count + pipeline)
            return (0..<count).map { Float(Int(bytes[start + 2 * $0]) | Int(bytes[start + 2 * $0 + 1]) << 8) / 128 }
        }

        /// The same numbers of a tensor of ours.
        func values(_ tensor: PixelTensor, _ preprocessing: Preprocessing) -> [Float] {
            let size = tensor.size
            let plane = size * size
            func level(_ index: Int) -> Float {
                let channel = index / plane
                let value = tensor.values[index] * preprocessing.std[channel] + preprocessing.mean[channel]
                return min(255, max(0, value * 255))
            }
            var values: [Float] = []
            let block = size / blocks
            for channel in 0..<3 {
                for row in 0..<blocks {
                    for column in 0..<blocks {
                        var sum: Float = 0
                        for y in row * block..<(row + 1) * block {
                            for x in column * block..<(column + 1) * block {
                                sum += level(channel * plane + y * size + x)
                            }
                        }
                        values.append(sum / Float(block * block))
                    }
                }
            }
            var random = SplitMix64(state: seed)
            for _ in 0..<samples { values.append(level(random.below(3 * plane))) }
            return values
        }
    }

    /// The shared photos' folder, where it is: `IMAGO_SHARED_DATA`, or `../shared/data` beside the package.
    private static var sharedFolder: String? {
        let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let named = ProcessInfo.processInfo.environment["IMAGO_SHARED_DATA"]
        let folder = named ?? package.appending(path: "../shared/data").standardized.path
        return FileManager.default.fileExists(atPath: folder + "/one-photo-per-class") ? folder : nil
    }

    private struct Differences {
        var samples: [Float] = []
        var worstBlock: (Float, String) = (0, "")
    }

    private func compare(_ golden: Golden, pictures: Range<Int>, path: (Int) -> String) async throws {
        let reader = try VipsImageReader()
        for (number, pipeline) in golden.pipelines.enumerated() {
            let tolerance = Tolerance(pipeline: pipeline.name)
            var differences = Differences()
            for picture in pictures {
                let tensor = try await reader.pixels(
                    path: path(picture), preprocessing: pipeline.preprocessing)
                let ours = golden.values(tensor, pipeline.preprocessing)
                let wanted = golden.values(picture: picture, pipeline: number)
                let off = zip(ours, wanted).map { abs($0 - $1) }
                differences.samples += off[golden.blockCount...]
                let block = off[..<golden.blockCount].max()!
                if block > differences.worstBlock.0 { differences.worstBlock = (block, path(picture)) }
                #expect(
                    block <= tolerance.block, "\(pipeline.name), \(path(picture)): a block is off by \(block)")
            }
            let mean = differences.samples.reduce(0, +) / Float(differences.samples.count)
            let within = differences.samples.count { $0 <= tolerance.sample }
            let share = Double(within) / Double(differences.samples.count)
            print(
                """
                \(pipeline.name): \(pictures.count) pictures, values off by \(mean) in the mean, \
                \(100 * share) % by at most \(tolerance.sample), worst block \(differences.worstBlock)
                """)
            #expect(mean <= tolerance.mean, "\(pipeline.name)")
            #expect(share >= tolerance.share, "\(pipeline.name)")
        }
    }

    @Test func ownPicturesAreAsTheReferencesMakeThem() async throws {
        let golden = try Golden()
        try await compare(golden, pictures: 0..<golden.own.count) { "\(Fixtures.folder)/\(golden.own[$0])" }
    }

    @Test(.enabled(if: sharedFolder != nil, "the shared photos are not here: set IMAGO_SHARED_DATA"))
    func twoHundredOddPicturesAreAsTheReferencesMakeThem() async throws {
        let golden = try Golden()
        let folder = try #require(Self.sharedFolder)
        let first = golden.own.count
        try await compare(golden, pictures: first..<first + golden.shared.count) {
            "\(folder)/\(golden.shared[$0 - first])"
        }
    }
}
