import Domain
import Synchronization

/// A clock that stands until it is set.
package final class SetClock: TimeSource {
    private let time: Mutex<Double>

    package init(_ time: Double = 1_764_000_000) { self.time = Mutex(time) }

    package var now: Double {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    package func advance(by seconds: Double) { time.withLock { $0 += seconds } }
}
