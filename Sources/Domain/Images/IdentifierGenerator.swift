import Synchronization

/// Makes version 7 UUIDs (RFC 9562 section 5.7) that ascend strictly within one generator, whatever the clock does.
public final class IdentifierGenerator: Sendable {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt64 = 0
    }
    private let clock: any TimeSource
    private let randomBits: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameter randomBits: 64 random bits a call; the default draws them from the system's secure source.
    public init(
        clock: any TimeSource,
        randomBits: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
    ) {
        self.clock = clock
        self.randomBits = randomBits
    }

    public func next<Subject>(_: Subject.Type = Subject.self) -> Identifier<Subject> {
        let now = UInt64(max(0, clock.now * 1000))
        // Method 1 of RFC 9562 section 6.2: the 12 bits after the version count within a millisecond.
        let (milliseconds, counter) = state.withLock { state in
            if now > state.milliseconds {
                state = State(milliseconds: now, counter: randomBits() & 0x7FF)
            } else {
                state.counter += 1
                if state.counter > 0xFFF { state = State(milliseconds: state.milliseconds + 1, counter: 0) }
            }
            return (state.milliseconds, state.counter)
        }
        return Identifier(
            UUIDValue(
                high: milliseconds << 16 | 0x7000 | counter,
                low: randomBits() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000))
    }
}
