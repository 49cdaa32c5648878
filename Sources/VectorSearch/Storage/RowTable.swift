import Domain

/// Where each row is: an open hash table of shard-wide slots, whose keys are read from the segments. About 8 bytes a
/// vector. A deleted row keeps its entry; its slot is dead.
struct RowTable: Sendable {
    /// Slot + 1; 0 where empty.
    private var entries: [UInt32]
    private var count = 0

    init(minimumCapacity: Int = 0) {
        var size = 64
        while size * 7 / 10 < minimumCapacity { size *= 2 }
        entries = [UInt32](repeating: 0, count: size)
    }

    private func home(_ row: ImageRow) -> Int {
        let bits = entries.count.trailingZeroBitCount
        return Int((UInt64(bitPattern: row) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - bits))
    }

    func slot(of row: ImageRow, in state: ShardState) -> Int? {
        var place = home(row)
        while entries[place] != 0 {
            let slot = Int(entries[place]) - 1
            if state.row(atSlot: slot) == row { return slot }
            place = (place + 1) & (entries.count - 1)
        }
        return nil
    }

    mutating func set(_ row: ImageRow, slot: Int, in state: ShardState) {
        if (count + 1) * 10 > entries.count * 7 { grow(state) }
        var place = home(row)
        while entries[place] != 0, state.row(atSlot: Int(entries[place]) - 1) != row {
            place = (place + 1) & (entries.count - 1)
        }
        if entries[place] == 0 { count += 1 }
        entries[place] = UInt32(slot + 1)
    }

    private mutating func grow(_ state: ShardState) {
        let old = entries
        entries = [UInt32](repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 {
            var place = home(state.row(atSlot: Int(entry) - 1))
            while entries[place] != 0 { place = (place + 1) & (entries.count - 1) }
            entries[place] = entry
        }
    }
}

extension ShardState {
    /// Index of the segment that has a shard-wide slot.
    func segmentIndex(ofSlot slot: Int) -> Int {
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[middle].firstSlot <= slot { low = middle } else { high = middle - 1 }
        }
        return low
    }

    func row(atSlot slot: Int) -> ImageRow {
        let view = segments[segmentIndex(ofSlot: slot)]
        return view.segment.rows[slot - view.firstSlot]
    }

    /// Kills a slot if it is alive.
    mutating func remove(slot: Int) {
        let index = segmentIndex(ofSlot: slot)
        let place = slot - segments[index].firstSlot
        guard !segments[index].isDead(place) else { return }
        segments[index].markDead(place)
        count -= 1
    }
}
