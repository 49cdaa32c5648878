import Domain
import LibraryTesting
import Testing

/// Every shape of upload that clients send.
@Suite struct UploadShapeTests {
    private static let metadata = #"{"indexing_config":{"index":false},"metadata":{"camera_id":"7","n":1.50}}"#

    private func expectDefaults(_ image: JSONValue) {
        #expect(image["indexing_status"] == 1 && image["image_metadata"]?.jsonText == "{}", "\(image.jsonText)")
    }
    private func expectGiven(_ image: JSONValue) {
        #expect(
            image["indexing_status"] == 0 && image["image_metadata"]?.jsonText == #"{"camera_id":"7","n":1.50}"#,
            "\(image.jsonText)")
    }

    @Test func anImageObjectHasWhatTheContractSays() async throws {
        let api = try await TestAPI(publicURL: "https://images.example.com")
        let answer = try await api.upload(.files(Pictures.red))
        #expect(answer.status == 200 && answer[header: "Content-Type"] == "application/json")
        let image = try #require(answer.results.first)
        let id = try #require(image["image_id"]?.string)
        #expect(ImageID(id)?.description == id && Array(id)[14] == "7")
        #expect(image["image_url"]?.string?.hasPrefix("https://images.example.com/v1/images/\(id)/content?") == true)
        #expect(image["upload_timestamp"]?.number?.double == api.clock.now)
        #expect(image["width"] == 4 && image["height"] == 3 && image["content_type"] == "image/png")
        #expect(image["size_bytes"]?.number?.int == Pictures.red.count)
        #expect(image["sha256"]?.string == api.library.stored.first)
        #expect(
            image.object?.names.prefix(5)
                == ["image_id", "image_url", "indexing_status", "image_metadata", "upload_timestamp"])
    }

    @Test func answersComeInTheOrderOfTheFiles() async throws {
        let api = try await TestAPI()
        let pictures = (1...9).map { Pictures.plain([9, 9, 9], $0, width: $0, height: 10 - $0) }
        var form = Form()
        for picture in pictures { form.file(picture, name: "file0.bin", type: "application/octet-stream") }
        let answer = try await api.upload(form)
        #expect(answer.results.compactMap { $0["width"]?.number?.int } == Array(1...9))
        #expect(answer.ids == answer.ids.sorted())
    }

    @Test(arguments: ["images", "image", "images[]", "file"])
    func partsHaveOneOfFourNames(name: String) async throws {
        let api = try await TestAPI()
        var form = Form()
        form.file(Pictures.red, part: name)
        form.file(Pictures.blue, part: name, name: nil)
        let answer = try await api.upload(form)
        #expect(answer.status == 200 && answer.results.count == 2)
    }

    @Test func fileNamesAndDeclaredTypesAreHints() async throws {
        let api = try await TestAPI()
        for (name, type) in [
            ("../../etc/passwd", "text/plain"), ("a.svg", "image/svg+xml"),
            ("x\u{202E}gpj.exe", "application/x-msdownload"),
            ("", "nonsense"),
        ] {
            var form = Form()
            form.file(Pictures.red, name: name, type: type)
            let answer = try await api.upload(form)
            #expect(answer.status == 200 && answer.results[0]["content_type"] == "image/png", "\(name)")
        }
    }

    /// The seed's form, the reference's list, and one object for all; before the files and after them.
    @Test(arguments: [true, false])
    func metadataHasThreeFormsAndTwoPlaces(isFirst: Bool) async throws {
        let api = try await TestAPI()
        func upload(_ metadata: String) async throws -> [JSONValue] {
            var form = Form()
            if isFirst { form.field("metadata", metadata) }
            for bytes in [Pictures.red, Pictures.green, Pictures.blue] { form.file(bytes) }
            if !isFirst { form.field("metadata", metadata) }
            let answer = try await api.upload(form)
            #expect(answer.status == 200, "\(answer.text)")
            return answer.results
        }
        for text in [
            #"{"requests":[\#(Self.metadata),{},\#(Self.metadata)]}"#, "[\(Self.metadata),{},\(Self.metadata)]",
            #"{"requests":[\#(Self.metadata),null,\#(Self.metadata)]}"#,
        ] {
            let images = try await upload(text)
            expectGiven(images[0])
            expectDefaults(images[1])
            expectGiven(images[2])
        }
        for image in try await upload(Self.metadata) { expectGiven(image) }
        // Fewer entries than files: the rest take the defaults.
        for text in [#"{"requests":[\#(Self.metadata)]}"#, "[\(Self.metadata)]"] {
            let images = try await upload(text)
            expectGiven(images[0])
            expectDefaults(images[1])
            expectDefaults(images[2])
        }
        for text in ["", "null", "{}", "[]", #"{"requests":[]}"#, "[null]"] {
            for image in try await upload(text) { expectDefaults(image) }
        }
    }

    @Test func indexIsTrueUnlessItIsFalse() async throws {
        let api = try await TestAPI()
        for (configuration, status) in [
            ("{}", 1), (#"{"indexing_config":{}}"#, 1), (#"{"indexing_config":null}"#, 1),
            (#"{"indexing_config":{"index":null}}"#, 1), (#"{"indexing_config":{"index":true}}"#, 1),
            (#"{"indexing_config":{"index":false}}"#, 0), (#"{"metadata":{}}"#, 1),
            (#"{"indexing_config":{"index":false,"other":1}}"#, 0),
        ] {
            var form = Form.files(Pictures.red)
            form.field("metadata", "[\(configuration)]")
            #expect(
                try await api.upload(form).results.first?["indexing_status"]?.number?.int == status, "\(configuration)")
        }
    }

    @Test(arguments: ["image/png", "image/jpeg", "IMAGE/*", "image/png; x=y"])
    func aWholeBodyMayBeTheImage(type: String) async throws {
        let api = try await TestAPI()
        let answer = try await api.send(
            .post, "/v1/images/upload", headers: [("Content-Type", type)], body: Pictures.red)
        #expect(answer.status == 200 && answer.results.count == 1)
        expectDefaults(try #require(answer.results.first))
        #expect(answer.results.first?["content_type"] == "image/png")
    }

    @Test func jsonMayCarryImagesAsText() async throws {
        let api = try await TestAPI()
        let bare = Base64Text.encode(Pictures.red)
        let url = "data:image/png;base64,\(bare)"
        let metadata = try JSONValue(parsing: Array(Self.metadata.utf8))
        for images: JSONValue in [.string(bare), .string(url), [.string(bare)], [.string(url), .string(bare)]] {
            let answer = try await api.send(.post, "/v1/images/upload", json: ["images": images, "metadata": metadata])
            #expect(answer.status == 200 && answer.results.count == images.array?.count ?? 1, "\(answer.text)")
            for image in answer.results {
                expectGiven(image)
                #expect(image["sha256"]?.string == api.library.stored.first)
            }
        }
        // URL-safe letters, line breaks, no padding, a type that is wrong.
        let odd = bare.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let broken = stride(from: 0, to: bare.count, by: 60).map { bare.dropFirst($0).prefix(60) }.joined(
            separator: "\r\n")
        for text in [odd, broken, "data:;base64,\(bare)", "DATA:text/plain;charset=x;BASE64,\(bare)"] {
            let answer = try await api.send(.post, "/v1/images/upload", json: ["images": .string(text)])
            #expect(answer.status == 200, "\(text.prefix(40)): \(answer.text)")
        }
        #expect(api.library.stored.count == 1)
    }

    @Test func metadataComesBackAsItWasGiven() async throws {
        let api = try await TestAPI()
        let text =
            #"{"z":1.50,"a":[1e3,-0,12345678901234567890],"é":"\u00e9😀","nested":{"b":null,"c":{"d":[true,false]}},"":""}"#
        let id = try await api.stored(metadata: try JSONValue(parsing: Array(#"{"metadata":\#(text)}"#.utf8)))
        let got = try await api.get("/v1/images/\(id)").json["image_metadata"]
        #expect(got == (try JSONValue(parsing: Array(text.utf8))))
        #expect(got?.object?.names == ["z", "a", "é", "nested", ""])
        #expect(got?["z"]?.jsonText == "1.50" && got?["a"]?.jsonText == "[1e3,-0,12345678901234567890]")
    }
}

/// Base64 (RFC 4648 section 4), for what the server decodes.
enum Base64Text {
    static func encode(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start..<min(start + 3, bytes.count)])
            let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
            for position in 0..<4 {
                text.append(position <= group.count ? letters[bits >> (18 - 6 * position) & 63] : "=")
            }
        }
        return text
    }
}
