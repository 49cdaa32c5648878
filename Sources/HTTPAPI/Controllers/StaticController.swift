import HTTPTypes
import Hummingbird

/// The console, the documentation, and what they are made of. None of it needs a key.
struct StaticController: Sendable {
    /// In the order of their paths.
    let files: [StaticFile] = EmbeddedFiles.load().map(StaticFile.init).sorted { $0.path < $1.path }

    func answer(
        with file: StaticFile
    ) -> @Sendable (_ request: Request, _ context: APIContext) async throws -> Response {
        { request, _ in
            // Pages refer to their files relative to their own address, which a slash at its end would change.
            if file.path != "/", request.uri.path.hasSuffix("/") {
                let name = file.path.split(separator: "/").last ?? ""
                return Response(status: .permanentRedirect, headers: [.location: "../\(name)"])
            }
            if EntityTags(ifNoneMatch: request.headers[.ifNoneMatch]).contain(file.entityTag) {
                var headers = file.headers
                headers[.contentType] = nil
                return Response(status: .notModified, headers: headers)
            }
            return Response(status: .ok, headers: file.headers, body: ResponseBody(byteBuffer: file.bytes))
        }
    }
}
