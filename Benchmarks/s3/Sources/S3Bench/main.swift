import BlobsS3
import Domain
import Foundation

// Uploads through the service's own store, on request. Arguments: the store's URL and a folder. Credentials come from
// the environment. Each line of the input is `FILE SIZE TASKS`: the file's bytes, SIZE at a time, TASKS uploads at once.
// Each line of the output is JSON: seconds in all, milliseconds of each upload, and the process's peak memory so far.

struct Clock: TimeSource { var now: Double { Date().timeIntervalSince1970 } }

let arguments = CommandLine.arguments
let store = try await S3BlobStore.open(
    S3Configuration(
        location: try S3Location(arguments[1]), folder: arguments[2], environment: ProcessInfo.processInfo.environment),
    clock: Clock())
try await store.check()

/// As the service does: staged a piece at a time as it arrives, hashed, then published.
func upload(_ bytes: Data) async throws -> Double {
    let start = ContinuousClock.now
    let staging = try await store.stage()
    var position = bytes.startIndex
    while position < bytes.endIndex {
        let end = min(position + 64 * 1024, bytes.endIndex)
        try await staging.write(Array(bytes[position..<end]))
        position = end
    }
    try await store.publish(try await staging.finish())
    return (ContinuousClock.now - start) / .milliseconds(1)
}

func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
    return Int(line.filter(\.isNumber)).map { $0 / 1024 } ?? 0
}

while let line = readLine() {
    let words = line.split(separator: " ").map(String.init)
    let size = Int(words[1])!
    let tasks = Int(words[2])!
    let file = try Data(contentsOf: URL(fileURLWithPath: words[0]), options: .mappedIfSafe)
    let blobs = stride(from: 0, to: file.count, by: size).map { file[$0..<min($0 + size, file.count)] }
    let start = ContinuousClock.now
    let times = try await withThrowingTaskGroup(of: Double.self) { group in
        var times: [Double] = []
        for (number, blob) in blobs.enumerated() {
            if number >= tasks, let time = try await group.next() { times.append(time) }
            group.addTask { try await upload(blob) }
        }
        for try await time in group { times.append(time) }
        return times
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print("{\"seconds\":\(seconds),\"milliseconds\":\(times),\"peak_mb\":\(peakMemory())}")
    fflush(nil)
}
