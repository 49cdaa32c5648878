import CPostgres

/// One session with the server, opened when it is first needed and again after it broke.
///
/// Not `Sendable`: it lives on the thread that drives it. Only its doorbell is rung from elsewhere.
final class Connection {
    let configuration: PostgresConfiguration
    let doorbell: Doorbell
    /// Whether the work at hand is no longer wanted; looked at when the doorbell rings.
    var isUnwanted: () -> Bool = { false }

    private(set) var handle: OpaquePointer?
    var statements = KeptStatements()
    /// The attempt to stop the statement that runs, where there is one.
    var cancellation: Cancellation?

    init(_ configuration: PostgresConfiguration, doorbell: Doorbell = Doorbell()) {
        self.configuration = configuration
        self.doorbell = doorbell
    }

    deinit { close() }

    var isOpen: Bool { handle != nil }
    var socket: Int32 { handle.map(PQsocket) ?? -1 }
    var isInTransaction: Bool { handle.map { PQtransactionStatus($0) != PQTRANS_IDLE } ?? false }
    /// The server's process for this session.
    var processID: Int32 { handle.map(PQbackendPID) ?? 0 }

    /// Opens the connection if it isn't. Waits for each of the address's hosts as long as its `connect_timeout` says.
    func open() throws(PostgresError) {
        guard handle == nil else { return }
        let parameters = configuration.connectionParameters
        let new = withCStrings(parameters.map(\.name)) { names in
            withCStrings(parameters.map(\.value)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let new else { throw PostgresError(.unreachable, "no memory for a connection") }
        guard PQstatus(new) == CONNECTION_OK else {
            let detail = Self.oneLine(PQerrorMessage(new))
            PQfinish(new)
            throw PostgresError(.unreachable, detail)
        }
        handle = new
        PQsetnonblocking(new, 1)
        PQsetNoticeProcessor(new, { _, _ in }, nil)
        do throws(PostgresError) {
            guard encoding("server_encoding") == "UTF8" else {
                throw PostgresError(.unexpectedResult, "the database's encoding is not UTF8")
            }
            try run(script: configuration.sessionSetup)
        } catch {
            close()
            throw error
        }
    }

    func close() {
        guard let handle else { return }
        PQfinish(handle)
        self.handle = nil
        statements = KeptStatements()
        cancellation = nil
    }

    /// Takes in what the server sent unasked; closes the connection when it ended it.
    func takeIn() {
        guard let handle else { return }
        if PQconsumeInput(handle) == 0 || PQstatus(handle) != CONNECTION_OK { close() }
    }

    private func encoding(_ name: String) -> String? {
        handle.flatMap { PQparameterStatus($0, name) }.map { String(cString: $0) }
    }

    /// Libpq's words for the log, without line ends and of bounded length.
    static func oneLine(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "no reason given" }
        let words = String(cString: text).split(whereSeparator: \.isNewline).joined(separator: "; ")
        return String(words.prefix(300))
    }

    private func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        // One run of bytes with a NUL after each text, and pointers into it.
        let bytes = texts.flatMap { Array($0.utf8CString) }
        return bytes.withUnsafeBufferPointer { buffer in
            var pointers: [UnsafePointer<CChar>?] = []
            var start = 0
            for text in texts {
                pointers.append(buffer.baseAddress! + start)
                start += text.utf8.count + 1
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
        }
    }
}
