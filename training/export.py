"""Writes the trained towers as OpenVINO graphs with a manifest: the folder the service loads."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import openvino as ov
import torch
import torch.nn.functional as F
from openvino import opset13 as ops
from torch import nn

import backbone
import model
import text_tower

FILES = ("image.xml", "image.bin", "text.xml", "text.bin", "vocab.txt")


def load_towers(path):
    """The towers of one training run in eval mode, and their logit scale."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    blank = lambda: torch.zeros(model.FEATURES)
    vectors = torch.zeros(1000, text_tower.WIDTH)
    image, text = model.build(saved["variant"], vectors, blank(), blank())
    image.load_state_dict(saved["image"])
    prune(image.head)
    text.load_state_dict(saved["text"])
    return image.eval(), text.eval(), float(np.exp(saved["log_scale"]))


def prune(head, kept=896):
    """Drops the hidden units that weigh least, for size."""
    weight = head.first.weight.norm(dim=1) * head.second.weight.norm(dim=0)
    units = weight.topk(kept).indices.sort().values
    head.first.weight = nn.Parameter(head.first.weight[units].detach())
    head.first.bias = nn.Parameter(head.first.bias[units].detach())
    head.second.weight = nn.Parameter(head.second.weight[:, units].detach())


class ImageEnsemble(nn.Module):
    """Several runs' heads on one network, which sees the photo and its mirror image."""

    def __init__(self, towers, projection):
        super().__init__()
        first = towers[0]
        self.network = first.network
        self.heads = nn.ModuleList(tower.head for tower in towers)
        self.bridges = nn.ModuleList(tower.bridge for tower in towers)
        self.sharpness = [tower.sharpness.item() for tower in towers]
        self.register_buffer("class_vectors", first.class_vectors.clone())
        self.register_buffer("mean", first.mean.clone())
        self.register_buffer("deviation", first.deviation.clone())
        self.register_buffer("projection", projection.clone())

    def members(self, features):
        logits = self.network.classifier(features)
        standard = (features - self.mean) / self.deviation
        parts = []
        for head, bridge, sharpness in zip(self.heads, self.bridges, self.sharpness):
            sentence = F.normalize((logits * sharpness).softmax(-1) @ self.class_vectors, dim=-1)
            parts.append(F.normalize(0.5 * head(standard) + bridge(sentence), dim=-1))
        return torch.cat(parts, 1)

    def forward(self, pixels):
        mirrored = torch.cat([pixels, pixels.flip(3)])
        first, second = self.network(mirrored).mean((2, 3)).chunk(2)
        return F.normalize(self.members((first + second) / 2) @ self.projection, dim=-1)


class TextEnsemble(nn.Module):
    """Several runs' heads on one sentence encoder."""

    def __init__(self, towers, projection):
        super().__init__()
        self.encoder = towers[0].encoder
        self.heads = nn.ModuleList(tower.head for tower in towers)
        self.bridges = nn.ModuleList(tower.bridge for tower in towers)
        self.register_buffer("projection", projection.clone())

    def members(self, sentence):
        pairs = zip(self.heads, self.bridges)
        return torch.cat([F.normalize(0.5 * head(sentence) + bridge(sentence), dim=-1) for head, bridge in pairs], 1)

    def forward(self, ids, mask):
        return F.normalize(self.members(self.encoder(ids, mask)) @ self.projection, dim=-1)


@torch.inference_mode()
def principal_axes(images, texts, cache, variant):
    """The 512 directions that keep most of the members' joined embeddings, photos and texts alike."""
    features = torch.from_numpy(np.load(Path(cache) / variant / "train-00-mean.npy"))
    captions = torch.load(Path(cache) / "sentences.pt", weights_only=True)["captions"].flatten(0, 1)
    spread = 0
    for joined in (images.members(features), texts.members(captions)):
        spread = spread + joined.T @ joined / len(joined)
    values, axes = torch.linalg.eigh(spread)
    kept = values[-model.DIMENSION :].sum() / values.sum()
    print(f"{model.DIMENSION} of {len(values)} directions keep {100 * kept:.2f} %")
    return axes[:, -model.DIMENSION :].contiguous()


def to_graph(tower, example, shapes, inputs):
    graph = ov.convert_model(tower, example_input=example, input=shapes)
    for port, name in zip(graph.inputs, inputs):
        port.get_tensor().set_names({name})
        port.get_node().set_friendly_name(name)
    graph.outputs[0].get_tensor().set_names({"embedding"})
    graph.validate_nodes_and_infer_types()
    return graph


def compress_rows(graph, smallest=100_000):
    """Keeps large matrices as int8 with a scale for each row; the runtime multiplies them back."""
    for node in graph.get_ops():
        if node.get_type_name() != "Constant" or node.get_element_type() != ov.Type.f32:
            continue
        values = node.data
        if values.ndim != 2 or values.size < smallest:
            continue
        scale = np.maximum(np.abs(values).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
        codes = ops.constant(np.round(values / scale).astype(np.int8))
        restored = ops.multiply(ops.convert(codes, "f32"), ops.constant(scale))
        users = list(node.output(0).get_target_inputs())
        for user in users:
            user.replace_source_output(restored.output(0))


def digest(path):
    return {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True, nargs="+", help="what runs of train.py wrote; all are joined")
    parser.add_argument("--cache", required=True, help="the folder prepare.py wrote")
    parser.add_argument("--out", required=True, help="the model folder to write")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    images, texts, scales = zip(*map(load_towers, arguments.weights))
    blank = torch.zeros(len(images) * model.DIMENSION, model.DIMENSION)
    image, text = ImageEnsemble(images, blank).eval(), TextEnsemble(texts, blank).eval()
    projection = principal_axes(image, text, arguments.cache, "lite2")
    image.projection.copy_(projection), text.projection.copy_(projection)
    size = image.network.input_size

    graph = to_graph(image, torch.zeros(2, 3, size, size), [ov.PartialShape([-1, 3, size, size])], ["pixels"])
    ov.save_model(graph, out / "image.xml", compress_to_fp16=True)
    ids = torch.ones(2, 8, dtype=torch.int64)
    shape = ov.PartialShape([-1, -1])
    graph = to_graph(text, (ids, ids), [shape, shape], ["input_ids", "attention_mask"])
    compress_rows(graph)
    ov.save_model(graph, out / "text.xml", compress_to_fp16=True)
    shutil.copy(text_tower.package_folder() / "vocab.txt", out / "vocab.txt")

    manifest = {
        "format": 1,
        "id": "starter-1",
        "name": "Imago starter",
        "description": "A small dual encoder of photos and English text, trained for Imago; quick on any CPU.",
        "license": "Non-commercial research (the training photos' terms); see README.md",
        "source": "Trained with the scripts in training/",
        "embedding_dimension": model.DIMENSION,
        "image": {
            "graph": "image.xml",
            "input": "pixels",
            "output": "embedding",
            "size": size,
            "resize": "squash",
            "interpolation": "bicubic",
            "crop": "none",
            "colour_order": "RGB",
            "layout": "NCHW",
            "mean": [round(backbone.PIXEL_MEAN, 8)] * 3,
            "std": [round(backbone.PIXEL_STD, 8)] * 3,
        },
        "text": {
            "graph": "text.xml",
            "inputs": {"ids": "input_ids", "mask": "attention_mask"},
            "output": "embedding",
            "tokenizer": {
                "kind": "wordpiece",
                "vocabulary": "vocab.txt",
                "lowercase": True,
                "strip_accents": True,
                "context_length": text_tower.CONTEXT_LENGTH,
            },
        },
        "logit_scale": round(float(np.mean(scales)), 3),
        # a stand-in until calibrate.py fits it
        "calibration": {"kind": "logistic", "slope": 20.0, "intercept": -8.0},
        "files": {name: digest(out / name) for name in FILES},
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    total = sum(entry["bytes"] for entry in manifest["files"].values())
    print(f"{total / 1e6:.1f} MB: " + ", ".join(f"{k} {v['bytes'] / 1e6:.2f}" for k, v in manifest["files"].items()))


if __name__ == "__main__":
    main()
