import NIOCore

/// A form's events as its bytes arrive. Bytes are asked for when an event needs them and never ahead, so whoever reads
/// slowly slows the sender down.
public struct MultipartSequence<Base: AsyncSequence>: AsyncSequence where Base.Element == ByteBuffer {
    public typealias Element = MultipartEvent

    private let base: Base
    private let parser: MultipartParser

    public init(_ base: Base, boundary: String, limits: MultipartLimits = MultipartLimits()) throws(MultipartError) {
        self.base = base
        parser = try MultipartParser(boundary: boundary, limits: limits)
    }

    public func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), parser: parser) }

    public struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var parser: MultipartParser

        /// - Throws: `MultipartError`, or what the bytes' source throws. After `end` the source is read to its end.
        public mutating func next() async throws -> MultipartEvent? {
            while true {
                if let event = try parser.next() { return event }
                guard let bytes = try await base.next() else {
                    try parser.finish()
                    return nil
                }
                parser.push(bytes)
            }
        }
    }
}
