/// How much of a body the parser is willing to hold or to look at. The bytes of parts are not its business: they are
/// handed on as they come.
public struct MultipartLimits: Sendable, Hashable {
    /// Bytes of one part's header lines.
    public var headerBytes: Int
    /// Parts in one body.
    public var parts: Int
    /// Bytes before the first boundary, which mean nothing.
    public var preambleBytes: Int

    public init(headerBytes: Int = 16 * 1024, parts: Int = 1024, preambleBytes: Int = 4096) {
        self.headerBytes = headerBytes
        self.parts = parts
        self.preambleBytes = preambleBytes
    }

    /// Blanks after a boundary on its line (transport padding, RFC 2046 section 5.1.1). Fixed: nobody sends any.
    static let paddingBytes = 1024
}
