"""Reading photos and captions, and turning photos into network input."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

import backbone

SPLITS = ("train", "validation", "classes")


def read_split(data, split):
    """A list of (photo path, texts): five captions of a photo, or the one name of a class."""
    data = Path(data)
    if split == "classes":
        folder, table, text_column = data / "one-photo-per-class", "labels.tsv", 2
        lines = (folder / table).read_text().splitlines()
    else:
        folder, text_column = data / "captioned-photos" / split, 1
        lines = (data / "captioned-photos" / f"{split}.tsv").read_text().splitlines()
    texts = {}
    for line in lines:
        columns = line.split("\t")
        texts.setdefault(columns[0], []).append(columns[text_column])
    return [(folder / name, captions) for name, captions in texts.items()]


def augment(image, generator, smallest_area):
    """A random crop (which also changes the aspect), mirror and colour change."""
    width, height = image.size
    area = generator.uniform(smallest_area, 1.0)
    ratio = np.exp(generator.uniform(np.log(3 / 4), np.log(4 / 3)))
    crop_width = min(1.0, np.sqrt(area * ratio)) * width
    crop_height = min(1.0, np.sqrt(area / ratio)) * height
    left = generator.uniform(0, width - crop_width)
    top = generator.uniform(0, height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    if generator.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = kind(image).enhance(generator.uniform(0.75, 1.25))
    if generator.random() < 0.05:
        image = image.convert("L").convert("RGB")
    return image, box


def load_pixels(path, size, generator=None, smallest_area=0.6):
    """One photo as normalised planes, squashed to a square; augmented where a generator is given."""
    image, box = Image.open(path).convert("RGB"), None
    filter_ = Image.Resampling.BICUBIC
    if generator is not None:
        image, box = augment(image, generator, smallest_area)
        filter_ = generator.choice([Image.Resampling.BILINEAR, Image.Resampling.BICUBIC])
    image = image.resize((size, size), filter_, box=box)
    pixels = np.asarray(image, np.float32) / 255
    return ((pixels - backbone.PIXEL_MEAN) / backbone.PIXEL_STD).transpose(2, 0, 1)


def batches(paths, size, batch, seed=None, smallest_area=0.6):
    """Batches of pixels, decoded ahead by a thread pool. With a seed, each photo is augmented."""

    def load(index):
        generator = None if seed is None else np.random.default_rng([seed, index])
        return load_pixels(paths[index], size, generator, smallest_area)

    with ThreadPoolExecutor(2) as pool:
        submit = lambda start: [pool.submit(load, index) for index in range(start, min(start + batch, len(paths)))]
        ahead = submit(0)
        for start in range(0, len(paths), batch):
            current, ahead = ahead, submit(start + batch)
            yield np.stack([future.result() for future in current])
