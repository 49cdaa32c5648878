import Domain
import HTTPAPI
import Imaging
import LibraryTesting
import Testing

/// Uploads that are refused leave nothing behind: no image, no bytes, no temporary file.
@Suite struct UploadErrorTests {
    private func expectNothing(_ api: TestAPI, _ comment: Comment) async throws {
        #expect(try await api.total() == 0, comment)
        #expect(api.library.stored.isEmpty && api.library.temporaries == 0, comment)
    }

    @Test func multipartThatIsMalformed() async throws {
        let api = try await TestAPI()
        let good = Form.files(Pictures.red)
        var unnamed = Form()
        unnamed.part(["Content-Type: image/png"], Pictures.red)
        var encoded = Form()
        encoded.part(
            ["Content-Disposition: form-data; name=images", "Content-Transfer-Encoding: base64"], Pictures.red)
        var stranger = Form()
        stranger.file(Pictures.red, part: "attachment")
        var long = Form()
        long.part(
            ["Content-Disposition: form-data; name=images", "X: " + String(repeating: "x", count: 1 << 20)],
            Pictures.red)
        var twice = Form.files(Pictures.red)
        twice.field("metadata", "{}")
        twice.field("metadata", "{}")
        let type = good.contentType
        for (name, contentType, body, code) in [
            ("wrong boundary", "multipart/form-data; boundary=other", good.bytes, "malformed_multipart"),
            ("no boundary", "multipart/form-data", good.bytes, "malformed_multipart"),
            (
                "boundary too long", "multipart/form-data; boundary=" + String(repeating: "x", count: 71), good.bytes,
                "malformed_multipart"
            ),
            ("no last boundary", type, good.open, "malformed_multipart"),
            ("cut in a file", type, Array(good.bytes.prefix(160)), "malformed_multipart"),
            ("cut in headers", type, Array(good.bytes.prefix(40)), "malformed_multipart"),
            ("empty", type, [], "malformed_multipart"), ("no name", type, unnamed.bytes, "malformed_multipart"),
            ("transfer encoding", type, encoded.bytes, "malformed_multipart"),
            ("part headers of 1 MB", type, long.bytes, "malformed_multipart"),
            ("an unknown file part", type, stranger.bytes, "unknown_field"),
            ("metadata twice", type, twice.bytes, "invalid_parameter"),
            ("no files", type, Form().bytes, "no_images"),
        ] as [(String, String, [UInt8], String)] {
            let answer = try await api.send(
                .post, "/v1/images/upload", headers: [("Content-Type", contentType)], body: body)
            #expect(answer.status == 400 && answer.error["code"]?.string == code, "\(name): \(answer.text)")
            try await expectNothing(api, "\(name)")
        }
    }

    @Test func tenThousandEmptyParts() async throws {
        let api = try await TestAPI()
        var form = Form()
        for _ in 0..<10_000 { form.part([], []) }
        let answer = try await api.upload(form)
        #expect(answer.status == 400 && answer.error["code"] == "malformed_multipart")
        var files = Form()
        for _ in 0..<10_000 { files.file([]) }
        let other = try await api.upload(files)
        #expect(other.status == 413 && other.error["code"] == "too_many_files", "\(other.text)")
        try await expectNothing(api, "ten thousand parts")
    }

    @Test func metadataThatIsWrong() async throws {
        let api = try await TestAPI()
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        let levels = { (count: Int) in
            String(repeating: #"{"a":"#, count: count) + "1" + String(repeating: "}", count: count)
        }
        let big = #"{"metadata":{"x":"\#(String(repeating: "y", count: 65_536))"}}"#
        for (text, code, parameter) in [
            ("{", "invalid_json", "metadata"), ("nonsense", "invalid_json", "metadata"),
            ("{}{}", "invalid_json", "metadata"),
            (deep, "invalid_json", "metadata"), (#"{"metadata":\#(deep)}"#, "invalid_json", "metadata"),
            ("7", "invalid_metadata", "metadata"), (#""text""#, "invalid_metadata", "metadata"),
            (#"{"requests":{}}"#, "invalid_metadata", "metadata.requests"),
            (#"{"requests":[7]}"#, "invalid_metadata", "metadata.requests[0]"),
            ("[{},{}]", "invalid_metadata", "metadata"), (#"{"requests":[{},{}]}"#, "invalid_metadata", "metadata"),
            (#"{"camera_id":"7"}"#, "invalid_metadata", "metadata"),
            (#"[{"camera_id":"7"}]"#, "invalid_metadata", "metadata[0]"),
            (#"{"metadata":[]}"#, "invalid_metadata", "metadata.metadata"),
            (#"[{"indexing_config":7}]"#, "invalid_metadata", "metadata[0].indexing_config"),
            (#"[{"indexing_config":{"index":"yes"}}]"#, "invalid_metadata", "metadata[0].indexing_config.index"),
            (#"{"metadata":{"camera_id":7}}"#, "invalid_metadata", "metadata.metadata.camera_id"),
            (
                #"{"requests":[{"metadata":{"recorded_timestamp_utc":"now"}}]}"#, "invalid_metadata",
                "metadata.requests[0].metadata.recorded_timestamp_utc"
            ),
            (
                #"{"metadata":{"recorded_timestamp_utc":1.5}}"#, "invalid_metadata",
                "metadata.metadata.recorded_timestamp_utc"
            ),
            (
                #"{"metadata":{"detection_metadata":[{"bounding_box":[1.5]}]}}"#, "invalid_metadata",
                "metadata.metadata.detection_metadata[0].bounding_box"
            ),
            (
                #"{"metadata":{"detection_metadata":[{},{"confidence":"high"}]}}"#, "invalid_metadata",
                "metadata.metadata.detection_metadata[1].confidence"
            ),
            (#"{"metadata":\#(levels(17))}"#, "limit_exceeded", "metadata.metadata"),
            (big, "limit_exceeded", "metadata.metadata"),
        ] as [(String, String, String)] {
            var form = Form.files(Pictures.red)
            form.field("metadata", text)
            let answer = try await api.upload(form)
            #expect(
                answer.status == 400 && answer.error["code"]?.string == code
                    && answer.error["param"]?.string == parameter,
                "\(text.prefix(80)): \(answer.text)")
            try await expectNothing(api, "\(text.prefix(80))")
        }
        var fits = Form.files(Pictures.red)
        fits.field("metadata", #"{"metadata":\#(levels(16))}"#)
        #expect(try await api.upload(fits).status == 200)
    }

    @Test func filesThatAreNoImages() async throws {
        let api = try await TestAPI()
        let svg = Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8)
        var form = Form()
        form.file(Pictures.red)
        form.file(svg, name: "drawing.png")
        form.file([], name: "empty.jpg")
        form.file(Array(Pictures.blue.prefix(24)), name: "cut.png")
        let answer = try await api.upload(form)
        #expect(answer.status == 415 && answer.error["type"] == "validation_error" && answer.error["param"] == "images")
        let details = try #require(answer.error["details"]?.array)
        #expect(details.compactMap { $0["position"]?.number?.int } == [1, 2, 3])
        #expect(details.compactMap { $0["file_name"]?.string } == ["drawing.png", "empty.jpg", "cut.png"])
        #expect(
            details.compactMap { $0["code"]?.string } == ["unsupported_image", "unsupported_image", "corrupt_image"])
        #expect(details.allSatisfy { !($0["message"]?.string ?? "").isEmpty })
        try await expectNothing(api, "no images")

        let alone = try await api.upload(.files(Pictures.text))
        #expect(
            alone.status == 415 && alone.error["code"] == "unsupported_image"
                && alone.error["details"]?.array?.count == 1)
        let whole = try await api.send(
            .post, "/v1/images/upload", headers: [("Content-Type", "image/png")], body: Pictures.text)
        #expect(whole.status == 415)
        try await expectNothing(api, "no image alone")
    }

    @Test func whatIsOverALimitIsNamedWithIt() async throws {
        let limits = HTTPLimits(fileBytes: 1000, files: 3, requestBytes: 8000, metadataBytes: 500)
        let library = try await TestLibrary(limits: ImagingLimits(maximumPixels: 100, maximumFrames: 2))
        let api = try await TestAPI(limits: limits, library: library)
        let big = Pictures.red + [UInt8](repeating: 0, count: 1000)
        let many = Form.files(Pictures.red, Pictures.green, Pictures.blue, Pictures.red)
        var long = Form.files(Pictures.red)
        long.field("metadata", String(repeating: " ", count: 501))
        let huge = Form.files([UInt8](repeating: 1, count: 9000))
        let frames = Handmade.gif(
            screen: (2, 2), colours: [[1, 2, 3]],
            frames: Array(repeating: Handmade.Frame(width: 2, height: 2, colour: 0), count: 3))
        for (form, code, limit) in [
            (Form.files(big), "file_too_large", "1000 bytes"), (many, "too_many_files", "3 files"),
            (huge, "request_too_large", "8000 bytes"), (long, "limit_exceeded", "500 bytes"),
            (Form.files(Pictures.plain([1, 1, 1], width: 11, height: 10)), "image_too_large", "100"),
            (Form.files(frames), "image_too_large", "limit is 2"),
            (Form.files(big, Pictures.plain([1, 1, 1], width: 11, height: 10)), "unacceptable_files", "1000 bytes"),
        ] as [(Form, String, String)] {
            let answer = try await api.upload(form)
            #expect(answer.status == 413 && answer.error["code"]?.string == code, "\(code): \(answer.text)")
            #expect(answer.error["message"]?.string?.contains(limit) == true, "\(answer.text)")
            try await expectNothing(api, "\(code)")
        }
        let whole = try await api.send(.post, "/v1/images/upload", headers: [("Content-Type", "image/png")], body: big)
        #expect(whole.status == 413 && whole.error["code"] == "file_too_large")
        let lying = try await api.send(
            .post, "/v1/images/upload", headers: [("Content-Type", "image/png")],
            body: [UInt8](repeating: 0, count: 8001))
        #expect(lying.status == 413 && lying.error["code"] == "request_too_large")
        try await expectNothing(api, "whole bodies")
    }

    /// 60,000 x 60,000 pixels in 5 KB.
    @Test func aPictureThatClaimsBillionsOfPixels() async throws {
        let api = try await TestAPI()
        let bomb = Handmade.png(Picture(plain: [1, 2, 3], width: 40, height: 40), claims: (60_000, 60_000))
        let answer = try await api.upload(.files(bomb))
        #expect(answer.status == 413 && answer.error["code"] == "image_too_large")
        #expect(answer.error["message"]?.string?.contains("3600000000 pixels (60000x60000)") == true)
        try await expectNothing(api, "bomb")
    }

    @Test func contentTypesThatAreUnknown() async throws {
        let api = try await TestAPI()
        for type in [
            "text/plain", "application/octet-stream", "multipart/mixed; boundary=x", "",
            "application/x-www-form-urlencoded", "video/mp4",
        ] {
            let headers = type.isEmpty ? [] : [("Content-Type", type)]
            let answer = try await api.send(.post, "/v1/images/upload", headers: headers, body: Pictures.red)
            #expect(
                answer.status == 415 && answer.error["code"] == "unsupported_content_type", "\(type): \(answer.text)")
        }
    }

    @Test func jsonThatIsWrong() async throws {
        let api = try await TestAPI(limits: HTTPLimits(files: 2, imageJSONBytes: 4000))
        let image = Base64Text.encode(Pictures.red)
        for (body, status, code) in [
            ("", 400, "invalid_json"), ("{", 400, "invalid_json"), ("[]", 400, "invalid_json"),
            ("{}", 400, "no_images"),
            (#"{"images":null}"#, 400, "no_images"), (#"{"images":[]}"#, 400, "no_images"),
            (#"{"images":7}"#, 400, "invalid_parameter"), (#"{"images":[7]}"#, 400, "invalid_parameter"),
            (#"{"images":"not base64!"}"#, 400, "invalid_image"),
            (#"{"images":"data:image/png,abc"}"#, 400, "invalid_image"),
            (#"{"images":"AAA"}"#, 415, "unsupported_image"), (#"{"images":""}"#, 415, "unsupported_image"),
            (#"{"images":"A"}"#, 400, "invalid_image"), (#"{"images":"AA=A"}"#, 400, "invalid_image"),
            (#"{"images":["\#(image)","AAAA"]}"#, 415, "unsupported_image"),
            (#"{"images":["AA","AA","AA"]}"#, 413, "too_many_files"),
            (#"{"images":"\#(image)","metadata":7}"#, 400, "invalid_metadata"),
            (#"{"images":"\#(image)","metadata":[{},{}]}"#, 400, "invalid_metadata"),
            (#"{"images":"\#(String(repeating: "A", count: 4000))"}"#, 413, "request_too_large"),
        ] as [(String, Int, String)] {
            let answer = try await api.send(
                .post, "/v1/images/upload", headers: [("Content-Type", "application/json")], body: Array(body.utf8))
            #expect(
                answer.status == status && answer.error["code"]?.string == code, "\(body.prefix(60)): \(answer.text)")
            try await expectNothing(api, "\(body.prefix(60))")
        }
    }

    @Test func urlsAreNotFetchedUnlessConfigured() async throws {
        let api = try await TestAPI()
        var form = Form.files(Pictures.red)
        form.field("image_urls", "http://127.0.0.1/a.png")
        let answers = [
            try await api.upload(form),
            try await api.send(.post, "/v1/images/upload", json: ["images": "https://example.com/a.png"]),
            try await api.send(.post, "/v1/images/upload", json: ["image_urls": ["https://example.com/a.png"]]),
        ]
        for answer in answers {
            #expect(answer.status == 400 && answer.error["code"] == "url_fetching_disabled", "\(answer.text)")
        }
        try await expectNothing(api, "URLs")
    }

    @Test func inPartTheGoodAreStored() async throws {
        let api = try await TestAPI(limits: HTTPLimits(fileBytes: 1000))
        var form = Form()
        form.file(Pictures.text, name: "notes.txt")
        form.file(Pictures.red)
        form.file([UInt8](repeating: 7, count: 1001), name: nil)
        form.file(Pictures.blue)
        form.field("metadata", #"[{},{"metadata":{"n":1}},{},{"metadata":{"n":3}}]"#)
        let answer = try await api.upload(form, query: "?partial=true")
        #expect(answer.status == 200 && answer.results.count == 4)
        let errors = answer.results.map { $0["error"] }
        #expect(
            errors[0]?["code"] == "unsupported_image" && errors[0]?["file_name"] == "notes.txt"
                && errors[0]?["position"] == 0)
        #expect(errors[2]?["code"] == "file_too_large" && errors[2]?["position"] == 2)
        #expect(answer.results[1]["image_metadata"]?["n"] == 1 && answer.results[3]["image_metadata"]?["n"] == 3)
        #expect(try await api.total() == 2)
        #expect(api.library.temporaries == 0)
        for (query, status) in [
            ("?partial=1", 200), ("?partial", 200), ("?partial=false", 415), ("?partial=0", 415),
            ("?partial=maybe", 400), ("?partial=true&partial=true", 400),
        ] {
            #expect(try await api.upload(.files(Pictures.text), query: query).status == status, "\(query)")
        }
    }

    @Test func aFullQueueAsksToComeBack() async throws {
        let library = try await TestLibrary(highWaterMark: 10)
        let api = try await TestAPI(library: library)
        library.backlog.counts = JobCounts(queued: 10, running: 1, oldestDueAt: 1)
        let answer = try await api.upload(.files(Pictures.red))
        #expect(answer.status == 503 && answer.error["code"] == "indexing_queue_full")
        #expect(Int(answer[header: "Retry-After"] ?? "") ?? 0 > 0)
        try await expectNothing(api, "queue")
        library.backlog.counts = JobCounts(queued: 9, running: 1, oldestDueAt: 1)
        #expect(try await api.upload(.files(Pictures.red)).status == 200)
    }
}
