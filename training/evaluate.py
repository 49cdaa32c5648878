"""Retrieval, zero-shot classification and speed of an exported model folder."""

import argparse
import time

import numpy as np
import torch

import data
import metrics
import wordnet
from exported import ExportedModel


def timed(action, repeats):
    action()
    began = time.perf_counter()
    for _ in range(repeats):
        action()
    return (time.perf_counter() - began) / repeats * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="an exported model folder")
    parser.add_argument("--data", required=True)
    parser.add_argument("--precisions", nargs="+", default=["f32", "bf16"])
    parser.add_argument("--no-speed", action="store_true")
    arguments = parser.parse_args()
    split = data.read_split(arguments.data, "validation")
    paths = [path for path, _ in split]
    captions = [caption for _, texts in split for caption in texts]
    class_paths = [path for path, _ in data.read_split(arguments.data, "classes")]
    names = [f"a photo of a {item.names[0]}" for item in wordnet.load_classes(arguments.data)]
    for precision in arguments.precisions:
        encoder = ExportedModel(arguments.model, precision)
        photos = torch.from_numpy(encoder.embed_images(paths))
        texts = torch.from_numpy(encoder.embed_texts(captions))
        print(precision, "text to photo R@1 R@5 R@10:", metrics.recall(photos, texts))
        photos = torch.from_numpy(encoder.embed_images(class_paths))
        print(
            precision, "1,000 classes, seen:", metrics.zero_shot(photos, torch.from_numpy(encoder.embed_texts(names)))
        )
        if arguments.no_speed:
            continue
        size = encoder.manifest["image"]["size"]
        one, many = np.zeros((1, 3, size, size), np.float32), np.zeros((16, 3, size, size), np.float32)
        ids = np.ones((1, 12), np.int64)
        print(
            f"{precision} one image {timed(lambda: encoder.image(one), 20):.1f} ms, "
            f"sixteen {timed(lambda: encoder.image(many), 5):.0f} ms, "
            f"one text {timed(lambda: encoder.text({'input_ids': ids, 'attention_mask': ids}), 50):.1f} ms"
        )


if __name__ == "__main__":
    main()
