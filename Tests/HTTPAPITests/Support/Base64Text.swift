import Foundation
import HTTPTypes

typealias HTTPRequestMethod = HTTPRequest.Method

enum Base64Text {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
