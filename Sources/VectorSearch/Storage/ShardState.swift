import Domain

/// What a search sees of one account: an immutable picture, replaced as a whole by each mutation.
struct ShardState: Sendable {
    var segments: [SegmentView] = []
    /// Nil where a block was given up and its number is free.
    private(set) var blocks: [VectorBlock?] = []
    /// Where each block's vectors start: apart, so that a look at a vector counts no reference.
    private var addresses: [UInt] = []
    /// Vectors alive.
    var count = 0
    /// Slots with a code, alive or dead.
    var slots: Int { segments.reduce(0) { $0 + $1.count } }

    /// The half-precision vector at a location.
    func vector(at location: UInt32, dimension: Int) -> UnsafePointer<UInt16> {
        // The block is held by `blocks`.
        UnsafePointer<UInt16>(bitPattern: addresses[Int(location >> 16)]).unsafelyUnwrapped
            + Int(location & 0xFFFF) * dimension
    }

    /// - Returns: the block's number.
    mutating func add(_ block: VectorBlock) -> Int {
        let address = UInt(bitPattern: block.vectors)
        if let free = blocks.firstIndex(where: { $0 == nil }) {
            (blocks[free], addresses[free]) = (block, address)
            return free
        }
        blocks.append(block)
        addresses.append(address)
        return blocks.count - 1
    }

    mutating func removeBlock(_ number: Int) {
        (blocks[number], addresses[number]) = (nil, 0)
    }
}

/// A segment up to a slot, and which of its slots are dead.
struct SegmentView: Sendable {
    static let pageSlots = 1 << 16

    let segment: Segment
    /// Shard-wide number of slot 0.
    private(set) var firstSlot: Int
    /// Slots written.
    var count: Int
    private(set) var deadCount = 0
    /// A bit for each dead slot, in pages that mutations copy one at a time; an empty page has none.
    private(set) var dead: [[UInt64]] = []

    init(segment: Segment, firstSlot: Int, count: Int) {
        self.segment = segment
        self.firstSlot = firstSlot
        self.count = count
    }

    /// As read from a snapshot.
    init(segment: Segment, firstSlot: Int, count: Int, dead: [[UInt64]]) {
        self.init(segment: segment, firstSlot: firstSlot, count: count)
        self.dead = dead.enumerated().map { page, words in
            // A page is as long as its slots need, or empty.
            let slots = Swift.max(0, Swift.min(Self.pageSlots, count - page * Self.pageSlots))
            return words.isEmpty ? [] : Array((words + [UInt64](repeating: 0, count: 1024)).prefix((slots + 63) / 64))
        }
        deadCount = self.dead.joined().reduce(0) { $0 + $1.nonzeroBitCount }
    }

    func moved(toFirstSlot slot: Int) -> SegmentView {
        var view = self
        view.firstSlot = slot
        return view
    }

    func isDead(_ slot: Int) -> Bool {
        let page = slot / Self.pageSlots
        guard page < dead.count, !dead[page].isEmpty else { return false }
        let bit = slot % Self.pageSlots
        return dead[page][bit / 64] >> UInt64(bit % 64) & 1 == 1
    }

    mutating func markDead(_ slot: Int) {
        guard !isDead(slot) else { return }
        let page = slot / Self.pageSlots
        while dead.count <= page { dead.append([]) }
        if dead[page].isEmpty {
            let slots = Swift.min(Self.pageSlots, segment.capacity - page * Self.pageSlots)
            dead[page] = [UInt64](repeating: 0, count: (slots + 63) / 64)
        }
        let bit = slot % Self.pageSlots
        dead[page][bit / 64] |= 1 << UInt64(bit % 64)
        deadCount += 1
    }
}
