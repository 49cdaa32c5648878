"""Writes what the service's tests compare themselves with: token ids and embeddings of the exported model."""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from exported import ExportedModel

TEXTS = (
    "a dog runs through the snow",
    "A Red CAR, parked!",
    "un café près de la gare",
    "two children playing football in the park .",
    "e-mail: someone@example.org (50% off)",
    "日本の山",
    "naïve façade — “quotes” … and 3½",
    "",
    "   spaces\tand\nnew lines   ",
    "antidisestablishmentarianism unbelievably supercalifragilistic",
    "emoji 🐶 dog \u200bzero\u00adwidth\u0007bell",
    "a very long text " * 30,
)


def gradient():
    rows, columns = np.mgrid[0:90, 0:120]
    planes = np.stack([columns * 2, rows * 2.5, 255 - columns - rows], -1)
    return Image.fromarray(np.clip(planes, 0, 255).astype(np.uint8))


def shapes():
    image = Image.new("RGB", (200, 150), (120, 180, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, 100, 200, 150], fill=(60, 140, 50))
    draw.ellipse([130, 15, 170, 55], fill=(255, 230, 80))
    draw.polygon([(30, 100), (70, 40), (110, 100)], fill=(170, 60, 40))
    return image


def texture():
    generator = random.Random(7)
    image = Image.new("RGB", (400, 300), (90, 60, 40))
    draw = ImageDraw.Draw(image)
    for _ in range(160):
        x, y, radius = generator.randint(0, 400), generator.randint(0, 300), generator.randint(5, 30)
        colour = tuple(generator.randint(30, 230) for _ in range(3))
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)
    return image


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True, help="the folder of the fixtures")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    encoder = ExportedModel(arguments.model, "f32")
    texts = [
        {
            "text": text,
            "ids": encoder.token_ids(text),
            # one at a time, as the service embeds a query
            "embedding_start": [round(float(value), 5) for value in encoder.embed_texts([text])[0][:8]],
        }
        for text in TEXTS
    ]
    images = []
    for drawing in (gradient, shapes, texture):
        name = f"golden-{drawing.__name__}.png"
        drawing().save(out / name, optimize=True)
        embedding = encoder.embed_images([out / name])[0]
        images.append({"file": name, "embedding": [round(float(value), 5) for value in embedding]})
    golden = {"model": encoder.manifest["id"], "precision": "f32", "texts": texts, "images": images}
    (out / "starter-golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
