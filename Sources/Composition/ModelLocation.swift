import Foundation

/// Where the built-in model lies.
enum ModelLocation {
    /// Beside an installed binary (`PREFIX/share/imago/models/starter`), or in the source tree the binary was built in.
    static func builtIn(executable: String = executablePath) throws -> String {
        var folder = (executable as NSString).deletingLastPathComponent
        let installed = (folder as NSString).deletingLastPathComponent + "/share/imago/models/starter"
        if isModel(installed) { return installed }
        while folder.count > 1 {
            if isModel(folder + "/Models/starter") { return folder + "/Models/starter" }
            folder = (folder as NSString).deletingLastPathComponent
        }
        throw StartError(
            "the built-in model is neither at \(installed) nor in a Models/starter above the binary; name one with --model-dir"
        )
    }

    private static func isModel(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/manifest.json")
    }

    private static var executablePath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
    }
}
