#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which threads the processor is for.
enum Priority {
    /// Lets other threads of the process, and other processes, go before the calling thread and those that it starts from
    /// now on. On Linux alone, where priorities are threads' own.
    static func lowerThisThread() {
        #if os(Linux)
            let steps: Int32 = 5
            let calling = __priority_which_t(PRIO_PROCESS.rawValue)
            // -1 is also an error; then nothing much is lost by asking for 4.
            setpriority(calling, 0, getpriority(calling, 0) + steps)
        #endif
    }
}
