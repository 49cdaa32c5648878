import CKernels
import Testing

@testable import VectorSearch

/// Every table this processor runs, beside the portable one.
private struct Table: Sendable, CustomTestStringConvertible {
    // Constants of the C library, never written.
    nonisolated(unsafe) let pointer: UnsafePointer<imago_kernels>
    var kernels: imago_kernels { pointer.pointee }
    var testDescription: String { String(cString: pointer.pointee.name) }

    static let all: [Table] = {
        var pointers = [UnsafePointer<imago_kernels>?](repeating: nil, count: 8)
        let count = imago_kernels_runnable(&pointers, 8)
        return pointers[..<count].map { Table(pointer: $0!) }
    }()
    static var portable: imago_kernels { all[0].kernels }
}

@Suite struct KernelTests {
    private var random = SplitMix64(state: 7)

    private mutating func floats(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
    }

    @Test func thePortableTableIsThereAndTheBestIsTheLast() {
        #expect(Table.all[0].testDescription == "portable")
        #expect(Table.all.last!.testDescription == Kernels.name)
    }

    @Test(arguments: Table.all) private mutating func dotProducts(table: Table) {
        for count in [0, 1, 3, 15, 16, 17, 63, 64, 65, 100, 384, 512, 513, 768, 1024] {
            let left = floats(count)
            let right = floats(count)
            var half = [UInt16](repeating: 0, count: count)
            table.kernels.narrow(right, &half, count)
            #expect(half == right.map { Float16($0).bitPattern })
            let expected = zip(left, half).reduce(0.0) { $0 + Double($1.0) * Double(Float16(bitPattern: $1.1)) }
            #expect(abs(Double(table.kernels.dot_half(left, half, count)) - expected) < 1e-4)
            let single = zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(Double(table.kernels.dot(left, right, count)) - single) < 1e-4)
        }
    }

    @Test(arguments: Table.all) private func everyHalfPrecisionNumberSurvives(table: Table) {
        let all = (0...UInt16.max).filter { Float16(bitPattern: $0).isFinite }
        var wide = [Float](repeating: 0, count: all.count)
        table.kernels.widen(all, &wide, all.count)
        #expect(wide == all.map { Float(Float16(bitPattern: $0)) })
        var narrow = [UInt16](repeating: 0, count: all.count)
        table.kernels.narrow(wide, &narrow, all.count)
        #expect(narrow == all)
    }

    @Test(arguments: Table.all) private func roundingToHalfPrecision(table: Table) {
        let hard: [Float] = [
            0, -0.0, 1e-8, 2.9e-8, 3e-8, 5.96e-8, 6.09e-5, 6.1e-5, 6.1035156e-5, 1.00048828125, 1.000732421875,
            1.0014648, 65503, 65504, 65519, 65520, 1e9, -1e9, .infinity, -.infinity, .leastNonzeroMagnitude,
        ]
        var narrow = [UInt16](repeating: 0, count: hard.count)
        table.kernels.narrow(hard, &narrow, hard.count)
        #expect(narrow == hard.map { Float16($0).bitPattern })
    }

    @Test(arguments: Table.all, [64, 128, 320, 512, 768, 1024]) private mutating func rotations(
        table: Table, dimension: Int
    ) {
        let vector = floats(dimension)
        let signs = (0..<4 * dimension).map { _ in UInt32(random.next() & 1) << 31 }
        var expected = vector
        Table.portable.rotate(&expected, dimension, signs, 4)
        var rotated = vector
        table.kernels.rotate(&rotated, dimension, signs, 4)
        #expect(zip(rotated, expected).allSatisfy { abs($0 - $1) < 1e-4 })
        let length = { (values: [Float]) in values.reduce(0) { $0 + $1 * $1 } }
        #expect(abs(length(rotated) / length(vector) - 1) < 1e-4)
    }

    @Test(arguments: Table.all, [64, 192, 512, 768, 1088]) private mutating func codesAndScans(
        table: Table, dimension: Int
    ) {
        let words = dimension / 64
        let count = 77
        let centroid = floats(dimension, scale: 0.02)
        var codes = [UInt64](repeating: 0, count: count * words)
        var factors: [[Float]] = Array(repeating: [Float](repeating: 0, count: count), count: 3)
        for slot in 0..<count {
            // Among them the centroid itself, whose residual is zero.
            let vector = slot == 5 ? centroid : floats(dimension, scale: 0.1)
            var expected = [UInt64](repeating: 0, count: words)
            let reference = Table.portable.encode(vector, centroid, dimension, &expected)
            let got = codes.withUnsafeMutableBufferPointer {
                table.kernels.encode(vector, centroid, dimension, $0.baseAddress! + slot * words)
            }
            #expect(Array(codes[slot * words..<(slot + 1) * words]) == expected)
            #expect(abs(got.scale - reference.scale) < 1e-4 && abs(got.offset - reference.offset) < 1e-4)
            #expect(abs(got.spread - reference.spread) < 1e-4 && got.spread.isFinite)
            (factors[0][slot], factors[1][slot], factors[2][slot]) = (got.scale, got.offset, got.spread)
        }
        // All bits and none, the extremes of the sums.
        for word in 0..<words { (codes[word], codes[words + word]) = (.max, 0) }
        let planes = (0..<4 * words).map { $0 < words ? UInt64.max : random.next() }
        withCodes(codes, factors) { store in
            var store = store
            for (first, length) in [(0, 77), (0, 0), (3, 1), (1, 16), (2, 33), (60, 17)] {
                for threshold in [-Float.infinity, 0, 0.3, .infinity] {
                    planes.withUnsafeBufferPointer { planes in
                        var scan = imago_scan(
                            planes: planes.baseAddress!, words: words, slope: 0.003, shift: 0.1, base: -0.05,
                            error: 0.7, threshold: threshold)
                        let listed = (first..<first + length).map(UInt32.init).reversed().map { $0 }
                        let expected = run { Table.portable.scan(&store, &scan, first, length, $0, $1) }
                        let plain = run { table.kernels.scan(&store, &scan, first, length, $0, $1) }
                        let byList = run { table.kernels.scan_listed(&store, &scan, listed, length, $0, $1) }
                        #expect(plain.map(\.0) == expected.map(\.0))
                        #expect(byList.map(\.0) == expected.map(\.0).reversed())
                        #expect(zip(plain, expected).allSatisfy { abs($0.1 - $1.1) < 1e-3 })
                    }
                }
            }
        }
    }

    private func run(_ scan: (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<Float>) -> Int) -> [(UInt32, Float)] {
        var slots = [UInt32](repeating: 0, count: 77)
        var bounds = [Float](repeating: 0, count: 77)
        let found = scan(&slots, &bounds)
        return Array(zip(slots, bounds).prefix(found))
    }

    private func withCodes(_ codes: [UInt64], _ factors: [[Float]], _ body: (imago_codes) -> Void) {
        codes.withUnsafeBufferPointer { codes in
            factors[0].withUnsafeBufferPointer { scale in
                factors[1].withUnsafeBufferPointer { offset in
                    factors[2].withUnsafeBufferPointer { spread in
                        body(
                            imago_codes(
                                codes: codes.baseAddress!, scale: scale.baseAddress!, offset: offset.baseAddress!,
                                spread: spread.baseAddress!))
                    }
                }
            }
        }
    }

    @Test(arguments: Table.all, [64, 512]) private mutating func assignment(table: Table, dimension: Int) {
        let count = 23
        let centroidCount = 12
        let vectors = (0..<count * dimension).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let centroids = (0..<centroidCount * dimension).map { _ in Int8.random(in: .min ... .max, using: &random) }
        let sums = (0..<centroidCount).map { c in
            centroids[c * dimension..<(c + 1) * dimension].reduce(Int32(0)) { $0 + Int32($1) }
        }
        let penalty = floats(centroidCount, scale: 10)
        func assign(_ kernels: imago_kernels) -> ([UInt32], [Float]) {
            var best = [UInt32](repeating: 99, count: count)
            var value = [Float](repeating: 0, count: count)
            kernels.assign(
                vectors, count, centroids, sums, penalty, centroidCount, dimension, 1e-4, &best, &value)
            return (best, value)
        }
        let expected = assign(Table.portable)
        let got = assign(table.kernels)
        #expect(got.0 == expected.0)
        #expect(zip(got.1, expected.1).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test func checksumsSeeEveryBit() {
        var bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        let sum = imago_checksum(bytes, bytes.count, 1)
        for bit in 0..<bytes.count * 8 {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(imago_checksum(bytes, bytes.count, 1) != sum)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        #expect(imago_checksum(bytes, bytes.count - 1, 1) != sum)
        #expect(imago_checksum(bytes, bytes.count, 2) != sum)
    }

    @Test func rowsAreSelectedByBitmap() {
        let rows: [Int64] = [1, 64, 63, 1000, 128, 2]
        var slots = [UInt32](repeating: 0, count: 6)
        let bitmap: [UInt64] = [1 << 63 | 1 << 1, 1 << 0]
        #expect(imago_select_rows(rows, 0, 6, bitmap, 2, &slots) == 3)
        #expect(Array(slots[..<3]) == [0, 1, 2])
        #expect(imago_select_rows(rows, 2, 4, bitmap, 2, &slots) == 1)
    }
}
