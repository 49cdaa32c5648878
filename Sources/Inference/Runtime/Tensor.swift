internal import COpenVINO

/// The element types that go in and out of graphs.
enum TensorElement: Hashable {
    case float32, int32, int64

    init?(_ type: ov_element_type_e) {
        switch type {
        case F32: self = .float32
        case I32: self = .int32
        case I64: self = .int64
        default: return nil
        }
    }

    var type: ov_element_type_e {
        switch self {
        case .float32: F32
        case .int32: I32
        case .int64: I64
        }
    }
}

/// Numbers in memory of the runtime's own, so that a request may keep them for as long as it likes.
///
/// Not Sendable: it belongs to one request.
final class Tensor {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    /// Room for a tensor of that shape, its content undefined.
    init(_ element: TensorElement, shape: [Int]) throws(ModelError) {
        var made: OpaquePointer?
        let status = shape.map(Int64.init).withUnsafeBufferPointer { axes in
            // The runtime copies the axes; it only takes them by a pointer that is not const.
            ov_tensor_create(
                element.type,
                ov_shape_t(rank: Int64(axes.count), dims: UnsafeMutablePointer(mutating: axes.baseAddress)), &made)
        }
        try Runtime.check(status, .runtimeFailed, "The inference runtime could not make room for its input.")
        pointer = try Runtime.made(made)
    }

    deinit { ov_tensor_free(pointer) }

    func shape() throws(ModelError) -> [Int] {
        var shape = ov_shape_t()
        try Runtime.check(ov_tensor_get_shape(pointer, &shape), .runtimeFailed, "A tensor's shape could not be read.")
        defer { ov_shape_free(&shape) }
        return (0..<Int(shape.rank)).map { Int(shape.dims[$0]) }
    }

    /// Writes all elements.
    /// - Precondition: as many values as the tensor has elements, of its element type.
    func fill<Value: BitwiseCopyable>(_ values: [Value]) throws(ModelError) {
        let memory = try memory()
        precondition(memory.count == values.count * MemoryLayout<Value>.stride)
        values.withUnsafeBytes { memory.copyMemory(from: $0) }
    }

    /// A copy of all elements. The tensor must hold 32-bit floats.
    func floats() throws(ModelError) -> [Float] {
        var type = ov_element_type_e(rawValue: 0)
        try Runtime.check(
            ov_tensor_get_element_type(pointer, &type), .runtimeFailed, "A tensor's element type could not be read.")
        guard TensorElement(type) == .float32 else {
            throw ModelError(code: .outputInvalid, message: "A graph of the model computed no 32-bit floats.")
        }
        let memory = try memory()
        return [Float](unsafeUninitializedCapacity: memory.count / MemoryLayout<Float>.stride) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(memory))
            count = buffer.count
        }
    }

    private func memory() throws(ModelError) -> UnsafeMutableRawBufferPointer {
        var bytes = 0
        var data: UnsafeMutableRawPointer?
        try Runtime.check(
            ov_tensor_get_byte_size(pointer, &bytes), .runtimeFailed, "A tensor's size could not be read.")
        try Runtime.check(ov_tensor_data(pointer, &data), .runtimeFailed, "A tensor's content could not be reached.")
        return UnsafeMutableRawBufferPointer(start: data, count: data == nil ? 0 : bytes)
    }
}
