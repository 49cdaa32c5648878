import Domain

/// Vectors of a frozen state by position, for whatever runs over all of them.
struct FrozenVectors: Sendable {
    let state: ShardState
    /// Live slots: segment and slot.
    let places: [(segment: UInt32, slot: UInt32)]
    let rotation: Rotation

    init(_ state: ShardState, rotation: Rotation) {
        self.state = state
        self.rotation = rotation
        var places: [(segment: UInt32, slot: UInt32)] = []
        places.reserveCapacity(state.count)
        for (index, view) in state.segments.enumerated() {
            for slot in 0..<view.count where !view.isDead(slot) { places.append((UInt32(index), UInt32(slot))) }
        }
        self.places = places
    }

    var count: Int { places.count }

    func row(_ position: Int) -> ImageRow {
        state.segments[Int(places[position].segment)].segment.rows[Int(places[position].slot)]
    }

    func location(_ position: Int) -> UInt32 {
        state.segments[Int(places[position].segment)].segment.locations[Int(places[position].slot)]
    }

    func stored(_ position: Int) -> UnsafePointer<UInt16> {
        state.vector(at: location(position), dimension: rotation.dimension)
    }
}
