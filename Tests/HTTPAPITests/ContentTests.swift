import Domain
import Testing

@testable import HTTPAPI

@Suite struct ContentTests {
    @Test func aSignedURLWorksWithoutAKeyUntilItExpires() async throws {
        let service = try await Service(HTTPAPIConfiguration(publicURL: "https://images.example.com"))
        try await service.run { client in
            let image = try await client.upload([Bitmap.red]).results[0]
            let url = try #require(image["image_url"]?.string)
            #expect(url.hasPrefix("https://images.example.com/v1/images/"))
            let path = String(url.dropFirst("https://images.example.com".count))
            let stranger = client.with(key: nil)
            let answer = try await stranger.get(path)
            #expect(answer.status == 200 && answer.body == Bitmap.red)
            #expect(answer[header: "Content-Type"] == "image/bmp")
            #expect(answer[header: "X-Content-Type-Options"] == "nosniff")
            #expect(answer[header: "Content-Disposition"] == #"inline; filename="file0.bin""#)
            #expect(answer[header: "Cache-Control"]?.contains("private") == true)
            #expect(try await client.get("/v1/images/\(image["image_id"]!.string!)/content").body == Bitmap.red)

            // Another image's signature, a later expiry, or one character changed: none of them is ours.
            let other = try await client.ids(of: [Bitmap.blue])[0]
            let query = path.split(separator: "?")[1]
            #expect(try await stranger.get("/v1/images/\(other)/content?\(query)").status == 401)
            #expect(try await stranger.get(path.replacing("expires=1", with: "expires=2")).status == 401)
            let last = path.last == "0" ? "1" : "0"
            #expect(try await stranger.get(path.dropLast() + last).status == 401)
            // It opens nothing else.
            #expect(try await stranger.get(path.replacing("/content", with: "")).status == 401)

            service.clock.advance(by: 90_001)
            let late = try await stranger.get(path)
            #expect(late.status == 401 && late.error["code"] == "invalid_signature")
        }
    }

    @Test func partsOfTheBytes() async throws {
        let service = try await Service()
        try await service.run { client in
            let id = try await client.ids(of: [Bitmap.green])[0]
            let path = "/v1/images/\(id)/content"
            let size = Bitmap.green.count
            let whole = try await client.get(path)
            let tag = try #require(whole[header: "ETag"])
            #expect(whole[header: "Accept-Ranges"] == "bytes" && whole.body.count == size)
            for (range, part) in [
                ("bytes=0-9", 0..<10), ("bytes=10-", 10..<size), ("bytes=-5", size - 5..<size),
                ("bytes=0-999999999999999999999999", 0..<size), ("bytes=-99999", 0..<size),
            ] {
                let answer = try await client.get(path, ["Range": range])
                #expect(answer.status == 206 && answer.body == Array(Bitmap.green[part]), "\(range)")
                #expect(
                    answer[header: "Content-Range"] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)")
            }
            for range in ["bytes=\(size)-", "bytes=-0"] {
                let answer = try await client.get(path, ["Range": range])
                #expect(answer.status == 416 && answer[header: "Content-Range"] == "bytes */\(size)", "\(range)")
            }
            for range in ["bytes=5-2", "lines=1-2", "bytes=0-1,4-5", "bytes=", "bytes=-"] {
                #expect(try await client.get(path, ["Range": range]).status == 200, "\(range)")
            }
            #expect(try await client.get(path, ["Range": "bytes=0-1", "If-Range": tag]).status == 206)
            #expect(try await client.get(path, ["Range": "bytes=0-1", "If-Range": "\"other\""]).status == 200)

            for given in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let answer = try await client.get(path, ["If-None-Match": given])
                #expect(answer.status == 304 && answer.body.isEmpty && answer[header: "ETag"] == tag, "\(given)")
            }
            let head = try await client.send(.head, path)
            #expect(head.status == 200 && head.body.isEmpty && head[header: "Content-Length"] == String(size))
        }
    }

    @Test func smallerCopies() async throws {
        let service = try await Service()
        let picture = Bitmap.file(red: 200, green: 10, blue: 10, width: 90, height: 60)
        try await service.run { client in
            let id = try await client.ids(of: [picture])[0]
            let path = "/v1/images/\(id)/content"
            for (query, type, start) in [
                ("w=30", "image/webp", "RIFF"), ("w=30&format=png", "image/png", "\u{89}PNG"),
                ("h=30&format=jpeg&quality=50", "image/jpeg", "\u{FF}\u{D8}"),
            ] {
                let answer = try await client.get("\(path)?\(query)")
                #expect(answer.status == 200 && answer[header: "Content-Type"] == type, "\(query)")
                #expect(answer.body.starts(with: start.unicodeScalars.map { UInt8($0.value) }), "\(query)")
                let again = try await client.get("\(path)?\(query)", ["If-None-Match": answer[header: "ETag"]!])
                #expect(again.status == 304)
                #expect(try await client.get("\(path)?\(query)").body == answer.body)
            }
            #expect(try await Self.size(of: client.get("\(path)?w=30&format=png").body) == [30, 20])
            #expect(try await Self.size(of: client.get("\(path)?w=30&h=30&fit=cover&format=png").body) == [30, 30])
            // Never larger than the original.
            #expect(try await Self.size(of: client.get("\(path)?w=4000&format=png").body) == [90, 60])
            for (query, parameter) in [
                ("w=0", "w"), ("w=4097", "w"), ("h=x", "h"), ("w=1&fit=fill", "fit"), ("format=gif", "format"),
                ("w=9&fit=cover", "h"), ("quality=101", "quality"),
            ] {
                let answer = try await client.get("\(path)?\(query)")
                #expect(answer.status == 400 && answer.error["param"] == .string(parameter), "\(query)")
            }
            // Copies go with the last image of their bytes.
            let twin = try await client.ids(of: [picture])[0]
            #expect(try await client.send(.delete, "/v1/images/\(twin)").status == 200)
            #expect(service.keptRenditions.count == 5)
            #expect(try await client.send(.delete, "/v1/images/\(id)").status == 200)
            #expect(service.keptRenditions.isEmpty)
            #expect(try await client.get("\(path)?w=30").status == 404)
        }
    }

    /// Width and height of a PNG (its IHDR chunk).
    private static func size(of png: [UInt8]) -> [Int] {
        guard png.count > 24 else { return [] }
        let number = { (start: Int) in png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
        return [number(16), number(20)]
    }

    @Test func aNameSurvivesAndCanDoNoHarm() {
        #expect(ContentDisposition.inline(fileName: "a b.jpg") == #"inline; filename="a b.jpg""#)
        #expect(
            ContentDisposition.inline(fileName: "é\"\r\n;x.jpg")
                == #"inline; filename="____;x.jpg"; filename*=UTF-8''%C3%A9%22%0D%0A%3Bx.jpg"#)
    }
}
