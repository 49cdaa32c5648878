#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A call of the system that failed. For logs.
struct SystemError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Reads `errno`: nothing may be called in between.
    static func last(_ what: String) -> SystemError { SystemError("\(what): \(String(cString: strerror(errno)))") }
}
