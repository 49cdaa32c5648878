import Domain
import Foundation
import VectorSearch

/// Usage: VectorBench FOLDER DIMENSION OUT
///
/// FOLDER holds vectors.f32, queries.f32 and filter-NAME.u64 (bitmaps by row; the vector at position i has row i + 1).
/// Prints progress; writes OUT.json with the figures and OUT-NAME.rows with the rows found for each query.
struct Report: Encodable {
    var instructionSet = QuantizedVectorIndex.instructionSet
    var vectors = 0
    var dimension = 0
    var searchableSeconds = 0.0
    var settledSeconds = 0.0
    var anonymousBytesPerVector = 0.0
    var fileBytesPerVector = 0.0
    var searches: [String: Latencies] = [:]
    /// Searches while 1,000 vectors a second come in.
    var whileInserting: Latencies?
    var insertedPerSecond = 0.0
    var snapshotSaveSeconds = 0.0
    var snapshotStartSeconds = 0.0
}

func progress(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

let arguments = CommandLine.arguments
let folder = arguments[1]
let dimension = Int(arguments[2])!
let out = arguments[3]
let file = try VectorFile(path: "\(folder)/vectors.f32", dimension: dimension)
let queryFile = try VectorFile(path: "\(folder)/queries.f32", dimension: dimension)
let queries = (0..<queryFile.count).map { Embedding(normalizing: queryFile[$0])! }
let account = AccountID(UUIDValue(high: 1, low: 1))
var configuration = SearchConfiguration()
if let text = ProcessInfo.processInfo.environment["GROUP_CONFIDENCE"] { configuration.groupConfidence = Float(text)! }
if let text = ProcessInfo.processInfo.environment["CODE_CONFIDENCE"] { configuration.codeConfidence = Float(text)! }

var report = Report()
report.vectors = file.count
report.dimension = dimension

@MainActor func entries(_ range: Range<Int>) -> [VectorEntry] {
    range.map { VectorEntry(row: ImageRow($0 + 1), embedding: Embedding(normalizing: file[$0])!) }
}

let before = residentMemory()
let scratch = "\(folder)/scratch"
try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
let index = QuantizedVectorIndex(dimension: dimension, folder: scratch, configuration: configuration)
index.isLoading = true
var start = now()
for first in stride(from: 0, to: file.count, by: 8192) {
    try await index.insert(entries(first..<min(file.count, first + 8192)), account: account)
}
report.searchableSeconds = now() - start
index.isLoading = false
await index.settle()
report.settledSeconds = now() - start
progress("searchable after \(report.searchableSeconds) s, settled after \(report.settledSeconds) s")
let after = residentMemory()
report.anonymousBytesPerVector = Double(after.anonymous - before.anonymous) / Double(file.count)
report.fileBytesPerVector = Double(after.file - before.file) / Double(file.count)

@MainActor func measure(
    _ name: String, _ queries: some Sequence<Embedding>, allowed: RowSet? = nil, exact: Bool = false
) async throws {
    var seconds: [Double] = []
    var rows = Data()
    for (position, query) in queries.enumerated() {
        let request = VectorQuery(embedding: query, limit: 10, allowed: allowed, exact: exact)
        let start = now()
        let hits = try await index.search(request, account: account)
        if position >= 10 { seconds.append(now() - start) }
        for place in 0..<10 {
            withUnsafeBytes(of: place < hits.count ? hits[place].row : -1) { rows.append(contentsOf: $0) }
        }
    }
    report.searches[name] = Latencies(seconds)
    try rows.write(to: URL(fileURLWithPath: "\(out)-\(name).rows"))
    progress("\(name): \(report.searches[name]!)")
}

try await measure("all", queries)
for name in ["10", "1", "0.1"] {
    let path = "\(folder)/filter-\(name).u64"
    guard let data = FileManager.default.contents(atPath: path) else { continue }
    let words = data.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
    var set = RowSet()
    for (position, word) in words.enumerated() {
        for bit in 0..<64 where word >> UInt64(bit) & 1 == 1 { set.insert(ImageRow(position * 64 + bit)) }
    }
    try await measure(name, queries, allowed: set)
}
try await measure("exact", queries.prefix(60), exact: true)

// One writer inserts a batch of 10 every 10 ms; searches go on beside it.
let newRows = entries(0..<min(4000, file.count)).enumerated().map {
    VectorEntry(row: ImageRow(file.count + 1 + $0.offset), embedding: $0.element.embedding)
}
let insertionStart = now()
let writer = Task.detached {
    for first in stride(from: 0, to: newRows.count, by: 10) {
        try await index.insert(Array(newRows[first..<min(newRows.count, first + 10)]), account: account)
        let due = insertionStart + Double(first + 10) / 1000
        if due > now() { try await Task.sleep(for: .seconds(due - now())) }
    }
    return Double(newRows.count) / (now() - insertionStart)
}
var seconds: [Double] = []
while now() < insertionStart + Double(newRows.count) / 1000 {
    let query = queries[seconds.count % queries.count]
    let begin = now()
    _ = try await index.search(VectorQuery(embedding: query, limit: 10), account: account)
    seconds.append(now() - begin)
}
report.insertedPerSecond = try await writer.value
report.whileInserting = Latencies(seconds)
progress("while inserting \(report.insertedPerSecond)/s: \(report.whileInserting!)")

// A catalog with a log in which nothing changed since.
struct Unchanged: StoredVectors, VectorChangeLog {
    func vectors(model: ModelID, after row: ImageRow, limit: Int) -> [StoredVector] { [] }
    func vectorChangePoint(model: ModelID) -> VectorChangePoint { VectorChangePoint(sequence: 1, token: 1) }
    func vectorChanges(model: ModelID, since point: VectorChangePoint, limit: Int) -> [VectorChange]? { [] }
}
let model = ModelID(rawValue: "bench")
start = now()
try await index.writeSnapshot(folder: scratch, model: model, point: VectorChangePoint(sequence: 1, token: 1))
report.snapshotSaveSeconds = now() - start
start = now()
let store = try await VectorIndexStore(folder: scratch, model: model, dimension: dimension, catalog: Unchanged())
_ = try await store.index.search(VectorQuery(embedding: queries[0], limit: 10), account: account)
report.snapshotStartSeconds = now() - start
progress(
    "snapshot written in \(report.snapshotSaveSeconds) s, ready again in \(report.snapshotStartSeconds) s: \(store.origin)"
)
let json = try JSONEncoder().encode(report)
try json.write(to: URL(fileURLWithPath: "\(out).json"))
print(String(decoding: json, as: UTF8.self))
