import CSandbox

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What this process can touch, found by trying.
enum Reach {
    static var tried: [String] {
        let found = imago_reach()
        let names: [(imago_reach, String)] = [
            (imago_reach_files, "files"), (imago_reach_network, "network"), (imago_reach_processes, "processes"),
            (imago_reach_code, "code"), (imago_reach_limits, "limits"),
        ]
        return names.filter { found & Int32($0.0.rawValue) != 0 }.map(\.1)
    }

    /// The open descriptors among the first hundred.
    static var descriptors: [Int32] {
        (0..<100).filter { descriptor in
            var status = stat()
            return fstat(descriptor, &status) == 0
        }
    }
}
