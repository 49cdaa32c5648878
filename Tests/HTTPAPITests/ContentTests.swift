import Domain
import LibraryTesting
import Testing

/// `/v1/images/{image_id}/content`: signatures, ranges, validators and headers.
@Suite struct ContentTests {
    private func uploaded(_ bytes: [UInt8] = Pictures.red, name: String? = "a.png") async throws -> (
        TestAPI, String, String
    ) {
        let api = try await TestAPI()
        var form = Form()
        form.file(bytes, name: name)
        let image = try #require(try await api.upload(form).results.first)
        let url = try #require(image["image_url"]?.string)
        return (api, try #require(image["image_id"]?.string), String(url.dropFirst("http://localhost".count)))
    }

    @Test func aSignedURLNeedsNoKeyAndExpires() async throws {
        let (api, id, url) = try await uploaded()
        let answer = try await api.get(url, key: .some(nil))
        #expect(answer.status == 200 && answer.body == Pictures.red)
        api.clock.advance(by: 86_399)
        #expect(try await api.get(url, key: .some(nil)).status == 200, "it works for the whole lifetime")
        api.clock.advance(by: 3601)
        let late = try await api.get(url, key: .some(nil))
        #expect(late.status == 401 && late.error["code"] == "invalid_signature")
        // A key works in place of the signature.
        #expect(try await api.get("/v1/images/\(id)/content").body == Pictures.red)
        #expect(try await api.get(url).status == 200)
    }

    @Test func aTamperedURLDoesNotWork() async throws {
        let (api, id, url) = try await uploaded()
        let other = try await api.stored(Pictures.blue)
        let expires = try #require(url.firstMatch(of: #/expires=(\d+)/#)?.1)
        let signature = try #require(url.firstMatch(of: #/signature=([0-9a-f]+)/#)?.1)
        let flipped = (signature.first == "0" ? "1" : "0") + signature.dropFirst()
        for query in [
            "", "?expires=\(expires)", "?signature=\(signature)",
            "?expires=\(Int(expires)! + 3600)&signature=\(signature)",
            "?expires=\(expires)&signature=\(flipped)", "?expires=0\(expires)&signature=\(signature)",
            "?expires=\(expires)&signature=\(signature.uppercased())x", "?expires=&signature=",
            "?expires=99999999999999999999&signature=\(signature)",
        ] {
            let answer = try await api.get("/v1/images/\(id)/content\(query)", key: .some(nil))
            #expect(answer.status == 401, "\(query): \(answer.text)")
        }
        let swapped = url.replacing(id, with: other)
        #expect(try await api.get(swapped, key: .some(nil)).status == 401)
        // It opens nothing else.
        let query = url.drop { $0 != "?" }
        #expect(try await api.get("/v1/images/\(id)\(query)", key: .some(nil)).status == 401)
        #expect(try await api.get("/v1/images\(query)", key: .some(nil)).status == 401)
        #expect(try await api.send(.delete, "/v1/images/\(id)\(query)", key: .some(nil)).status == 401)
        #expect(try await api.get("\(url)&expires=\(expires)", key: .some(nil)).status == 400)
    }

    @Test func headersSayWhatItIsAndThatNothingInItRuns() async throws {
        let (api, id, _) = try await uploaded()
        let answer = try await api.get("/v1/images/\(id)/content")
        #expect(
            answer[header: "Content-Type"] == "image/png" && answer[header: "Content-Length"] == "\(Pictures.red.count)"
        )
        #expect(answer[header: "X-Content-Type-Options"] == "nosniff" && answer[header: "Accept-Ranges"] == "bytes")
        #expect(answer[header: "Cache-Control"]?.hasPrefix("private, max-age=") == true)
        #expect(answer[header: "Content-Security-Policy"]?.contains("sandbox") == true)
        #expect(answer[header: "ETag"] == "\"\(api.library.stored[0])\"")
        let head = try await api.send(.head, "/v1/images/\(id)/content")
        #expect(head.status == 200 && head.body.isEmpty)
        for name in ["Content-Type", "Content-Length", "ETag", "Content-Disposition", "Accept-Ranges"] {
            #expect(head[header: name] == answer[header: name], "\(name)")
        }
        #expect(try await api.send(.head, "/v1/images/x/content").status == 404)
    }

    @Test(arguments: [
        ("a.png", #"inline; filename="a.png""#), ("a b.jpg", #"inline; filename="a b.jpg""#),
        ("../../x.png", #"inline; filename="x.png""#), ("C:\\\\x\\\\y.png", #"inline; filename="y.png""#),
        ("é.png", "inline; filename=\"_.png\"; filename*=UTF-8''%C3%A9.png"),
        ("a;b=c.png", #"inline; filename="a;b=c.png""#),
        ("100%.png", "inline; filename=\"100_.png\"; filename*=UTF-8''100%25.png"),
        ("x%22y.png", "inline; filename=\"x_y.png\"; filename*=UTF-8''x%22y.png"),
        ("x%0D%0ASet-Cookie: a=b.png", #"inline; filename="xSet-Cookie: a=b.png""#),
    ])
    func aFileNameCanDoNoHarm(name: String, disposition: String) async throws {
        let (api, id, _) = try await uploaded(name: name)
        let answer = try await api.get("/v1/images/\(id)/content")
        #expect(answer[header: "Content-Disposition"] == disposition)
        #expect(answer[header: "Set-Cookie"] == nil)
    }

    @Test func withoutAFileNameTheIdIsOne() async throws {
        let (api, id, _) = try await uploaded(name: nil)
        let answer = try await api.get("/v1/images/\(id)/content")
        #expect(answer[header: "Content-Disposition"] == "inline; filename=\"\(id).png\"")
    }

    @Test func rangesOfBytes() async throws {
        let (api, id, _) = try await uploaded()
        let all = Pictures.red
        let size = all.count
        for (range, part) in [
            ("bytes=0-0", 0..<1), ("bytes=0-9", 0..<10), ("bytes=5-", 5..<size), ("bytes=-5", size - 5..<size),
            ("bytes=-99999999", 0..<size), ("bytes=0-99999999", 0..<size), ("bytes=\(size - 1)-", size - 1..<size),
            ("BYTES=1-2", 1..<3), ("bytes= 1 - 2 ", 1..<3), ("bytes=3-99999999999999999999", 3..<size),
        ] as [(String, Range<Int>)] {
            let answer = try await api.get("/v1/images/\(id)/content", headers: [("Range", range)])
            #expect(answer.status == 206 && answer.body == Array(all[part]), "\(range): \(answer.status)")
            #expect(
                answer[header: "Content-Range"] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)", "\(range)"
            )
            #expect(answer[header: "Content-Length"] == "\(part.count)", "\(range)")
        }
        for range in ["bytes=\(size)-", "bytes=\(size)-\(size + 5)", "bytes=-0", "bytes=99999999999999999999-"] {
            let answer = try await api.get("/v1/images/\(id)/content", headers: [("Range", range)])
            #expect(answer.status == 416 && answer[header: "Content-Range"] == "bytes */\(size)", "\(range)")
        }
        // What makes no sense, or asks for several, is answered with the whole.
        for range in [
            "bytes=5-2", "bytes=a-b", "bytes=", "bytes=-", "lines=1-2", "bytes=0-1,4-5", "0-5", "bytes=--5",
            "bytes=1-2-3", "bytes=+1-2",
        ] {
            let answer = try await api.get("/v1/images/\(id)/content", headers: [("Range", range)])
            #expect(answer.status == 200 && answer.body == all, "\(range): \(answer.status)")
        }
        let head = try await api.send(.head, "/v1/images/\(id)/content", headers: [("Range", "bytes=0-1")])
        #expect(head.status == 200 && head[header: "Content-Length"] == "\(size)")
    }

    @Test func validators() async throws {
        let (api, id, _) = try await uploaded()
        let uri = "/v1/images/\(id)/content"
        let tag = try #require(try await api.get(uri)[header: "ETag"])
        for value in [tag, "W/\(tag)", "*", "\"x\", \(tag)", " \(tag) ,\"y\""] {
            let answer = try await api.get(uri, headers: [("If-None-Match", value)])
            #expect(answer.status == 304 && answer.body.isEmpty && answer[header: "ETag"] == tag, "\(value)")
        }
        for value in ["\"x\"", tag.uppercased().lowercased() + "x", "", "W/\"x\""] {
            #expect(try await api.get(uri, headers: [("If-None-Match", value)]).status == 200, "\(value)")
        }
        #expect(try await api.send(.head, uri, headers: [("If-None-Match", tag)]).status == 304)
        let same = try await api.get(uri, headers: [("If-Range", tag), ("Range", "bytes=0-3")])
        #expect(same.status == 206 && same.body.count == 4)
        let other = try await api.get(uri, headers: [("If-Range", "\"x\""), ("Range", "bytes=0-3")])
        #expect(other.status == 200 && other.body == Pictures.red)
    }

    @Test func whatIsGoneIsNotThere() async throws {
        let (api, id, url) = try await uploaded()
        #expect(try await api.send(.delete, "/v1/images/\(id)").status == 200)
        let answer = try await api.get(url, key: .some(nil))
        #expect(answer.status == 404 && answer.error["code"] == "image_not_found")
    }

    // MARK: Renditions

    @Test func renditionsAreSmallerCopies() async throws {
        let (api, id, url) = try await uploaded(
            Handmade.png(Picture(quarters: Colour.quarters, width: 80, height: 40)), name: "photo.of.mine.png")
        for (query, width, height, type, name) in [
            ("w=20", 20, 10, "image/webp", "photo.of.mine.webp"), ("h=10", 20, 10, "image/webp", "photo.of.mine.webp"),
            ("w=20&h=20&fit=cover&format=jpeg", 20, 20, "image/jpeg", "photo.of.mine.jpg"),
            ("w=20&h=20&fit=contain&format=png", 20, 10, "image/png", "photo.of.mine.png"),
            ("w=500&format=png", 80, 40, "image/png", "photo.of.mine.png"),
            ("format=avif", 80, 40, "image/avif", "photo.of.mine.avif"),
            ("w=20&quality=1&format=jpeg", 20, 10, "image/jpeg", "photo.of.mine.jpg"),
        ] as [(String, Int, Int, String, String)] {
            let answer = try await api.get("\(url)&\(query)", key: .some(nil))
            #expect(
                answer.status == 200 && answer[header: "Content-Type"] == type, "\(query): \(answer.text.prefix(200))")
            #expect(answer[header: "Content-Disposition"] == "inline; filename=\"\(name)\"")
            let copy = TestAPI.Answer(status: 0, headers: [:], body: answer.body)
            let size = try await Self.size(copy.body, api)
            #expect(size.0 == width && size.1 == height, "\(query): \(size)")
            let tag = try #require(answer[header: "ETag"])
            let again = try await api.get("/v1/images/\(id)/content?\(query)", headers: [("If-None-Match", tag)])
            #expect(again.status == 304)
            let head = try await api.send(.head, "/v1/images/\(id)/content?\(query)")
            #expect(head.status == 200 && head.body.isEmpty && head[header: "ETag"] == tag)
        }
    }

    private static func size(_ bytes: [UInt8], _ api: TestAPI) async throws -> (Int, Int) {
        let staging = try await api.library.library.stage()
        try await staging.write(bytes)
        let blob = try await staging.finish()
        let properties = try await api.library.reader.probe(path: blob.path)
        await api.library.library.discard([blob])
        return (properties.width, properties.height)
    }

    @Test(arguments: [
        ("w=0", "w"), ("w=-5", "w"), ("w=x", "w"), ("w=", "w"), ("h=4097", "h"), ("w=99999999999999999999", "w"),
        ("fit=stretch", "fit"),
        ("format=svg", "format"), ("format=gif", "format"), ("quality=0", "quality"), ("quality=101", "quality"),
        ("w=5&w=6", "w"),
        ("fit=cover", "w"), ("fit=cover&w=5", "h"),
    ])
    func askingForWhatCannotBeIsNamed(query: String, parameter: String) async throws {
        let (api, _, url) = try await uploaded()
        let answer = try await api.get("\(url)&\(query)", key: .some(nil))
        #expect(answer.status == 400 && answer.error["param"]?.string == parameter, "\(answer.text)")
    }

    @Test func copiesAreKeptAsLongAsTheBytes() async throws {
        let (api, id, _) = try await uploaded()
        let twin = try await api.stored()
        for query in ["w=2", "w=2&format=png"] {
            let first = try await api.get("/v1/images/\(id)/content?\(query)")
            #expect(try await api.get("/v1/images/\(twin)/content?\(query)").body == first.body)
        }
        #expect(api.library.renditions.count == 2)
        #expect(try await api.send(.delete, "/v1/images/\(twin)").status == 200)
        #expect(api.library.renditions.count == 2)
        #expect(try await api.send(.delete, "/v1/images/\(id)").status == 200)
        #expect(api.library.renditions.isEmpty)
        #expect(try await api.get("/v1/images/\(id)/content?w=2").status == 404)
    }
}
