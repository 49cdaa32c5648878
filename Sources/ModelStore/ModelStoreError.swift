/// Why a model could not be fetched, installed or chosen, in one sentence for the person at the command line.
public struct ModelStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        /// Neither installed nor in the catalogue.
        case unknownModel = "unknown_model"
        case alreadyInstalled = "already_installed"
        /// The licence has to be accepted first.
        case licenseNotAccepted = "license_not_accepted"
        /// The hub can't be reached at all.
        case offline
        /// The hub has no such file, or not for this token.
        case notFound = "not_found"
        case notPermitted = "not_permitted"
        /// The hub answered something that makes no sense, or gave up too often.
        case hubFailed = "hub_failed"
        /// What arrived is not what the hub or the catalogue says it should be.
        case wrongContent = "wrong_content"
        /// The files make no model that this version can run.
        case unusable
        /// The model is in use.
        case inUse = "in_use"
        /// The folder of models can't be read or written.
        case folderFailed = "folder_failed"
    }

    public let code: Code
    public let message: String
    /// What can be done about it.
    public let hint: String?

    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { message }
}
