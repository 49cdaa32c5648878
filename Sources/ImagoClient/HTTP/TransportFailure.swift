import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// What the network library throws, in the client's terms.
enum TransportFailure {
    /// - Throws: `CancellationError` when that is what happened.
    static func clientError(for error: any Error, address: ServerAddress) throws -> ClientError {
        switch error {
        case let error as ClientError: return error
        case is CancellationError: throw CancellationError()
        case let error as HTTPClientError: return try clientError(for: error, address: address)
        case is NIOConnectionError, is SocketAddressError:
            return ClientError(.unreachable, "no server answers at \(address)")
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return ClientError(.unreachable, "no server answers at \(address)")
        default: return ClientError(.connectionLost, "the connection to \(address) broke")
        }
    }

    private static func clientError(for error: HTTPClientError, address: ServerAddress) throws -> ClientError {
        switch error {
        case .cancelled: throw CancellationError()
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return ClientError(.unreachable, "no server answers at \(address)")
        case .readTimeout, .writeTimeout, .deadlineExceeded:
            return ClientError(.timedOut, "\(address) did not answer in time")
        case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath:
            return ClientError(.badAddress, "'\(address)' is no server address; one looks like http://127.0.0.1:8080")
        default: return ClientError(.connectionLost, "the connection to \(address) broke")
        }
    }
}
