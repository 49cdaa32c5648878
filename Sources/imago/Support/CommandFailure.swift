import ArgumentParser
import Domain
import Foundation
import ImagoClient
import Library
import ModelStore

/// The numbers scripts can rely on; 64 to 77 as in `sysexits.h`.
enum ExitStatus {
    static let failed: Int32 = 1
    static let usage: Int32 = 64
    static let unavailable: Int32 = 69
    static let noPermission: Int32 = 77
    static let interrupted: Int32 = 130
}

/// An error as the command line tells it: one line, perhaps a hint, and an exit status.
struct CommandFailure: Error, Hashable {
    let message: String
    var hint: String?
    var status = ExitStatus.failed

    init(_ message: String, hint: String? = nil, status: Int32 = ExitStatus.failed) {
        self.message = message
        self.hint = hint
        self.status = status
    }

    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as ClientError: self.init(error)
        case let error as InvalidInput: self.init(error.message, status: ExitStatus.usage)
        case let error as KeyRevocationError: self.init(error)
        case let error as CatalogError: self.init(error)
        case let error as ModelStoreError:
            self.init(
                error.message, hint: error.hint,
                status: error.code == .offline ? ExitStatus.unavailable : ExitStatus.failed)
        case is CancellationError: self.init("stopped", status: ExitStatus.interrupted)
        default: self.init("\(error)")
        }
    }

    init(_ error: ClientError) {
        var message = error.message
        if let id = error.requestID { message += " (request \(id))" }
        switch error.kind {
        case .unreachable:
            self.init(
                message, hint: "Is the server running? Start it with 'imago serve', or set IMAGO_URL to where it is.",
                status: ExitStatus.unavailable)
        case .timedOut, .connectionLost, .rateLimited, .unavailable:
            self.init(
                message, hint: error.retryAfter.map { "Try again in \(Int($0.rounded(.up))) seconds." },
                status: ExitStatus.unavailable)
        case .notPermitted:
            self.init(
                message,
                hint: "Make a key with 'imago keys create --account NAME' and put it in IMAGO_API_KEY.",
                status: ExitStatus.noPermission)
        case .badAddress: self.init(message, status: ExitStatus.usage)
        default: self.init(message)
        }
    }

    private init(_ error: CatalogError) {
        switch error {
        case .storeFull: self.init("no room is left on the disk of the data folder")
        case .newerSchema(let text): self.init("the data folder was written by a newer version of imago: \(text)")
        case .unavailable(let text): self.init("the data folder can't be read or written: \(text)")
        case .idempotencyKeyUsed: self.init("the idempotency key was used before")
        }
    }

    private init(_ error: KeyRevocationError) {
        switch error {
        case .noSuchKey:
            self.init("no key has that id or starts so", hint: "'imago keys list' shows the keys.")
        case .ambiguous(let prefixes):
            self.init(
                "\(prefixes.count) keys start so: \(prefixes.joined(separator: ", "))",
                hint: "Name the key by its id; 'imago keys list' shows it.")
        case .alreadyRevoked(let listed): self.init("the key \(listed.key.prefix)... was revoked before")
        }
    }

    /// What is written on standard error.
    var text: String { "imago: \(message)\n" + (hint.map { "       \($0)\n" } ?? "") }

    /// Ends the process; what the argument parser threw (wrong usage, but also `--help`) it says itself.
    func exit(from error: any Error) -> Never {
        if error is ExitCode || ImagoCommand.exitCode(for: error) != .failure { ImagoCommand.exit(withError: error) }
        FileHandle.standardError.write(Data(text.utf8))
        Foundation.exit(status)
    }
}
