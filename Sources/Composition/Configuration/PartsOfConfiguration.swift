import Domain
import Foundation
import HTTPAPI
import Imaging
import Indexing
import Inference
import ModelStore

/// What each module is told of the configuration.
extension ServerConfiguration {
    private var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    var imagingLimits: ImagingLimits {
        ImagingLimits(
            maximumBytes: maximumFileBytes, maximumPixels: maximumPixels, maximumFrames: maximumFrames,
            threads: (decoders ?? cores) + 2)
    }

    func encoderOptions(cache: String) -> EncoderOptions {
        EncoderOptions(
            precision: precision, threads: modelThreads, cacheFolder: cache, imageRequests: min(4, max(2, cores)))
    }

    var indexing: IndexingConfiguration {
        IndexingConfiguration(decoders: decoders ?? cores, encoders: min(4, max(2, cores)))
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
