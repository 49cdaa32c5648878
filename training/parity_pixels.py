"""Writes what the reference processors make of pictures, for the test that compares Imago's own preprocessing with them.

    pip install torch torchvision transformers==5.24.0 open_clip_torch==3.3.0 pillow==13.0.0 numpy
    python parity_pixels.py DATA

DATA is the folder of photos and odd image files that tests use where it is there (IMAGO_SHARED_DATA). 200 of its pictures
are taken, and three of the repository's own. Before a processor sees a picture, it is turned as its EXIF data asks, brought
to sRGB where it carries a profile, and laid on white where it is transparent, for that is what Imago does with all pictures.

Tests/InferenceTests/Fixtures/parity-pixels.json lists pictures and pipelines; parity-pixels.bin has, for each picture and
each pipeline, 16-bit little-endian numbers, 128 to a level of 0...255: the means of 4 x 4 blocks of each channel, then 64
single values, whose places are drawn by SplitMix64 from the seed in the list.
"""

import io
import json
import struct
import sys
from pathlib import Path

import numpy as np
import open_clip
from PIL import Image, ImageCms, ImageOps
from transformers import CLIPImageProcessorPil, SiglipImageProcessorPil

FIXTURES = Path(__file__).resolve().parent.parent / "Tests/InferenceTests/Fixtures"
SEED, SAMPLES, BLOCKS = 20260801, 64, 4
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
HALF = (0.5, 0.5, 0.5)
WANTED = 200


def clip(size):
    processor = CLIPImageProcessorPil(size={"shortest_edge": size}, crop_size=size, resample=3)
    return lambda picture: np.asarray(processor(picture)["pixel_values"][0])


def siglip(size, resample):
    processor = SiglipImageProcessorPil(
        size={"height": size, "width": size}, resample=resample, image_mean=HALF, image_std=HALF
    )
    return lambda picture: np.asarray(processor(picture)["pixel_values"][0])


def openclip(size, mean, std, mode, interpolation):
    transform = open_clip.image_transform(
        size, is_train=False, mean=mean, std=std, resize_mode=mode, interpolation=interpolation
    )
    return lambda picture: transform(picture).numpy()


def pipeline(make, size, resize, interpolation, crop, mean, std):
    return {"make": make, "size": size, "resize": resize, "interpolation": interpolation, "crop": crop, "mean": mean,
            "std": std}  # fmt: skip


PIPELINES = {
    "transformers CLIP": pipeline(clip(224), 224, "shortest_side", "bicubic", "center", CLIP_MEAN, CLIP_STD),
    "open_clip ViT-B-32": pipeline(
        openclip(224, CLIP_MEAN, CLIP_STD, "shortest", "bicubic"), 224, "shortest_side", "bicubic", "center",
        CLIP_MEAN, CLIP_STD),
    "open_clip MobileCLIP2": pipeline(
        openclip(256, (0, 0, 0), (1, 1, 1), "shortest", "bilinear"), 256, "shortest_side", "bilinear", "center",
        (0, 0, 0), (1, 1, 1)),
    "transformers SigLIP": pipeline(siglip(224, 3), 224, "squash", "bicubic", "none", HALF, HALF),
    "transformers SigLIP 2, 256": pipeline(siglip(256, 2), 256, "squash", "bilinear", "none", HALF, HALF),
    "transformers SigLIP 2, 384": pipeline(siglip(384, 2), 384, "squash", "bilinear", "none", HALF, HALF),
}  # fmt: skip


class SplitMix64:
    def __init__(self, state):
        self.state = state

    def below(self, count):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return (z ^ (z >> 31)) % count


def load(path):
    picture = Image.open(path)
    profile = picture.info.get("icc_profile")
    picture.load()
    mode = picture.mode
    if mode.startswith("I") or mode == "F":
        # 16 bits lose their lower half.
        picture = Image.fromarray((np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    picture = ImageOps.exif_transpose(picture)
    alpha = None
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
    if picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("L" if picture.mode in ("1", "L", "LA") else "RGB")
    if profile and picture.mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            picture = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), renderingIntent=1, outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )  # fmt: skip
        except ImageCms.PyCMSError:
            pass
    picture = picture.convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", picture.size, (255, 255, 255))
        white.paste(picture, mask=alpha)
        picture = white
    return picture


def numbers(tensor, size, mean, std):
    levels = (tensor * np.array(std)[:, None, None] + np.array(mean)[:, None, None]) * 255
    assert levels.shape == (3, size, size)
    block = size // BLOCKS
    means = levels[:, : block * BLOCKS, : block * BLOCKS].reshape(3, BLOCKS, block, BLOCKS, block).mean((2, 4)).flatten()
    random = SplitMix64(SEED)
    samples = levels.flatten()[[random.below(levels.size) for _ in range(SAMPLES)]]
    return np.concatenate([means, samples]).clip(0, 255)


def candidates(data):
    """Photos of odd sizes, small squares, and files of many formats, turned and coloured in many ways."""
    photos = sorted((data / "one-photo-per-class").glob("*.jpg"))[::12]
    squares = sorted((data / "captioned-photos/validation").glob("*.jpg"))[::100]
    formats = data / "formats"
    odd = sorted(p for p in formats.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp", ".bmp"))
    skipped = ("/synthetic/", "/wuffs/", "/bad", "broken", "/small/", "crash", "random")
    odd = [p for p in odd if not any(part in str(p) for part in skipped)]
    turned = [p for p in odd if "exif-orientation" in str(p)]
    others = [p for p in odd if "exif-orientation" not in str(p)]
    some = photos[:70] + squares + turned
    # Evenly from all folders.
    others = [p for p in others if usable(p)]
    wanted = WANTED - len(some)
    return some + [others[i * len(others) // wanted] for i in range(wanted)] + others


def usable(path):
    try:
        picture = Image.open(path)
        good = picture.size[0] >= 8 and picture.size[1] >= 8 and getattr(picture, "n_frames", 1) == 1
        # Inks without a profile look different in every program.
        return good and picture.mode != "CMYK" and not picture.mode.startswith("F")
    except Exception:
        return False


def main():
    data = Path(sys.argv[1])
    own = sorted(FIXTURES.glob("golden-*.png"))
    chosen = []
    for path in candidates(data):
        if len(chosen) == WANTED:
            break
        if path not in chosen and usable(path):
            try:
                load(path)
            except Exception:
                continue
            chosen.append(path)
    out = bytearray()
    for path in own + chosen:
        picture = load(path)
        for spec in PIPELINES.values():
            values = numbers(spec["make"](picture), spec["size"], spec["mean"], spec["std"])
            out += struct.pack(f"<{len(values)}H", *np.round(values * 128).astype(int))
    listing = {
        "seed": SEED, "samples": SAMPLES, "blocks": BLOCKS,
        "pipelines": [{"name": n, **{k: v for k, v in s.items() if k != "make"}} for n, s in PIPELINES.items()],
        "own": [path.name for path in own], "shared": [str(path.relative_to(data)) for path in chosen],
    }  # fmt: skip
    (FIXTURES / "parity-pixels.json").write_text(json.dumps(listing, indent=1) + "\n")
    (FIXTURES / "parity-pixels.bin").write_bytes(out)
    print(len(own), len(chosen), len(out))


if __name__ == "__main__":
    main()
