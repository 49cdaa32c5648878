"""Writes the tiny graphs of the inference tests, in both formats the service reads.

    pip install onnx==1.23.2 openvino==2026.4.1
    python make_graphs.py

Image graphs average each channel and multiply by a 3 x 4 matrix; text graphs add up the rows of a 16 x 4 table that
the ids name. Both tables are `weight(row, column)`, which the tests know too.
"""

from pathlib import Path

import numpy as np
import openvino as ov
from onnx import TensorProto, checker, helper, numpy_helper, save
from openvino import opset13 as ops

SIDE, DIMENSION, TOKENS = 16, 4, 16
OUT = Path(__file__).parent / "graphs"


def weight(row, column):
    return ((row * 7 + column * 3) % 11 + 1) / 10


def table(rows, columns=DIMENSION):
    return np.array([[weight(row, column) for column in range(columns)] for row in range(rows)], np.float32)


def write_onnx(name, nodes, inputs, output, constants):
    values = [helper.make_tensor_value_info(*entry) for entry in inputs]
    weights = [numpy_helper.from_array(array, key) for key, array in constants.items()]
    graph = helper.make_graph(nodes, name, values, [helper.make_tensor_value_info(*output)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, OUT / f"{name}.onnx")


def image_onnx(name, dimension=DIMENSION, last=()):
    nodes = [
        helper.make_node("ReduceMean", ["pixels"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["means", "table"], ["product" if last else "embedding"]),
        *last,
    ]
    pixels = ("pixels", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])
    write_onnx(
        name, nodes, [pixels], ("embedding", TensorProto.FLOAT, ["n", dimension]), {"table": table(3, dimension)}
    )


def text_onnx(name, element=TensorProto.INT64, shape=("n", "length")):
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"], axis=0),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["rows", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["embedding"], keepdims=0),
    ]
    inputs = [("input_ids", element, shape), ("attention_mask", element, shape)]
    constants = {"table": table(TOKENS), "last": np.array([2]), "middle": np.array([1])}
    write_onnx(name, nodes, inputs, ("embedding", TensorProto.FLOAT, [shape[0], DIMENSION]), constants)


def text_as_long_as_its_input():
    """An embedding whose dimension is only known once it is computed: the ids themselves."""
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["kept"]),
        helper.make_node("Cast", ["kept"], ["embedding"], to=TensorProto.FLOAT),
    ]
    shape = ("n", "length")
    inputs = [("input_ids", TensorProto.INT64, shape), ("attention_mask", TensorProto.INT64, shape)]
    write_onnx("text-as-long-as-its-input", nodes, inputs, ("embedding", TensorProto.FLOAT, shape), {})


def image_with_weights_elsewhere():
    """Weights in a file beside the folder, which a graph must not be able to reach."""
    weights = numpy_helper.from_array(table(3), "table")
    raw = weights.raw_data
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../elsewhere.bin"), ("offset", "0"), ("length", str(len(raw)))):
        entry = weights.external_data.add()
        entry.key, entry.value = key, value
    nodes = [
        helper.make_node("ReduceMean", ["pixels"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["means", "table"], ["embedding"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIMENSION])
    graph = helper.make_graph(nodes, "image", [pixels], [output], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (OUT / "image-weights-elsewhere.onnx").write_bytes(model.SerializeToString())


def write_ir(name, result, parameters):
    result.output(0).get_tensor().set_names({"embedding"})
    for key, parameter in parameters.items():
        parameter.output(0).get_tensor().set_names({key})
        parameter.friendly_name = key
    ov.save_model(ov.Model([result], list(parameters.values()), name), OUT / f"{name}.xml", compress_to_fp16=False)


def image_ir():
    pixels = ops.parameter([-1, 3, SIDE, SIDE], np.float32)
    means = ops.reduce_mean(pixels, [2, 3])
    write_ir("image", ops.matmul(means, ops.constant(table(3)), False, False), {"pixels": pixels})


def text_ir():
    ids = ops.parameter([-1, -1], np.int64)
    mask = ops.parameter([-1, -1], np.int64)
    rows = ops.gather(ops.constant(table(TOKENS)), ids, 0)
    kept = ops.multiply(rows, ops.unsqueeze(ops.convert(mask, "f32"), 2))
    write_ir("text", ops.reduce_sum(kept, [1]), {"input_ids": ids, "attention_mask": mask})


def main():
    OUT.mkdir(exist_ok=True)
    image_onnx("image")
    image_onnx("image-wide", dimension=DIMENSION + 1)
    image_onnx("image-nan", last=[helper.make_node("Sub", ["product", "product"], ["zero"]),
                                  helper.make_node("Div", ["zero", "zero"], ["embedding"])])
    text_onnx("text")
    text_onnx("text-fixed", TensorProto.INT32, [1, 12])
    text_as_long_as_its_input()
    image_with_weights_elsewhere()
    image_ir()
    text_ir()


if __name__ == "__main__":
    main()
