/// Keeps smaller copies of images, so that each is computed once. Losing any of it costs time and nothing else.
public protocol RenditionCache: Sendable {
    /// The copy kept under the key, or nil.
    func rendition(_ key: RenditionKey) async -> [UInt8]?
    /// Keeps a copy; what has not been asked for the longest may go for it.
    func keep(_ bytes: [UInt8], for key: RenditionKey) async
    /// Drops every copy of these bytes, as a deleted image wants it.
    func removeAll(of content: ContentHash) async
}

/// Which copy of which bytes. Equal bytes of several accounts share their copies.
public struct RenditionKey: Sendable, Hashable, Comparable {
    public let content: ContentHash
    public let request: RenditionRequest

    public init(content: ContentHash, request: RenditionRequest) {
        self.content = content
        self.request = request
    }

    /// Names the copy: safe as a file name.
    public var name: String { "\(content.hex)-\(request.name)" }

    public static func < (left: RenditionKey, right: RenditionKey) -> Bool { left.name < right.name }
}

extension RenditionRequest {
    /// Names the request: `320x320-contain-80.webp`.
    public var name: String { "\(width)x\(height)-\(fit.rawValue)-\(quality).\(format.rawValue)" }
}
