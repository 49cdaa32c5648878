import Crypto
import Foundation

/// The fastest plan of one graph on one machine, kept in a small file. It is only ever a hint: one that can't be read or
/// written is measured again.
struct PlanMemory: Sendable {
    private let path: String

    /// - Parameter circumstances: everything that may make another plan the fastest.
    init(folder: String, circumstances: [String]) {
        let digest = SHA256.hash(data: Data(circumstances.joined(separator: "\n").utf8))
        let name = digest.prefix(16).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        path = "\(folder)/plan-\(name).json"
    }

    var plan: ImagePlan? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
            let plan = try? JSONDecoder().decode(ImagePlan.self, from: data),
            (1...1024).contains(plan.streams), (1...64).contains(plan.batch)
        else { return nil }
        return plan
    }

    func store(_ plan: ImagePlan) {
        try? JSONEncoder().encode(plan).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
