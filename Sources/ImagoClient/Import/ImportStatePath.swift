import Crypto
import Domain
import Foundation

extension ImportState {
    /// Where the state of one server and key is kept: `$XDG_STATE_HOME/imago`, that is `~/.local/state/imago` unless
    /// set (XDG Base Directory Specification). The key is in the name as a digest only.
    /// - Parameter environment: of the process.
    public static func path(address: ServerAddress, apiKey: String, environment: [String: String]) -> String {
        let digest = ContentHash(bytes: SHA256.hash(data: Array("\(address.text)\n\(apiKey)".utf8)))!
        var folder = environment["XDG_STATE_HOME"] ?? ""
        // The specification has relative paths ignored.
        if !folder.hasPrefix("/") {
            folder = (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state"
        }
        return "\(folder)/imago/import-\(digest.hex.prefix(32)).txt"
    }
}
