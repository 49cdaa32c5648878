import Domain
import Foundation
import HTTPAPI
import Imaging
import Indexing
import Inference
import ModelStore
import Workers

/// What each module is told of the configuration.
extension ServerConfiguration {
    private var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    var imagingLimits: ImagingLimits {
        ImagingLimits(
            maximumBytes: maximumFileBytes, maximumPixels: maximumPixels, maximumFrames: maximumFrames,
            threads: (decoders ?? cores) + 2)
    }

    /// - Parameter environment: of which `IMAGO_TAKE_FAULTS` lets tests' files order faults of their decoder.
    func workers(environment: [String: String] = ProcessInfo.processInfo.environment) -> WorkerConfiguration {
        var configuration = WorkerConfiguration(
            processes: workers ?? imagingLimits.threads, memory: workerMemory.map { UInt64($0) },
            timeLimit: workerTimeout, limits: imagingLimits)
        configuration.takesFaults = environment["IMAGO_TAKE_FAULTS"] == "1"
        return configuration
    }

    func encoderOptions(cache: String) -> EncoderOptions {
        EncoderOptions(
            precision: precision, threads: modelThreads, cacheFolder: cache, imageRequests: modelRequests)
    }

    /// - Parameter pictures: as many as the model computes at once. Some more wait, so that it never waits for one.
    func indexing(pictures: Int) -> IndexingConfiguration {
        IndexingConfiguration(decoders: decoders ?? cores, encoders: pictures + 2)
    }

    /// The model's folder: the one named by the settings, else the one chosen with `imago models use`, else the built-in
    /// one.
    var modelFolder: String {
        get throws {
            if let modelDirectory { return modelDirectory }
            do {
                if let chosen = try Imago.modelStore(dataDirectory: dataDirectory).selectedFolder() { return chosen }
            } catch {
                throw StartError(error.message + (error.hint.map { ". \($0)" } ?? ""))
            }
            return try ModelLocation.builtIn()
        }
    }

    var http: HTTPAPIConfiguration {
        HTTPAPIConfiguration(
            publicURL: publicURL,
            limits: HTTPLimits(
                fileBytes: maximumFileBytes, files: maximumFiles, requestBytes: maximumRequestBytes),
            rateLimits: RateLimits(
                uploads: uploadsPerMinute, searches: searchesPerMinute, reads: readsPerMinute),
            idleTimeout: idleTimeout)
    }
}
