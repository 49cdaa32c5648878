extension JSONObject {
    /// This object with a merge patch applied (RFC 7396): null removes a member, an object is merged into the member of
    /// its name, anything else takes the member's place.
    public func merging(patch: JSONObject) -> JSONObject {
        var result = self
        for (name, value) in patch.members {
            switch value {
            case .null: result[name] = nil
            case .object(let inner):
                result[name] = .object((result[name]?.object ?? JSONObject()).merging(patch: inner))
            default: result[name] = value
            }
        }
        return result
    }
}
