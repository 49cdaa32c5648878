/// The rules for a client's metadata: an object of bounded size and depth, the well-known fields of the right type.
public enum ImageMetadata {
    /// 64 KiB as compact JSON.
    public static let maximumBytes = 64 * 1024
    /// Levels of nesting, the object itself being the first.
    public static let maximumDepth = 16

    private static let stringFields = ["camera_id", "video_clip_id", "org_id", "site_id", "event_id", "caption"]

    /// Checks a metadata object as it came from outside.
    /// - Parameter path: where the object stands in the request, the start of each error's `parameter`.
    public static func validate(_ value: JSONValue, at path: String) throws(InvalidInput) -> JSONObject {
        if case .null = value { return JSONObject() }
        guard let object = value.object else {
            throw InvalidInput(code: "invalid_metadata", message: "\(path) must be a JSON object", parameter: path)
        }
        guard depth(of: value) <= maximumDepth else {
            throw InvalidInput(
                code: "limit_exceeded", message: "\(path) is nested deeper than \(maximumDepth) levels", parameter: path
            )
        }
        let size = value.jsonBytes.count
        guard size <= maximumBytes else {
            throw InvalidInput(
                code: "limit_exceeded",
                message: "\(path) is \(size) bytes of JSON; the limit is \(maximumBytes) bytes", parameter: path)
        }
        for field in stringFields {
            try check(object[field], at: "\(path).\(field)", "a string") { $0.string != nil }
        }
        try check(object["recorded_timestamp_utc"], at: "\(path).recorded_timestamp_utc", "an integer") {
            $0.number?.int != nil
        }
        if let detections = object["detection_metadata"], detections != .null {
            try validateDetections(detections, at: "\(path).detection_metadata")
        }
        return object
    }

    private static func validateDetections(_ value: JSONValue, at path: String) throws(InvalidInput) {
        guard let detections = value.array else { throw wrongType(path, "a list of objects") }
        for (position, detection) in detections.enumerated() {
            let place = "\(path)[\(position)]"
            guard let fields = detection.object else { throw wrongType(place, "an object") }
            for field in ["class_name", "license_plate_number", "ncic_category"] {
                try check(fields[field], at: "\(place).\(field)", "a string") { $0.string != nil }
            }
            try check(fields["confidence"], at: "\(place).confidence", "a number") { $0.number != nil }
            try check(fields["is_license_plate"], at: "\(place).is_license_plate", "true or false") { $0.bool != nil }
            try check(fields["bounding_box"], at: "\(place).bounding_box", "a list of integers") { box in
                box.array?.allSatisfy { $0.number?.int != nil } ?? false
            }
        }
    }

    private static func check(
        _ value: JSONValue?, at path: String, _ expected: String, _ accepts: (JSONValue) -> Bool
    ) throws(InvalidInput) {
        guard let value, value != .null else { return }
        guard accepts(value) else { throw wrongType(path, expected) }
    }

    private static func wrongType(_ path: String, _ expected: String) -> InvalidInput {
        InvalidInput(code: "invalid_metadata", message: "\(path) must be \(expected)", parameter: path)
    }

    static func depth(of value: JSONValue) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.map { depth(of: $0) }.max() ?? 0)
        case .object(let object): 1 + (object.members.map { depth(of: $0.value) }.max() ?? 0)
        default: 0
        }
    }
}
