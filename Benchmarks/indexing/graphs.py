"""Writes a model folder with a ViT-B/32 image tower (224 px, 768 wide, 12 layers, as CLIP's; Radford et al., 2021) and a
tiny text tower. The weights are random: it computes as much as a trained one and finds nothing."""

import hashlib
import json
import pathlib
import sys

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

SIZE, PATCH, WIDTH, LAYERS, HEADS, DIMENSION = 224, 32, 768, 12, 12, 512
TOKENS = (SIZE // PATCH) ** 2 + 1
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


class Graph:
    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights = [], []

    def weight(self, *shape: int, scale: float | None = None) -> str:
        scale = shape[0] ** -0.5 if scale is None else scale
        return self.constant(self.random.normal(0, scale, shape).astype(np.float32))

    def constant(self, array: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, *inputs: str, output: str | None = None, **attributes) -> str:
        output = output or f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def norm(self, x: str, width: int) -> str:
        ones, zeros = np.ones(width, np.float32), np.zeros(width, np.float32)
        return self.node("LayerNormalization", x, self.constant(ones), self.constant(zeros), axis=-1, epsilon=1e-5)

    def linear(self, x: str, wide: int, out: int) -> str:
        product = self.node("MatMul", x, self.weight(wide, out))
        return self.node("Add", product, self.constant(np.zeros(out, np.float32)))

    def save(self, path: pathlib.Path, inputs: list, output: tuple) -> None:
        graph = helper.make_graph(
            self.nodes, path.stem, [helper.make_tensor_value_info(*entry) for entry in inputs],
            [helper.make_tensor_value_info(*output)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        checker.check_model(model)
        save(model, path)


def attention(g: Graph, x: str) -> str:
    def heads(y: str, order: list[int]) -> str:
        split = g.node("Reshape", y, g.constant(np.array([0, TOKENS, HEADS, WIDTH // HEADS])))
        return g.node("Transpose", split, perm=order)

    query, key, value = (g.linear(x, WIDTH, WIDTH) for _ in range(3))
    scores = g.node("MatMul", heads(query, [0, 2, 1, 3]), heads(key, [0, 2, 3, 1]))
    scaled = g.node("Mul", scores, g.constant(np.float32((WIDTH // HEADS) ** -0.5)))
    mixed = g.node("MatMul", g.node("Softmax", scaled, axis=-1), heads(value, [0, 2, 1, 3]))
    joined = g.node("Reshape", g.node("Transpose", mixed, perm=[0, 2, 1, 3]), g.constant(np.array([0, TOKENS, WIDTH])))
    return g.linear(joined, WIDTH, WIDTH)


def image(path: pathlib.Path) -> None:
    g = Graph(1)
    patches = g.node(
        "Conv", "pixels", g.weight(WIDTH, 3, PATCH, PATCH, scale=0.02), kernel_shape=[PATCH, PATCH],
        strides=[PATCH, PATCH])
    flat = g.node("Reshape", patches, g.constant(np.array([0, WIDTH, TOKENS - 1])))
    tokens = g.node("Transpose", flat, perm=[0, 2, 1])
    # The class token, once for each picture.
    batch = g.node("Slice", g.node("Shape", "pixels"), g.constant(np.array([0])), g.constant(np.array([1])))
    shape = g.node("Concat", batch, g.constant(np.array([1, WIDTH])), axis=0)
    first = g.node("Expand", g.weight(1, 1, WIDTH, scale=0.02), shape)
    x = g.node("Add", g.node("Concat", first, tokens, axis=1), g.weight(1, TOKENS, WIDTH, scale=0.02))
    x = g.norm(x, WIDTH)
    for _ in range(LAYERS):
        x = g.node("Add", x, attention(g, g.norm(x, WIDTH)))
        wide = g.linear(g.norm(x, WIDTH), WIDTH, 4 * WIDTH)
        gate = g.node("Sigmoid", g.node("Mul", wide, g.constant(np.float32(1.702))))
        x = g.node("Add", x, g.linear(g.node("Mul", wide, gate), 4 * WIDTH, WIDTH))
    picture = g.node("Gather", x, g.constant(np.array(0)), axis=1)
    g.node("MatMul", g.norm(picture, WIDTH), g.weight(WIDTH, DIMENSION), output="embedding")
    g.save(path, [("pixels", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])], ("embedding", TensorProto.FLOAT, ["n", DIMENSION]))


def text(path: pathlib.Path, vocabulary: int) -> None:
    g = Graph(2)
    rows = g.node("Gather", g.weight(vocabulary, DIMENSION), "input_ids", axis=0)
    mask = g.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    kept = g.node("Mul", rows, g.node("Unsqueeze", mask, g.constant(np.array([2]))))
    g.node("ReduceSum", kept, g.constant(np.array([1])), output="embedding", keepdims=0)
    shape = ["n", "length"]
    g.save(
        path, [(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")],
        ("embedding", TensorProto.FLOAT, ["n", DIMENSION]))


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    image(folder / "image.onnx")
    text(folder / "text.onnx", len(words))
    files = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name in ("image.onnx", "text.onnx", "vocab.txt")
        for data in [(folder / name).read_bytes()]
    }
    manifest = {
        "format": 1, "id": "bench-vit-b-32", "name": "ViT-B/32, random weights", "description": "For benchmarks.",
        "license": "Apache-2.0", "source": "Benchmarks/indexing/graphs.py", "embedding_dimension": DIMENSION,
        "image": {
            "graph": "image.onnx", "input": "pixels", "output": "embedding", "size": SIZE, "resize": "shortest_side",
            "interpolation": "bicubic", "crop": "center", "colour_order": "RGB", "layout": "NCHW", "mean": MEAN,
            "std": STD,
        },
        "text": {
            "graph": "text.onnx", "inputs": {"ids": "input_ids", "mask": "attention_mask"}, "output": "embedding",
            "tokenizer": {
                "kind": "wordpiece", "vocabulary": "vocab.txt", "lowercase": True, "strip_accents": True,
                "context_length": 64,
            },
        },
        "logit_scale": 100, "calibration": {"kind": "logistic", "slope": 20, "intercept": -5}, "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
