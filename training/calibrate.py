"""Fits the score of a match, 1 / (1 + exp(-(slope * cosine + intercept))), and writes it to the manifest.

A pair of a validation photo and one of its own captions matches; photos with captions of other photos do not.
The two are weighted as if one photo in `--rarity` matched. Nonsense texts count as matching nothing.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import data
from exported import ExportedModel

NONSENSE = (
    "asdf qwer zxcv", "quarterly revenue guidance", "the square root of minus one", "xkcd lorem ipsum dolor",
    "terms and conditions apply", "segmentation fault core dumped", "blargh fnord wibble", "42", "null",
    "the concept of justice in ancient philosophy", "select star from users", "inflation rate forecast",
)  # fmt: skip


def fit(positives, negatives, rarity):
    """Weighted logistic regression of match on cosine."""
    slope, intercept = torch.tensor(15.0, requires_grad=True), torch.tensor(-7.0, requires_grad=True)
    optimizer = torch.optim.LBFGS([slope, intercept], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.softplus(-(slope * positives + intercept)).mean()
        loss = loss + (rarity - 1) * F.softplus(slope * negatives + intercept).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    return slope.item(), intercept.item()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="an exported model folder; its manifest is changed")
    parser.add_argument("--data", required=True)
    parser.add_argument("--rarity", type=float, default=50)
    arguments = parser.parse_args()
    encoder = ExportedModel(arguments.model)
    split = data.read_split(arguments.data, "validation")
    photos = torch.from_numpy(encoder.embed_images([path for path, _ in split]))
    texts = torch.from_numpy(encoder.embed_texts([caption for _, several in split for caption in several]))
    nonsense = torch.from_numpy(encoder.embed_texts(NONSENSE)) @ photos.T
    cosines = texts @ photos.T
    own = torch.zeros_like(cosines, dtype=torch.bool)
    own[torch.arange(len(texts)), torch.arange(len(texts)) // 5] = True
    slope, intercept = fit(cosines[own], torch.cat([cosines[~own], nonsense.flatten()]), arguments.rarity)

    score = lambda cosine: torch.sigmoid(slope * cosine + intercept)
    quantiles = torch.tensor([0.1, 0.25, 0.5, 0.75, 0.9])
    show = lambda values: np.round(score(values.quantile(quantiles)).numpy(), 3).tolist()
    best = cosines.max(1).values
    print(f"slope {slope:.3f}, intercept {intercept:.3f}; scores at the 10, 25, 50, 75 and 90 per cent points:")
    print("own photo", show(cosines[own]))
    print("best photo", show(best))
    print("best photo, where it is the own one", show(best[cosines[own] >= best]))
    print("best photo of a nonsense text", show(nonsense.max(1).values))
    path = Path(arguments.model, "manifest.json")
    manifest = json.loads(path.read_text())
    manifest["calibration"] = {"kind": "logistic", "slope": round(slope, 4), "intercept": round(intercept, 4)}
    path.write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
