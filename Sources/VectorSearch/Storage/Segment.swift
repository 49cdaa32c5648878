import CKernels
import Domain

/// Codes of vectors by slot, with their rows and where their half-precision vectors lie: 88 bytes a vector at 512
/// dimensions. Either one group that grows at its end, or many groups, complete from the start.
///
/// `@unchecked Sendable`: slots are written once, before they are published under the shard's lock, and only read from
/// then on.
final class Segment: @unchecked Sendable {
    let capacity: Int
    let groups: Groups
    let codes: imago_codes
    let rows: UnsafeMutablePointer<ImageRow>
    /// Block in the upper sixteen bits, place in the block in the lower.
    let locations: UnsafeMutablePointer<UInt32>
    private let memory: UnsafeMutableRawPointer?
    private let owner: MappedFile?

    static func bytes(capacity: Int, words: Int) -> Int { capacity * (words * 8 + 8 + 4 * 4) }

    convenience init(capacity: Int, groups: Groups, words: Int) {
        let bytes = Self.bytes(capacity: capacity, words: words)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        self.init(capacity: capacity, groups: groups, words: words, at: memory, owner: nil)
    }

    /// In a mapped file that stays open as long as the segment. Never written.
    convenience init(capacity: Int, groups: Groups, words: Int, file: MappedFile, offset: Int) {
        self.init(
            capacity: capacity, groups: groups, words: words, at: UnsafeMutableRawPointer(mutating: file.base + offset),
            owner: file)
    }

    private init(capacity: Int, groups: Groups, words: Int, at base: UnsafeMutableRawPointer, owner: MappedFile?) {
        self.capacity = capacity
        self.groups = groups
        self.owner = owner
        memory = owner == nil ? base : nil
        rows = (base + capacity * words * 8).assumingMemoryBound(to: ImageRow.self)
        let factors = base + capacity * (words * 8 + 8)
        func floats(_ index: Int) -> UnsafePointer<Float> {
            UnsafePointer((factors + index * capacity * 4).assumingMemoryBound(to: Float.self))
        }
        codes = imago_codes(
            codes: UnsafePointer(base.assumingMemoryBound(to: UInt64.self)), scale: floats(0), offset: floats(1),
            spread: floats(2))
        locations = (factors + 3 * capacity * 4).assumingMemoryBound(to: UInt32.self)
    }

    deinit { memory?.deallocate() }

    /// The start of the memory everything above lies in, in one piece.
    var base: UnsafeRawPointer { UnsafeRawPointer(codes.codes) }

    /// Writes the code of a rotated vector. Row and location are the caller's to set.
    func write(slot: Int, rotated: UnsafePointer<Float>, group: Int, words: Int) {
        let factors = groups.centroids.withUnsafeBufferPointer { centroids in
            Kernels.table.encode(
                rotated, centroids.baseAddress! + group * words * 64, words * 64,
                UnsafeMutablePointer(mutating: codes.codes) + slot * words)
        }
        UnsafeMutablePointer(mutating: codes.scale)[slot] = factors.scale
        UnsafeMutablePointer(mutating: codes.offset)[slot] = factors.offset
        UnsafeMutablePointer(mutating: codes.spread)[slot] = factors.spread
    }
}
