"""Runs the frozen lower part of an image network over many random views of every photo, once.

Training then starts from these cached feature maps: nothing below the cut is ever changed, and an epoch
costs only the layers above it. Writes one NumPy file for each split and view; view 0 is not augmented.
"""

import argparse
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from torch import nn

import backbone
import data

CUT = 15  # the block whose input is cached: everything at the last resolution is trainable


class Probe(nn.Module):
    """The map at the cut and the mean of the last map (what a frozen network would give)."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixels):
        lower = self.model.lower(pixels, CUT)
        return lower, self.model.upper(lower, CUT).mean((2, 3))


def compile_probe(variant):
    model = backbone.load(variant)
    size = model.input_size
    graph = ov.convert_model(
        Probe(model), example_input=torch.zeros(2, 3, size, size), input=[ov.PartialShape([-1, 3, size, size])]
    )
    options = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": 2}
    return ov.Core().compile_model(graph, "CPU", options), size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with captioned-photos/ and one-photo-per-class/")
    parser.add_argument("--cache", required=True, help="folder to write feature maps to")
    parser.add_argument("--variant", default="lite2", choices=backbone.VARIANTS)
    parser.add_argument("--views", type=int, default=12, help="views of each training photo, the plain one included")
    arguments = parser.parse_args()
    probe, size = compile_probe(arguments.variant)
    folder = Path(arguments.cache) / arguments.variant
    folder.mkdir(parents=True, exist_ok=True)

    jobs = [(split, 0) for split in data.SPLITS]
    jobs += [(split, view) for view in range(1, arguments.views) for split in ("train", "classes")]
    for split, view in jobs:
        target = folder / f"{split}-{view:02}.npy"
        if target.exists():
            continue
        paths = [path for path, _ in data.read_split(arguments.data, split)]
        seed = None if view == 0 else view
        smallest_area = 0.4 if split == "classes" else 0.6
        maps, means = None, []
        for start, pixels in data.batches(paths, size, 32, seed, smallest_area):
            lower, mean = probe(pixels).values()
            if maps is None:
                maps = np.empty((len(paths), *lower.shape[1:]), np.float16)
            maps[start : start + len(lower)] = lower
            means.append(mean)
        np.save(folder / f"{split}-{view:02}-mean.npy", np.concatenate(means))
        np.save(target, maps)
        print(f"{arguments.variant} {split} view {view}", flush=True)


if __name__ == "__main__":
    main()
