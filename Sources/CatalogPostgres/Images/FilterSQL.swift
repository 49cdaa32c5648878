import Domain
import PostgresClient

extension ImageFilter {
    /// The condition, in SQL, that an image is the account's and matches. It is true or false, never NULL.
    func condition(account: AccountID, _ bindings: inout Bindings) -> String {
        let owner = "image.account = \(bindings.bind(.id(account)))"
        return ([owner] + conditions.map { $0.sql(&bindings) }).joined(separator: " AND ")
    }
}

extension ImageFilter.Condition {
    fileprivate func sql(_ bindings: inout Bindings) -> String {
        switch self {
        case .ids(let ids): "image.id = ANY(\(bindings.bind(.ids(ids))))"
        case .status(let statuses):
            "image.status = ANY(\(bindings.bind(.int16s(statuses.map { Int16($0.rawValue) }))))"
        case .contentType(let types):
            "image.format = ANY("
                + bindings.bind(.texts(types.compactMap { ImageFormat(contentType: $0)?.rawValue })) + ")"
        case .uploadedAfter(let time): "image.uploaded_at >= \(bindings.bind(.double(time)))"
        case .uploadedBefore(let time): "image.uploaded_at < \(bindings.bind(.double(time)))"
        case .metadata(let field, let comparison):
            MetadataSQL(field).sql(comparison, &bindings)
        }
    }
}
