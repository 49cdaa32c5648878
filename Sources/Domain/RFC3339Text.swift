extension RFC3339 {
    /// A time in UTC with milliseconds, for instance `2025-11-24T16:00:00.250Z`. Years outside 0 to 9999, which the format
    /// can't say, and what is no number are shown as the nearest that it can.
    public static func text(_ timestamp: Timestamp) -> String {
        let bounded = timestamp.isNaN ? 0 : min(max(timestamp, -62_167_219_200), 253_402_300_799.999)
        let milliseconds = Int((bounded * 1000).rounded(.down))
        let (days, ofDay) = quotient(milliseconds, by: 86_400_000)
        let date = date(days)
        return String(unsafeUninitializedCapacity: 24) { text in
            func put(_ value: Int, _ digits: Int, at start: Int, _ end: Unicode.Scalar) {
                var rest = value
                for place in (start..<start + digits).reversed() {
                    text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                text[start + digits] = UInt8(ascii: end)
            }
            put(date.year, 4, at: 0, "-")
            put(date.month, 2, at: 5, "-")
            put(date.day, 2, at: 8, "T")
            put(ofDay / 3_600_000, 2, at: 11, ":")
            put(ofDay / 60_000 % 60, 2, at: 14, ":")
            put(ofDay / 1000 % 60, 2, at: 17, ".")
            put(ofDay % 1000, 3, at: 20, "Z")
            return 24
        }
    }

    /// The inverse of `daysSince1970`: years begin in March, eras are 400 years.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = quotient(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = era * 400 + yearOfEra + (month >= 10 ? 1 : 0)
        return (year, month >= 10 ? month - 9 : month + 3, day)
    }

    /// Rounded down, so that the remainder is never negative.
    private static func quotient(_ value: Int, by divisor: Int) -> (Int, Int) {
        let (whole, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (whole - 1, rest + divisor) : (whole, rest)
    }
}
