@testable import Domain
import Testing

private struct FixedTime: TimeSource { var now: Double }

@Suite struct ValueTests {
    @Test func identifiersAscendWithinAMillisecondAndAcrossAClockThatStands() {
        let generator = IdentifierGenerator(clock: FixedTime(now: 1_764_000_000.123))
        let ids = (0..<10_000).map { _ in generator.next(Image.self) }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        let text = ids[0].description
        #expect(ImageID(text) == ids[0])
        #expect(Array(text)[14] == "7")
        #expect("89ab".contains(Array(text)[19]))
    }

    @Test(arguments: [
        "", "x", "550e8400-e29b-41d4-a716-44665544000", "550e8400+e29b-41d4-a716-446655440000",
        "550e8400-e29b-41d4-a716-44665544000g", "ééééé400-e29b-41d4-a716-446655440000",
    ])
    func whatIsNoUUIDIsNone(text: String) {
        #expect(ImageID(text) == nil)
    }

    @Test func embeddingsAreUnitVectorsOrNothing() throws {
        let embedding = try #require(Embedding(normalizing: [3, 4]))
        #expect(abs(embedding.values[0] - 0.6) < 1e-6 && abs(embedding.values[1] - 0.8) < 1e-6)
        #expect(Embedding(normalizing: []) == nil)
        #expect(Embedding(normalizing: [0, 0]) == nil)
        #expect(Embedding(normalizing: [.nan, 1]) == nil)
        #expect(Embedding(normalizing: [.infinity, 1]) == nil)
        let huge = try #require(Embedding(normalizing: [1e38, 1e38]))
        #expect(abs(huge.similarity(to: huge) - 1) < 1e-5)
        let back = try #require(Embedding(halfPrecisionBytes: embedding.halfPrecisionBytes))
        #expect(abs(back.similarity(to: embedding) - 1) < 1e-3)
    }

    @Test func calibrationTurnsSimilarityIntoScoreAndBack() {
        let calibration = ScoreCalibration(slope: 30, intercept: -9)
        #expect(abs(calibration.score(similarity: 0.3) - 0.5) < 1e-6)
        #expect(abs(calibration.similarity(score: 0.5) - 0.3) < 1e-6)
        #expect(calibration.score(similarity: 0.1) < calibration.score(similarity: 0.2))
    }

    @Test func rowSetsHoldWhatWasInserted() {
        let rows = RowSet([1, 64, 64, 1000])
        #expect(rows.count == 3)
        #expect([1, 64, 1000].allSatisfy { rows.contains($0) })
        #expect([0, 2, 63, 65, 100_000, -1].allSatisfy { !rows.contains($0) })
    }
}

@Suite struct ImageMetadataTests {
    @Test(arguments: [
        (#"[]"#, "m"), (#"{"camera_id":7}"#, "m.camera_id"),
        (#"{"recorded_timestamp_utc":"now"}"#, "m.recorded_timestamp_utc"),
        (#"{"recorded_timestamp_utc":1.5}"#, "m.recorded_timestamp_utc"),
        (#"{"detection_metadata":{}}"#, "m.detection_metadata"),
        (#"{"detection_metadata":[1]}"#, "m.detection_metadata[0]"),
        (#"{"detection_metadata":[{"bounding_box":[1.5]}]}"#, "m.detection_metadata[0].bounding_box"),
        (#"{"detection_metadata":[{},{"is_license_plate":"no"}]}"#, "m.detection_metadata[1].is_license_plate"),
    ])
    func wrongTypesAreRefusedByName(text: String, parameter: String) throws {
        let value = try JSONValue(parsing: text)
        do {
            _ = try ImageMetadata.validate(value, at: "m")
            Issue.record("accepted")
        } catch { #expect(error.parameter == parameter) }
    }

    @Test func limitsAreNamedWithTheirValues() throws {
        let long = JSONValue.object(["a": .string(String(repeating: "x", count: 70_000))])
        do {
            _ = try ImageMetadata.validate(long, at: "m")
            Issue.record("accepted")
        } catch { #expect(error.message.contains("65536")) }
        let deep = try JSONValue(
            parsing: String(repeating: #"{"a":"#, count: 17) + "1" + String(repeating: "}", count: 17))
        do {
            _ = try ImageMetadata.validate(deep, at: "m")
            Issue.record("accepted")
        } catch { #expect(error.message.contains("16")) }
    }

    @Test func anyOtherObjectIsFine() throws {
        let value = try JSONValue(parsing: #"{"x":[1,{"y":null}],"caption":null,"camera_id":"7"}"#)
        #expect(try ImageMetadata.validate(value, at: "m") == value.object)
        #expect(try ImageMetadata.validate(.null, at: "m").isEmpty)
    }
}
