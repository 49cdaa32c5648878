import CPostgres

extension PostgresStatement {
    /// Asks the server to parse the statement and keep it under the name. False when the connection is broken.
    func prepare(on handle: OpaquePointer, name: String) -> Bool {
        PQsendPrepare(handle, name, sql, Int32(parameters.count), parameters.map(\.type)) == 1
    }

    /// Sends the statement with its values; by its name where the server has it. Results come in binary form.
    func send(to handle: OpaquePointer, name: String?) -> Bool {
        // One run of bytes holds all values. The one at its end gives an empty value an address, for without one it
        // would be NULL.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        for parameter in parameters { bytes += parameter.bytes ?? [] }
        bytes.append(0)
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = parameters.map { Int32($0.isText ? 0 : 1) }
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            let values = parameters.map { parameter -> UnsafePointer<CChar>? in
                guard let bytes = parameter.bytes else { return nil }
                defer { offset += bytes.count }
                return buffer.baseAddress!.advanced(by: offset).assumingMemoryBound(to: CChar.self)
            }
            let count = Int32(parameters.count)
            return if let name {
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
            } else {
                PQsendQueryParams(handle, sql, count, parameters.map(\.type), values, lengths, formats, 1) == 1
            }
        }
    }
}
