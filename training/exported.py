"""The exported model folder, run as the service runs it: preprocessing and tokenizing by the manifest, OpenVINO."""

import json
from pathlib import Path

import numpy as np
import openvino as ov
from PIL import Image
from tokenizers import BertWordPieceTokenizer

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


class ExportedModel:
    def __init__(self, folder, precision="f32", threads=2):
        folder = Path(folder)
        self.manifest = json.loads((folder / "manifest.json").read_text())
        core = ov.Core()
        options = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
        self.image = core.compile_model(folder / self.manifest["image"]["graph"], "CPU", options)
        self.text = core.compile_model(folder / self.manifest["text"]["graph"], "CPU", options)
        settings = self.manifest["text"]["tokenizer"]
        self.tokenizer = BertWordPieceTokenizer(
            str(folder / settings["vocabulary"]),
            lowercase=settings["lowercase"],
            strip_accents=settings["strip_accents"],
        )
        self.tokenizer.enable_truncation(settings["context_length"])

    def pixels(self, picture):
        """A path or an opened picture as normalised planes."""
        settings = self.manifest["image"]
        if not isinstance(picture, Image.Image):
            picture = Image.open(picture)
        size = settings["size"]
        picture = picture.convert("RGB").resize((size, size), FILTERS[settings["interpolation"]])
        values = (np.asarray(picture, np.float32) / 255 - settings["mean"]) / settings["std"]
        return values.transpose(2, 0, 1).astype(np.float32)

    def embed_images(self, pictures, batch=32):
        parts = [
            self.image(np.stack([self.pixels(picture) for picture in pictures[start : start + batch]]))[0].copy()
            for start in range(0, len(pictures), batch)
        ]
        return np.concatenate(parts)

    def token_ids(self, text):
        return self.tokenizer.encode(text).ids

    def embed_texts(self, texts, batch=64):
        """Unit vectors; texts of like length go together so that little is spent on padding."""
        rows = [self.token_ids(text) for text in texts]
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        result = np.empty((len(rows), self.manifest["embedding_dimension"]), np.float32)
        for start in range(0, len(order), batch):
            group = order[start : start + batch]
            longest = max(len(rows[index]) for index in group)
            ids = np.zeros((len(group), longest), np.int64)
            mask = np.zeros_like(ids)
            for line, index in enumerate(group):
                ids[line, : len(rows[index])] = rows[index]
                mask[line, : len(rows[index])] = 1
            result[group] = self.text({"input_ids": ids, "attention_mask": mask})[0]
        return result
