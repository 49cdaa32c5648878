/// Where the time comes from, so that tests need no sleeping.
public protocol TimeSource: Sendable {
    /// Unix time in seconds.
    var now: Double { get }
}

/// Seconds since 1970, the form of every timestamp in the API.
public typealias Timestamp = Double
