import Foundation

/// Latencies of one run, in milliseconds.
struct Latencies: Encodable {
    let p50: Double
    let p95: Double
    let p99: Double
    let count: Int

    init(_ seconds: [Double]) {
        let sorted = seconds.sorted()
        func at(_ share: Double) -> Double { sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] * 1000 }
        (p50, p95, p99, count) = (at(0.5), at(0.95), at(0.99), sorted.count)
    }
}

func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

/// Anonymous and file-backed resident memory in bytes, as the kernel counts them.
func residentMemory() -> (anonymous: Int, file: Int) {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    func value(_ name: String) -> Int {
        status.split(separator: "\n").first { $0.hasPrefix(name) }
            .flatMap { Int($0.split(separator: " ").dropLast().last ?? "") }.map { $0 * 1024 } ?? 0
    }
    return (value("RssAnon:"), value("RssFile:") + value("RssShmem:"))
}

/// A file of little-endian single-precision vectors, one after the other.
struct VectorFile {
    private let data: Data
    let dimension: Int
    var count: Int { data.count / 4 / dimension }

    init(path: String, dimension: Int) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        self.dimension = dimension
    }

    subscript(index: Int) -> [Float] {
        data.withUnsafeBytes { bytes in
            Array(bytes.bindMemory(to: Float.self)[index * dimension..<(index + 1) * dimension])
        }
    }
}
