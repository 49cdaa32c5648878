import NIOPosix

/// The files `~/.aws/credentials` and `~/.aws/config`, or those that the environment names instead, and one profile
/// in them.
struct SharedFiles: CredentialsSource {
    let credentialsPath: String?
    let configPath: String?
    let profile: String
    /// Someone asked for this profile by name, so it must be there.
    let isNamed: Bool

    /// - Parameter profile: nil for the one that the environment names, or else `default`.
    init(environment: Environment, profile: String?) {
        let home = environment["HOME"].map { $0 + "/.aws" }
        credentialsPath = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? home.map { $0 + "/credentials" }
        configPath = environment["AWS_CONFIG_FILE"] ?? home.map { $0 + "/config" }
        let named = profile ?? environment["AWS_PROFILE"]
        self.profile = named ?? "default"
        isNamed = named != nil
    }

    func credentials() async throws -> AWSCredentials? {
        let settings = try await settings()
        guard let settings else {
            guard isNamed else { return nil }
            throw CredentialsError("there is no profile '\(profile)' in the AWS credentials and config files")
        }
        switch (settings["aws_access_key_id"], settings["aws_secret_access_key"]) {
        case (let key?, let secret?):
            return AWSCredentials(
                accessKeyID: key, secretAccessKey: secret, sessionToken: settings["aws_session_token"])
        case (nil, nil):
            for unsupported in ["role_arn", "credential_process", "sso_session", "sso_start_url"]
            where settings[unsupported] != nil {
                throw CredentialsError("the profile '\(profile)' uses \(unsupported), which is not supported")
            }
            guard isNamed else { return nil }
            throw CredentialsError("the profile '\(profile)' has no aws_access_key_id")
        default:
            throw CredentialsError(
                "the profile '\(profile)' needs both aws_access_key_id and aws_secret_access_key")
        }
    }

    /// The region that the profile names.
    func region() async throws -> String? { try await settings()?["region"] }

    /// Both files' settings of the profile; the credentials file's count where both have one.
    private func settings() async throws -> [String: String]? {
        let config = try await Self.read(configPath)
        let credentials = try await Self.read(credentialsPath)
        let sections = [
            // `profile` is written before every name but the default one's, where it may be.
            config?["profile \(profile)"] ?? (profile == "default" ? config?["default"] : nil),
            credentials?[profile],
        ].compactMap { $0 }
        guard !sections.isEmpty else { return nil }
        return sections.reduce(into: [:]) { $0.merge($1) { $1 } }
    }

    private static func read(_ path: String?) async throws -> INIFile? {
        guard let path else { return nil }
        return try await NIOThreadPool.singleton.runIfActive { try SmallFile.text(path).map(INIFile.init) }
    }
}
