"""Runs the frozen encoders once: the image network over many random views of every photo, the sentence
encoder over every text. Training then starts from these, and an epoch takes seconds.

Writes one NumPy file for each split and view (view 0 is not augmented) and `sentences.pt`.
"""

import argparse
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from torch import nn

import backbone
import data
import text_tower
import wordnet


class Features(nn.Module):
    """The mean of the network's last map."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, pixels):
        return self.network(pixels).mean((2, 3))


def compile_features(variant):
    network = backbone.load(variant)
    size = network.input_size
    graph = ov.convert_model(
        Features(network), example_input=torch.zeros(2, 3, size, size), input=[ov.PartialShape([-1, 3, size, size])]
    )
    options = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": 2}
    return ov.Core().compile_model(graph, "CPU", options), size


def prepare_photos(arguments):
    features, size = compile_features(arguments.variant)
    folder = Path(arguments.cache) / arguments.variant
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(split, 0) for split in data.SPLITS]
    jobs += [(split, view) for view in range(1, arguments.views) for split in ("train", "classes")]
    for split, view in jobs:
        target = folder / f"{split}-{view:02}-mean.npy"
        if target.exists():
            continue
        paths = [path for path, _ in data.read_split(arguments.data, split)]
        seed = None if view == 0 else view
        smallest_area = 0.4 if split == "classes" else 0.6
        batches = data.batches(paths, size, 32, seed, smallest_area)
        np.save(target, np.concatenate([features(pixels)[0].copy() for pixels in batches]))
        print(f"{arguments.variant} {split} view {view}", flush=True)


def prepare_texts(arguments):
    target = Path(arguments.cache) / "sentences.pt"
    if target.exists():
        return
    encoder, tokenizer = text_tower.load(), text_tower.make_tokenizer()
    encode = lambda texts: text_tower.encode(encoder, tokenizer, texts)
    captions = [text for _, texts in data.read_split(arguments.data, "train") for text in texts]
    classes = wordnet.load_classes(arguments.data)
    sentences = {
        "captions": encode(captions).view(-1, 5, text_tower.WIDTH),
        "names": encode([item.names[0] for item in classes]),
        "prompts": encode([f"a photo of a {item.names[0]}" for item in classes]),
        "synonyms": [encode(item.names) for item in classes],
        "glosses": encode([item.gloss for item in classes]),
        "kinds": encode(wordnet.kinds(classes)),
    }
    torch.save(sentences, target)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with captioned-photos/ and one-photo-per-class/")
    parser.add_argument("--cache", required=True, help="folder to write to")
    parser.add_argument("--variant", default="lite2", choices=backbone.VARIANTS)
    parser.add_argument("--views", type=int, default=12, help="views of each training photo, the plain one included")
    arguments = parser.parse_args()
    prepare_photos(arguments)
    prepare_texts(arguments)


if __name__ == "__main__":
    main()
