import Domain

/// The role of the virtual machine (Amazon EC2 instance metadata, version 2: a token first, then the credentials).
struct InstanceCredentials: CredentialsSource {
    let environment: Environment
    let service: MetadataService
    private static let place = "the instance metadata service"

    func credentials() async throws -> AWSCredentials? {
        guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
        var base = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
        while base.hasSuffix("/") { base.removeLast() }
        let token = try await service.text(
            .PUT, base + "/latest/api/token",
            headers: [Field("x-aws-ec2-metadata-token-ttl-seconds", "300")], from: Self.place)
        let headers = [Field("x-aws-ec2-metadata-token", token)]
        let roles = base + "/latest/meta-data/iam/security-credentials/"
        let names = try await service.text(.GET, roles, headers: headers, from: Self.place)
        guard let role = names.split(whereSeparator: \.isNewline).first, !role.isEmpty else {
            throw CredentialsError("\(Self.place) names no role for this instance")
        }
        let text = try await service.text(
            .GET, roles + PercentEncoding.encode(String(role)), headers: headers, from: Self.place)
        return try MetadataService.credentials(in: text, from: Self.place)
    }
}
