import Domain
import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import HTTPAPI

/// The console and the documentation: all of their files are in the binary, whole, and served as browsers need them.
@Suite struct StaticFileTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/HTTPAPI/Resources").standardizedFileURL

    @Test func theBinaryHasEveryFileAsItIs() throws {
        let embedded = Dictionary(
            uniqueKeysWithValues: EmbeddedFiles.load().map { ($0.name, Array($0.bytes.readableBytesView)) })
        let paths = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
        var isFolder: ObjCBool = false
        let names = paths.filter {
            FileManager.default.fileExists(atPath: Self.folder.path + "/" + $0, isDirectory: &isFolder)
                && !isFolder.boolValue && !$0.hasPrefix(".")
        }
        #expect(Set(names) == Set(embedded.keys))
        for name in names {
            let file = try Data(contentsOf: Self.folder.appendingPathComponent(name))
            #expect(embedded[name] == Array(file), "\(name) is not the file in the sources")
        }
    }

    @Test func pagesAndWhatTheyNeedAreOpenToAll() async throws {
        let api = try await TestAPI()
        for (path, type) in [
            ("/", "text/html; charset=utf-8"), ("/docs", "text/html; charset=utf-8"),
            ("/openapi.json", "application/json"), ("/console.css", "text/css; charset=utf-8"),
            ("/console.js", "text/javascript; charset=utf-8"), ("/icon.svg", "image/svg+xml"),
            ("/console/grid.js", "text/javascript; charset=utf-8"),
        ] {
            let answer = try await api.get(path, key: .some(nil))
            #expect(answer.status == 200 && !answer.body.isEmpty, "\(path)")
            #expect(answer[header: "Content-Type"] == type, "\(path)")
            #expect(answer[header: "Cache-Control"] == "no-cache", "\(path)")
            #expect(answer[header: "X-Content-Type-Options"] == "nosniff", "\(path)")
            #expect(answer[header: "X-Frame-Options"] == "DENY", "\(path)")
            #expect(answer[header: "Referrer-Policy"] == "no-referrer", "\(path)")
            let policy = try #require(answer[header: "Content-Security-Policy"])
            #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "\(path)")
            #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "\(path)")

            let head = try await api.send(.head, path, key: .some(nil))
            #expect(head.status == 200 && head.body.isEmpty, "\(path)")
            #expect(head[header: "Content-Length"] == "\(answer.body.count)", "\(path)")
            #expect(head[header: "ETag"] == answer[header: "ETag"], "\(path)")
        }
        #expect(try await api.get("/console/none.js", key: .some(nil)).status == 404)
        let wrong = try await api.send(.post, "/docs", key: .some(nil))
        #expect(wrong.status == 405 && wrong[header: "Allow"] == "GET, HEAD")
    }

    @Test func aFileThatTheBrowserHasIsNotSentAgain() async throws {
        let api = try await TestAPI()
        let tag = try #require(try await api.get("/console.js")[header: "ETag"])
        #expect(tag.hasPrefix("\"") && tag.count == 66, "strong, of a SHA-256")
        #expect(try await api.get("/console.css")[header: "ETag"] != tag)
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let answer = try await api.get("/console.js", headers: [("If-None-Match", known)])
            #expect(answer.status == 304 && answer.body.isEmpty, "\(known)")
            #expect(answer[header: "ETag"] == tag && answer[header: "Cache-Control"] == "no-cache")
            #expect(answer[header: "Content-Type"] == nil)
        }
        for known in ["\"other\"", "", tag.replacing("\"", with: ""), "W/\"other\""] {
            #expect(try await api.get("/console.js", headers: [("If-None-Match", known)]).status == 200, "\(known)")
        }
    }

    /// Pages refer to files relative to their own address, so that a proxy may serve them under any path.
    @Test func everythingPagesReferToIsThere() async throws {
        let api = try await TestAPI()
        var waiting = ["/", "/docs"]
        var seen: Set<String> = []
        while let path = waiting.popLast() {
            guard seen.insert(path).inserted else { continue }
            let answer = try await api.get(path, key: .some(nil))
            #expect(answer.status == 200, "\(path)")
            guard path.hasSuffix(".js") || answer[header: "Content-Type"]?.hasPrefix("text/html") == true else {
                continue
            }
            let text = String(decoding: answer.body, as: UTF8.self)
            for reference in Self.references(in: text, isScript: path.hasSuffix(".js")) {
                #expect(!reference.hasPrefix("/") && !reference.contains("://"), "\(path) refers to \(reference)")
                waiting.append(URL(string: reference, relativeTo: URL(string: "http://h" + path))!.path)
            }
        }
        let all = Set(StaticController().files.map(\.path))
        #expect(all.subtracting(seen).isEmpty, "nothing refers to these")
        #expect(seen.subtracting(all).isEmpty)
    }

    private static func references(in text: String, isScript: Bool) -> [String] {
        let html = /(?:src|href)="([^"#][^"]*)"/
        let script = /(?:^|\n)import (?:[^"]* from )?"([^"]+)"|fetch\("([^"]+)"\)/
        return isScript
            ? text.matches(of: script).compactMap { ($0.1 ?? $0.2).map(String.init) }
            : text.matches(of: html).map { String($0.1) }.map { $0 == "./" ? "." : $0 }
    }

    /// What the policy would forbid is not in the pages, and data is never made into markup.
    @Test func pagesKeepToThePolicy() throws {
        for file in EmbeddedFiles.load() {
            let text = String(decoding: file.bytes.readableBytesView, as: UTF8.self)
            if file.name.hasSuffix(".html") {
                #expect(text.firstMatch(of: /<style|\sstyle=|\son[a-z]+=|javascript:/) == nil, "\(file.name)")
                #expect(text.firstMatch(of: /<script(?![^>]*\ssrc=)/) == nil, "\(file.name)")
            } else if file.name.hasSuffix(".js") {
                for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                    #expect(!text.contains(word), "\(file.name) has \(word)")
                }
            }
        }
    }

    @Test func aSlashAtTheEndLeadsToThePage() async throws {
        let api = try await TestAPI()
        let answer = try await api.get("/docs/")
        #expect(answer.status == 308 && answer[header: "Location"] == "../docs")
    }
}
