import Foundation

/// What a newcomer sees once the server listens: where it is, the key, and three commands to try.
struct Greeting {
    let configuration: ServerConfiguration
    /// Nil when there was a key before.
    let key: String?

    func url(port: Int) -> String {
        if let url = configuration.publicURL { return url }
        let host = ["0.0.0.0", "::"].contains(configuration.host) ? "127.0.0.1" : configuration.host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    func text(port: Int) -> String {
        let url = url(port: port)
        let shown = key ?? "YOUR_API_KEY"
        let about =
            key.map { "  API key   \($0)\n            (account \"default\"; shown this once, keep it)" }
            ?? "  API key   the one you have, or a new one: imago keys create --account default"
        return """

            Imago is running.

              Console   \(url)/
              API       \(url)/v1, described at \(url)/docs
            \(about)

            Try it:

              curl -X POST \(url)/v1/images/upload -H "X-Api-Key: \(shown)" -F "images=@photo.jpg"
              curl \(url)/v1/images -H "X-Api-Key: \(shown)"
              curl -X POST \(url)/v1/images/search -H "X-Api-Key: \(shown)" \\
                   -H "Content-Type: application/json" -d '{"query": "a dog on a beach"}'

            Ctrl-C stops it.

            """
    }

    /// Past the C library's buffer, which would hold it back where standard output is no terminal.
    func print(port: Int) { FileHandle.standardOutput.write(Data((text(port: port) + "\n").utf8)) }
}
