/// Asks one place after another, in the order that the AWS tools keep.
struct CredentialsChain: CredentialsSource {
    let sources: [any CredentialsSource]

    /// - Parameter profile: when given, only the files are asked.
    init(environment: Environment, profile: String?, service: MetadataService) {
        let files = SharedFiles(environment: environment, profile: profile)
        sources =
            profile != nil
            ? [files]
            : [
                EnvironmentCredentials(environment: environment), files,
                ContainerCredentials(environment: environment, service: service),
                InstanceCredentials(environment: environment, service: service),
            ]
    }

    private static let nowhere =
        "there are no credentials for the store in the environment (AWS_ACCESS_KEY_ID), the AWS files or the container"

    func credentials() async throws -> AWSCredentials? {
        for source in sources {
            do {
                if let credentials = try await source.credentials() { return credentials }
            } catch let error as CredentialsError where source is InstanceCredentials {
                // Asked only because there is nothing else, so that its failure tells but half of it.
                throw CredentialsError("\(Self.nowhere), and \(error)")
            }
        }
        throw CredentialsError(Self.nowhere)
    }
}
