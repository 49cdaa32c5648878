/// The statements a session has parsed already, by their text; the least recently used gives way.
struct KeptStatements {
    static let limit = 256

    private var names: [String: (name: String, use: Int)] = [:]
    private var uses = 0
    private var made = 0
    /// Names of statements that gave way and are to be dropped from the server.
    private(set) var outdated: [String] = []

    /// The name of a statement that is there.
    mutating func name(of sql: String) -> String? {
        guard let kept = names[sql] else { return nil }
        uses += 1
        names[sql] = (kept.name, uses)
        return kept.name
    }

    /// A name never given before in this session.
    mutating func newName() -> String {
        made += 1
        return "imago_\(made)"
    }

    /// Notes that the server has the statement. The one that has gone unused longest gives way to it.
    mutating func insert(_ sql: String, name: String) {
        if names.count >= Self.limit, let oldest = names.min(by: { $0.value.use < $1.value.use }) {
            outdated.append(oldest.value.name)
            names[oldest.key] = nil
        }
        uses += 1
        names[sql] = (name, uses)
    }

    /// Notes that the server has dropped the statement.
    mutating func forget(_ name: String) { outdated.removeAll { $0 == name } }
}
