import Domain
import NIOPosix

/// The credentials endpoint of a container (Amazon ECS, EKS Pod Identity): `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` on
/// the well-known address, or `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
struct ContainerCredentials: CredentialsSource {
    let environment: Environment
    let service: MetadataService
    private static let place = "the container's credentials endpoint"

    func credentials() async throws -> AWSCredentials? {
        guard let url = try url() else { return nil }
        var headers = [Field("accept", "application/json")]
        if let token = try await token() { headers.append(Field("authorization", token)) }
        return try MetadataService.credentials(
            in: try await service.text(.GET, url, headers: headers, from: Self.place), from: Self.place)
    }

    func url() throws -> String? {
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            guard path.hasPrefix("/") else {
                throw CredentialsError("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with a slash")
            }
            return "http://169.254.170.2" + path
        }
        guard let url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else { return nil }
        guard url.hasPrefix("https://") || Self.isNear(url) else {
            throw CredentialsError(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http on this host or the container's own service"
            )
        }
        return url
    }

    /// Whether a plain http URL stays on this machine, so that the token it carries can't be overheard.
    private static func isNear(_ url: String) -> Bool {
        guard url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return false }
        let host =
            authority.hasPrefix("[")
            ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        if ["localhost", "169.254.170.2", "169.254.170.23", "::1", "fd00:ec2::23"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private func token() async throws -> String? {
        if let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            // Read each time: the file is rewritten as tokens expire.
            let text = try await NIOThreadPool.singleton.runIfActive { try SmallFile.text(path) }
            guard let text else { throw CredentialsError("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE does not exist") }
            return text.split(whereSeparator: \.isNewline).first.map(String.init)
        }
        return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    }
}
