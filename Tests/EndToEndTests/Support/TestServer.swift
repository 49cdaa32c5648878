import Foundation
import Synchronization
import Testing

/// The real binary, serving a data folder on a free port of the loopback interface.
final class TestServer: Sendable {
    let url: String
    /// Printed at the first start of a data folder only.
    let key: String?
    private let process: Mutex<Process>
    private let log: LogFile

    private final class LogFile: Sendable {
        let path: String
        init(path: String) { self.path = path }
        var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
    }

    /// Starts a server and waits until it listens.
    static func start(in folder: TemporaryFolder, options: [String] = []) async throws -> TestServer {
        let output = "\(folder.path)/out-\(UInt32.random(in: .min ... .max))"
        let errors = output + ".log"
        for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Command.imago)
        process.arguments =
            ["serve", "--port", "0", "--data-dir", folder.path + "/data", "--log-level", "debug"] + options
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        for _ in 0..<1200 {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            if text.contains("Ctrl-C"), let url = text.firstMatch(of: #/Console\s+(http\S+)\//#)?.1 {
                return TestServer(
                    url: String(url), key: text.firstMatch(of: #/imago_[0-9A-Za-z]+/#).map { String($0.0) },
                    process: process, log: LogFile(path: errors))
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        if process.isRunning { process.interrupt() }
        throw StartFailure(log: LogFile(path: errors).text)
    }

    struct StartFailure: Error { let log: String }

    private init(url: String, key: String?, process: Process, log: LogFile) {
        self.url = url
        self.key = key
        self.process = Mutex(process)
        self.log = log
    }

    deinit { kill(SIGKILL) }

    /// What it wrote to its log so far.
    var logText: String { log.text }
    var port: Int { Int(url.split(separator: ":").last!)! }
    var processID: Int32 { process.withLock { $0.processIdentifier } }

    func kill(_ signal: Int32) {
        process.withLock { process in
            if process.isRunning { _ = Foundation.kill(process.processIdentifier, signal) }
        }
    }

    /// Waits for the end and returns the exit status; a signal's number when it died of one.
    func waitForExit() async -> Int32 {
        while process.withLock({ $0.isRunning }) { try? await Task.sleep(for: .milliseconds(10)) }
        return process.withLock { $0.terminationStatus }
    }

    /// Asks it to stop, and expects that it ends well.
    func stop() async {
        kill(SIGTERM)
        let status = await waitForExit()
        #expect(status == 0, "\(logText.suffix(2000))")
    }
}
