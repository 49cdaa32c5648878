@testable import Domain
import Testing

private let id = ImageID("018f0000-0000-7000-8000-000000000001")!

private func parse(_ query: [(name: String, value: String)]) throws -> ImageQuery { try ImageQuery.parse(query: query) }
private func conditions(_ json: JSONValue) throws -> [ImageFilter.Condition] {
    try ImageFilter.parse(json: json, at: "filters").conditions
}
private func meta(_ field: String..., is comparison: ImageFilter.Comparison) -> ImageFilter.Condition {
    .metadata(field: .init(components: field), comparison: comparison)
}

@Suite struct FilterTests {
    @Test func listParametersHaveTheirDefaultsAndTheirRanges() throws {
        #expect(try parse([]) == ImageQuery())
        let query = try parse([
            ("limit", "1000"), ("offset", "7"), ("sort", "size_bytes"), ("order", "asc"), ("unknown", "x"),
        ])
        #expect(query.limit == 1000 && query.offset == 7 && query.sort == .sizeBytes && query.order == .ascending)
    }

    @Test(arguments: [
        ("limit", "0"), ("limit", "1001"), ("limit", "ten"), ("limit", "1.5"), ("limit", ""), ("offset", "-1"),
        ("offset", "99999999999"), ("sort", "name"), ("order", "down"), ("cursor", "x"), ("cursor", "2-"),
        ("indexing_status", "4"), ("indexing_status", "indexed"), ("content_type", "text/html"), ("ids", "1,2"),
        ("uploaded_after", "yesterday"), ("uploaded_after", "nan"), ("uploaded_before", "2026-02-30T00:00:00Z"),
        ("meta.", "x"), ("meta..a", "x"), ("meta.a[like]", "x"), ("meta.a[exists]", "maybe"),
    ])
    func whatIsOutOfRangeIsNamed(name: String, value: String) {
        let error = #expect(throws: InvalidInput.self) { try parse([(name, value)]) }
        #expect(error?.parameter == name)
        #expect(error?.message.contains(name) == true)
    }

    @Test func aParameterThatCountsOnceIsNotTakenTwice() {
        #expect(throws: InvalidInput.self) { try parse([("limit", "1"), ("limit", "2")]) }
    }

    @Test func queryStringsHaveNoTypes() throws {
        let filter = try parse([
            ("ids", "\(id), \(id.description.uppercased())"), ("indexing_status", "1,2"), ("content_type", "image/png"),
            ("uploaded_after", "10.5"), ("uploaded_before", "1970-01-01T01:00:20+01:00"), ("meta.camera_id", "7"),
            ("meta.a.b[gte]", "-1e3"), ("meta.c[lt]", "m"), ("meta.d[in]", "1,x"), ("meta.e[exists]", "false"),
            ("meta.f[prefix]", "ab"), ("meta.g[ne]", "true"), ("meta.h[0]x", "y"),
        ]).filter
        #expect(
            filter.conditions == [
                .ids([id, id]), .status([.inProgress, .indexed]), .contentType(["image/png"]), .uploadedAfter(10.5),
                .uploadedBefore(20), meta("camera_id", is: .oneOf(["7", 7])),
                meta("a", "b", is: .greaterOrEqual(.number(JSONNumber(validated: "-1e3")))), meta("c", is: .less("m")),
                meta("d", is: .oneOf(["1", 1, "x"])), meta("e", is: .exists(false)), meta("f", is: .prefix("ab")),
                meta("g", is: .notEqual("true")), meta("g", is: .notEqual(true)),
                meta("h[0]x", is: .oneOf(["y"])),
            ])
    }

    @Test func jsonIsTyped() throws {
        #expect(
            try conditions([
                "ids": [.string(id.description)], "indexing_status": 2, "uploaded_after": 1.5,
                "uploaded_before": "1970-01-01T00:00:09Z", "meta.camera_id": "7",
                "meta.recorded_timestamp_utc": ["gte": 1, "lt": 9], "meta.n[in]": [1, "b", nil],
                "recorded_timestamp_utc": ["operator": "range", "value": ["_from": 1, "_to": 9]],
                "site.name": ["operator": "eq", "value": "x"],
            ]) == [
                .ids([id]), .status([.indexed]), .uploadedAfter(1.5), .uploadedBefore(9),
                meta("camera_id", is: .equal("7")), meta("recorded_timestamp_utc", is: .greaterOrEqual(1)),
                meta("recorded_timestamp_utc", is: .less(9)), meta("n", is: .oneOf([1, "b", nil])),
                meta("recorded_timestamp_utc", is: .greaterOrEqual(1)),
                meta("recorded_timestamp_utc", is: .lessOrEqual(9)), meta("site", "name", is: .equal("x")),
            ])
        #expect(try conditions([:]).isEmpty)
        #expect(try conditions(nil).isEmpty)
    }

    @Test(arguments: [
        ("filters", "[]"), ("filters", #""x""#), ("filters.camera_id", #"{"camera_id": "7"}"#),
        ("filters.indexing_status", #"{"indexing_status": "2"}"#), ("filters.ids", #"{"ids": [7]}"#),
        ("filters.meta.a", #"{"meta.a": [1, 2]}"#), ("filters.meta.a", #"{"meta.a": {}}"#),
        ("filters.meta.a.like", #"{"meta.a": {"like": "x"}}"#), ("filters.meta.a.in", #"{"meta.a": {"in": "x"}}"#),
        ("filters.meta.a.gt", #"{"meta.a": {"gt": true}}"#), ("filters.meta.a.exists", #"{"meta.a": {"exists": 1}}"#),
        ("filters.meta.a.prefix", #"{"meta.a": {"prefix": 1}}"#),
        ("filters.uploaded_after", #"{"uploaded_after": true}"#),
        ("filters.t.value", #"{"t": {"operator": "range", "value": {}}}"#),
        ("filters.t.operator", #"{"t": {"operator": "near", "value": 1}}"#), ("filters.meta.a", #"{"meta.a": 1e999}"#),
    ])
    func aMalformedFilterSaysWhere(parameter: String, json: String) throws {
        let json = try JSONValue(parsing: json)
        let error = #expect(throws: InvalidInput.self) { try conditions(json) }
        #expect(error?.parameter == parameter)
    }

    @Test func filtersAreBounded() {
        let many = (0...FilterLimits.conditions).map { (name: "meta.f\($0)", value: "x") }
        #expect(throws: InvalidInput.self) { try parse(many) }
        let ids = repeatElement(id.description, count: FilterLimits.values + 1).joined(separator: ",")
        #expect(throws: InvalidInput.self) { try parse([("ids", ids)]) }
        let deep = repeatElement("a", count: FilterLimits.fieldDepth + 1).joined(separator: ".")
        #expect(throws: InvalidInput.self) { try parse([("meta.\(deep)", "x")]) }
        #expect(throws: InvalidInput.self) { try parse([("meta.\(String(repeating: "a", count: 300))", "x")]) }
        #expect(throws: InvalidInput.self) { try parse([("meta.a", String(repeating: "x", count: 5000))]) }
    }

    @Test func cursorsGoOutAndComeBack() throws {
        for sort in ImageQuery.Sort.allCases {
            for order in ImageQuery.Order.allCases {
                for key in [nil, 0, -1.5, 1_764_000_000.123, .greatestFiniteMagnitude] as [Double?] {
                    let cursor = ImageQuery.Cursor(sort: sort, order: order, key: key, id: id)
                    #expect(ImageQuery.Cursor(text: cursor.text) == cursor)
                    let query = try parse([
                        ("sort", sort.rawValue), ("order", order.rawValue), ("cursor", cursor.text),
                    ])
                    #expect(query.after == cursor)
                }
            }
        }
        let cursor = ImageQuery.Cursor(sort: .sizeBytes, order: .ascending, key: 1, id: id)
        #expect(throws: InvalidInput.self) { try parse([("cursor", cursor.text)]) }
        #expect(throws: InvalidInput.self) {
            try parse([("sort", "size_bytes"), ("order", "asc"), ("cursor", cursor.text), ("offset", "1")])
        }
        #expect(ImageQuery.Cursor(text: String(cursor.text.dropLast()) + "é") == nil)
        let notANumber = ImageQuery.Cursor(sort: .sizeBytes, order: .ascending, key: .nan, id: id)
        #expect(ImageQuery.Cursor(text: notANumber.text) == nil)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2000-02-29t23:59:59.25z", 951_868_799.25),
        ("1969-12-31T23:30:00-00:30", 0), ("2026-11-23 18:00:00+05:45", 1_795_436_100),
        ("2016-12-31T23:59:60Z", 1_483_228_800), ("0000-03-01T00:00:00Z", -62_162_035_200),
    ])
    func internetTimestamps(text: String, seconds: Double) {
        #expect(RFC3339.timestamp(text) == seconds)
    }

    @Test(arguments: [
        "", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+1:00", "1970-01-01T00:00:00Zx",
        "1970-01-01T00:00:61Z", "-1970-01-01T00:00:00Z",
    ])
    func whatIsNoTimestampIsNone(text: String) {
        #expect(RFC3339.timestamp(text) == nil)
    }

    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (-0.001, "1969-12-31T23:59:59.999Z"),
        (951_868_799.25, "2000-02-29T23:59:59.250Z"), (1_764_000_000.25, "2025-11-24T16:00:00.250Z"),
        (-62_167_219_200, "0000-01-01T00:00:00.000Z"), (253_402_300_799, "9999-12-31T23:59:59.000Z"),
        (.nan, "1970-01-01T00:00:00.000Z"), (-.infinity, "0000-01-01T00:00:00.000Z"),
        (1e300, "9999-12-31T23:59:59.999Z"),
    ])
    func timestampsAreWritten(seconds: Double, text: String) {
        #expect(RFC3339.text(seconds) == text)
    }

    @Test func everyDayReadsBackAsItWasWritten() {
        for day in stride(from: -719_528, to: 2_932_897, by: 17) {
            let seconds = Double(day) * 86_400 + 45_296.5
            #expect(RFC3339.timestamp(RFC3339.text(seconds)) == seconds)
        }
    }
}
