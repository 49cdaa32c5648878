/// What little is needed to know of an ICC profile (ICC.1:2022).
enum ColourProfile {
    /// Whether the profile's description starts with `sRGB`, in ASCII (version 2) or UTF-16 (version 4).
    static func describesSRGB(_ profile: UnsafeRawBufferPointer) -> Bool {
        guard let count = profile.big(UInt32.self, at: 128) else { return false }
        for index in 0..<min(Int(count), 100) {
            let tag = 132 + 12 * index
            guard profile.has("desc", at: tag), let offset = profile.big(UInt32.self, at: tag + 4) else { continue }
            let start = Int(offset)
            if profile.has("desc", at: start) { return profile.has("sRGB", at: start + 12) }
            guard profile.has("mluc", at: start), let text = profile.big(UInt32.self, at: start + 24) else {
                return false
            }
            return profile.has("\0s\0R\0G\0B", at: start + Int(text))
        }
        return false
    }
}
