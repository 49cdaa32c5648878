/// A multipart form, written out byte by byte.
struct Form {
    var boundary = "----test-boundary"
    private var parts: [UInt8] = []

    init(boundary: String = "----test-boundary") { self.boundary = boundary }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }
    var bytes: [UInt8] { parts + Array("--\(boundary)--\r\n".utf8) }
    /// Without the last boundary.
    var open: [UInt8] { parts }

    mutating func part(_ headers: [String], _ content: [UInt8]) {
        parts += Array(("--\(boundary)\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
        parts += content + Array("\r\n".utf8)
    }

    mutating func file(_ content: [UInt8], part: String = "images", name: String? = "a.png", type: String = "image/png")
    {
        let fileName = name.map { "; filename=\"\($0)\"" } ?? ""
        self.part(["Content-Disposition: form-data; name=\"\(part)\"\(fileName)", "Content-Type: \(type)"], content)
    }

    mutating func field(_ name: String, _ text: String) {
        part(["Content-Disposition: form-data; name=\"\(name)\""], Array(text.utf8))
    }

    /// Files alone.
    static func files(_ contents: [UInt8]...) -> Form {
        var form = Form()
        for (number, content) in contents.enumerated() { form.file(content, name: "file\(number).bin") }
        return form
    }
}
