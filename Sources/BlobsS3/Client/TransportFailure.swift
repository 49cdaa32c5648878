import AsyncHTTPClient
import Domain
import NIOCore
import NIOPosix

/// What the network library throws, in the terms of `S3Failure`.
enum TransportFailure {
    /// - Throws: the error itself when it has nothing to do with the way to the store: a cancellation, a local file.
    static func failure(for error: any Error) throws -> S3Failure {
        switch error {
        case let error as S3Failure: return error
        case is CancellationError, is BlobError, is CredentialsError: throw error
        case let error as HTTPClientError: return try failure(for: error)
        case is NIOConnectionError, is SocketAddressError: return S3Failure(.unreachable, "no connection to the store")
        case is NIOTooManyBytesError: return S3Failure(.malformedAnswer, "an answer is longer than it may be")
        // Errors of sockets, of TLS and of the HTTP decoder have no common type.
        default: return S3Failure(.connectionLost, "the connection broke")
        }
    }

    private static func failure(for error: HTTPClientError) throws -> S3Failure {
        switch error {
        case .cancelled:
            try Task.checkCancellation()
            return S3Failure(.connectionLost, "the connection was closed")
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return S3Failure(.unreachable, "no connection to the store in time")
        case .readTimeout, .writeTimeout, .deadlineExceeded: return S3Failure(.timedOut, "no answer in time")
        default: return S3Failure(.connectionLost, "the connection broke")
        }
    }
}
