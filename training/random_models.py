"""Exports the architectures of the catalogue's models with random weights, and what the reference pipelines compute with
them: for the test that runs pictures and texts through Imago's whole path, preprocessing and tokenizer included.

    pip install torch torchvision transformers==5.24.0 open_clip_torch==3.3.0 onnx tokenizers==0.23.3 pillow
    python random_models.py            tiny sizes, into Tests/InferenceTests/Fixtures/random

The weights of the public models are not needed for that: the graphs' structure, their inputs and outputs, and the
pipelines around them are what can go wrong. Weights are drawn wide, so that different pictures get clearly different
embeddings.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from PIL import Image
from tokenizers import Tokenizer
from transformers import (
    CLIPConfig, CLIPImageProcessorPil, CLIPTextModelWithProjection, CLIPVisionModelWithProjection, SiglipImageProcessorPil,
    SiglipTextConfig, SiglipTextModel, SiglipVisionConfig, SiglipVisionModel, XLMRobertaConfig, XLMRobertaModel,
)  # fmt: skip

FIXTURES = Path(__file__).resolve().parent.parent / "Tests/InferenceTests/Fixtures"
OUT = FIXTURES / "random"
PICTURES = sorted(FIXTURES.glob("golden-*.png"))
TEXTS = [
    "a red car", "Two dogs running in the snow!", "un caf\u00e9 \u00e0 Paris", "a photo of 3 cats", "\u732b\u3068\u72ac",
    "A", "the quick brown fox jumps over the lazy dog and does not stop for anything at all until it is far far away",
]  # fmt: skip
WIDTH, LAYERS, HEADS, DIMENSION = 16, 2, 2, 16
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def widen(model, seed):
    """Draws weights so that what goes in decides what comes out: tokens count more than places, attention is sharp."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "position" in name:
                torch.nn.init.normal_(parameter, std=0.1)
            elif parameter.dim() > 1 and "embed" in name and "patch" not in name:
                torch.nn.init.normal_(parameter, std=1)
            elif parameter.dim() > 1:
                sharp = 3 if any(part in name for part in ("q_proj", "k_proj", "query", "key", "in_proj")) else 1
                torch.nn.init.normal_(parameter, std=sharp / parameter[0].numel() ** 0.5)
            elif "bias" in name or "embed" in name:
                torch.nn.init.normal_(parameter, std=0.1)
    return model.eval()


def encode(name, length, pad, fills):
    tokenizer = Tokenizer.from_file(str(FIXTURES / f"tokenizers/{name}.json"))
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length if fills else None, pad_id=tokenizer.token_to_id(pad), pad_token=pad)
    encodings = tokenizer.encode_batch(TEXTS)
    ids = torch.tensor([encoding.ids for encoding in encodings])
    mask = torch.tensor([encoding.attention_mask for encoding in encodings])
    return tokenizer, ids, mask


class Output(torch.nn.Module):
    """One output of a model, by attribute or function."""

    def __init__(self, model, pick):
        super().__init__()
        self.model, self.pick = model, pick
        # Or the exporter would leave dropout switched on behind it.
        self.eval()

    def forward(self, *inputs):
        return self.pick(self.model, *inputs)


def export(module, inputs, names, output, path, dynamic):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, tuple(inputs), str(path), input_names=names, output_names=[output], opset_version=18, dynamo=False,
            dynamic_axes={name: axes for name, axes in dynamic.items()},
        )  # fmt: skip


def write(name, image, pixels, text, inputs, names, spec):
    """Exports both halves and writes what they compute."""
    text_axes = {n: {0: "rows", 1: "length"} for n in names} | {spec["text_output"]: {0: "rows"}}
    image_axes = {spec["image_input"]: {0: "rows"}, spec["image_output"]: {0: "rows"}}
    export(image, [pixels[:1]], [spec["image_input"]], spec["image_output"], OUT / f"{name}-image.onnx", image_axes)
    export(text, [i[:1] for i in inputs], names, spec["text_output"], OUT / f"{name}-text.onnx", text_axes)
    with torch.no_grad():
        pictures = F.normalize(image(pixels), dim=-1)
        texts = F.normalize(text(*inputs), dim=-1)
    for rows in (pictures, texts):
        near = (rows @ rows.T - 2 * torch.eye(len(rows))).max().item()
        print(f"{name}: the nearest two are at {near:.3f}")
    spec |= {
        "inputs": names, "images": np.round(pictures.numpy(), 6).tolist(), "texts": np.round(texts.numpy(), 6).tolist()
    }  # fmt: skip
    return spec


def hf_clip():
    tokenizer, ids, _ = encode("clip", 77, "<|endoftext|>", False)
    sizes = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS}
    config = CLIPConfig(
        text_config=sizes | {"vocab_size": tokenizer.get_vocab_size(), "eos_token_id": tokenizer.token_to_id("<|endoftext|>"),
                             "bos_token_id": 0, "projection_dim": DIMENSION},
        vision_config=sizes | {"patch_size": 16, "projection_dim": DIMENSION}, projection_dim=DIMENSION,
    )  # fmt: skip
    image = widen(CLIPVisionModelWithProjection(config.vision_config), 1)
    text = widen(CLIPTextModelWithProjection(config.text_config), 2)
    processor = CLIPImageProcessorPil(size={"shortest_edge": 224}, crop_size=224, resample=3)
    pixels = processor([Image.open(p).convert("RGB") for p in PICTURES], return_tensors="pt")["pixel_values"]
    return write(
        "clip", Output(image, lambda m, x: m(pixel_values=x).image_embeds), pixels,
        Output(text, lambda m, x: m(input_ids=x).text_embeds), [ids], ["input_ids"],
        {"tokenizer": "clip", "context_length": 77, "padding": "longest", "padding_token": "<|endoftext|>",
         "image_input": "pixel_values", "image_output": "image_embeds", "text_output": "text_embeds", "size": 224,
         "resize": "shortest_side", "interpolation": "bicubic", "crop": "center", "mean": CLIP_MEAN, "std": CLIP_STD},
    )  # fmt: skip


def hf_siglip(name, tokenizer_name, size, resample, interpolation):
    tokenizer, ids, _ = encode(tokenizer_name, 64, "<pad>", True)
    sizes = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS}
    image = widen(SiglipVisionModel(SiglipVisionConfig(image_size=size, patch_size=16, **sizes)), 3)
    text = widen(
        SiglipTextModel(SiglipTextConfig(vocab_size=tokenizer.get_vocab_size(), projection_size=WIDTH, **sizes)), 4
    )
    processor = SiglipImageProcessorPil(
        size={"height": size, "width": size}, resample=resample, image_mean=(0.5,) * 3, image_std=(0.5,) * 3
    )
    pixels = processor([Image.open(p).convert("RGB") for p in PICTURES], return_tensors="pt")["pixel_values"]
    return write(
        name, Output(image, lambda m, x: m(pixel_values=x).pooler_output), pixels,
        Output(text, lambda m, x: m(input_ids=x).pooler_output), [ids], ["input_ids"],
        {"tokenizer": tokenizer_name, "context_length": 64, "padding": "context_length", "padding_token": "<pad>",
         "image_input": "pixel_values", "image_output": "pooler_output", "text_output": "pooler_output", "size": size,
         "resize": "squash", "interpolation": interpolation, "crop": "none", "mean": (0.5,) * 3, "std": (0.5,) * 3},
    )  # fmt: skip


def openclip_xlm():
    """An open_clip vision tower, and XLM-RoBERTa with mean pooling and a projection as open_clip puts them together."""
    tokenizer, ids, mask = encode("xlm_roberta", 77, "<pad>", False)
    model = open_clip.model.CLIP(
        embed_dim=DIMENSION,
        vision_cfg={"image_size": 224, "layers": LAYERS, "width": WIDTH, "head_width": WIDTH // HEADS, "patch_size": 16},
        text_cfg={"context_length": 77, "vocab_size": 100, "width": WIDTH, "heads": HEADS, "layers": LAYERS},
    )
    model = widen(model, 5)
    config = XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        intermediate_size=2 * WIDTH, max_position_embeddings=80, pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    text = torch.nn.ModuleDict(
        {"transformer": XLMRobertaModel(config, add_pooling_layer=False), "proj": torch.nn.Linear(WIDTH, DIMENSION, bias=False)}
    )
    text = widen(text, 6)

    def read(m, ids, mask):
        states = m["transformer"](input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).float()
        return m["proj"]((states * weight).sum(1) / weight.sum(1))

    transform = open_clip.image_transform(
        224, is_train=False, mean=CLIP_MEAN, std=CLIP_STD, resize_mode="shortest", interpolation="bicubic"
    )
    pixels = torch.stack([transform(Image.open(p).convert("RGB")) for p in PICTURES])
    return write(
        "xlm", Output(model, lambda m, x: m.encode_image(x)), pixels, Output(text, read), [ids, mask],
        ["input_ids", "attention_mask"],
        {"tokenizer": "xlm_roberta", "context_length": 77, "padding": "longest", "padding_token": "<pad>",
         "image_input": "image", "image_output": "embedding", "text_output": "embedding", "size": 224,
         "resize": "shortest_side", "interpolation": "bicubic", "crop": "center", "mean": CLIP_MEAN, "std": CLIP_STD},
    )  # fmt: skip


def main():
    torch.manual_seed(0)
    OUT.mkdir(exist_ok=True)
    golden = {
        "pictures": [path.name for path in PICTURES], "texts": TEXTS,
        "models": {
            "clip": hf_clip(), "siglip": hf_siglip("siglip", "siglip", 224, 3, "bicubic"),
            "siglip2": hf_siglip("siglip2", "gemma", 256, 2, "bilinear"), "xlm": openclip_xlm(),
        },
    }  # fmt: skip
    (OUT / "golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
