"""JPEGs of about 1 MB, no two with the same bytes."""

import io
import itertools
import random

import numpy as np
from PIL import Image

SIZE = (2000, 1500)
BYTES = 1_000_000


def drawing(seed):
    """A smooth picture with some grain, coded as near to 1 MB as the quality's steps allow."""
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(0, 256, (12, 16, 3), np.uint8).astype(np.uint8))
    smooth = np.asarray(coarse.resize(SIZE, Image.Resampling.BICUBIC), np.float32)
    grain = generator.normal(0, 7, (*smooth.shape[:2], 1))
    image = Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))
    best = b""
    for quality in range(50, 97, 2):
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=quality)
        if best and abs(len(stream.getvalue()) - BYTES) > abs(len(best) - BYTES):
            break
        best = stream.getvalue()
    return best


class Pictures:
    """An endless supply: a few drawings, each copy told apart by a comment (a COM segment after the start marker)."""

    def __init__(self, drawings=8):
        self.drawings = [drawing(seed) for seed in range(drawings)]
        self.run = random.SystemRandom().getrandbits(64)
        self.counter = itertools.count()

    def next(self):
        number = next(self.counter)
        comment = f"{self.run:016x}-{number}".encode()
        picture = self.drawings[number % len(self.drawings)]
        return picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:]
