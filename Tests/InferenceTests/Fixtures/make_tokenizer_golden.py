"""Writes the token ids that the reference tokenizer gives for many odd texts.

    pip install tokenizers==0.23.3
    python make_tokenizer_golden.py ../../../Models/starter/vocab.txt

The texts are made from a seed, by the same steps here and in `TokenizerTexts.swift`, out of the characters in
tokenizer-texts.json. The file begins with the vocabulary's SHA-256. Then, little-endian, for each text:

- 32 bits: a digest of the words before they are cut into pieces, for most rare words become [UNK] whatever they are
- 16 bits: how many ids there are, without the first and the last, which are always [CLS] and [SEP]
- 16 bits for each of them
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

from tokenizers import BertWordPieceTokenizer, normalizers, pre_tokenizers

HERE = Path(__file__).parent
CONTEXT_LENGTH = 64
MODES = ((False, False), (True, False), (False, True)) + ((True, True),) * 5  # lowercase, strip accents


class SplitMix64:
    """Steele, Lea and Flood 2014."""

    def __init__(self, state):
        self.state = state

    def below(self, count):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return (z ^ (z >> 31)) % count


def expand(ranges):
    characters = []
    for entry in ranges:
        first, last = (int(part, 16) for part in entry.split("-"))
        characters += [chr(code) for code in range(first, last + 1)]
    return characters


class Texts:
    def __init__(self, source, tokens):
        self.random = SplitMix64(source["seed"])
        self.alphabets = [expand(ranges) for ranges in source["alphabets"].values()]
        self.marks = expand(source["marks"])
        self.pieces = source["pieces"]
        self.separators = source["separators"]
        self.tokens = tokens

    def pick(self, choices):
        return choices[self.random.below(len(choices))]

    def any_character(self):
        code = self.random.below(0x110000 - 0x800)
        return chr(code if code < 0xD800 else code + 0x800)

    def words(self):
        alphabet = self.pick(self.alphabets)
        text = ""
        for _ in range(1 + self.random.below(8)):
            for _ in range(1 + self.random.below(10)):
                text += self.pick(alphabet)
            text += self.pick(self.separators)
        return text

    def mixture(self):
        return "".join(self.pick(self.pick(self.alphabets)) for _ in range(1 + self.random.below(30)))

    def anything(self):
        return "".join(self.any_character() for _ in range(1 + self.random.below(20)))

    def known_tokens(self):
        text = ""
        for _ in range(1 + self.random.below(12)):
            token = self.pick(self.tokens)
            capital = self.random.below(3) == 0
            text += "".join(chr(ord(c) - 32) if capital and "a" <= c <= "z" else c for c in token)
            if self.random.below(4) == 0:
                text += chr(0x300 + self.random.below(0x70))
            text += self.pick(self.separators)
        return text

    def marked(self):
        alphabet = self.pick(self.alphabets)
        text = ""
        for _ in range(1 + self.random.below(8)):
            text += self.pick(alphabet)
            for _ in range(self.random.below(6)):
                text += self.pick(self.marks)
        return text

    def oddities(self):
        text = ""
        for _ in range(1 + self.random.below(10)):
            text += self.pick(self.pieces)
            if self.random.below(3) == 0:
                text += self.pick(self.separators)
        return text

    def next(self):
        kinds = (self.words, self.words, self.words, self.mixture, self.anything, self.known_tokens, self.marked, self.oddities)
        text = self.pick(kinds)()
        if self.random.below(50) == 0:
            text += self.pick(("a", "\u00e9", "\u4e00")) * (98 + self.random.below(5))
        if self.random.below(100) == 0:
            text = text * (20 + self.random.below(60))
        return text


def words(text, lowercase, strip):
    normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=strip)
    return [word for word, _ in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(normalizer.normalize_str(text))]


def digest(words):
    """FNV-1a, 32 bits, of the words in UTF-8 with a zero byte after each."""
    value = 0x811C9DC5
    for byte in b"".join(word.encode() + b"\0" for word in words):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def main():
    vocabulary = Path(sys.argv[1])
    source = json.loads((HERE / "tokenizer-texts.json").read_text())
    tokens = [line.removeprefix("##") for line in vocabulary.read_text().split("\n") if line]
    reference = {}
    for lowercase, strip in set(MODES):
        reference[lowercase, strip] = BertWordPieceTokenizer(str(vocabulary), lowercase=lowercase, strip_accents=strip)
        reference[lowercase, strip].enable_truncation(CONTEXT_LENGTH)
    texts = Texts(source, tokens)
    out = bytearray(hashlib.sha256(vocabulary.read_bytes()).digest())
    for _ in range(source["count"]):
        text = texts.next()
        mode = texts.pick(MODES)
        ids = reference[mode].encode(text).ids[1:-1]
        out += struct.pack(f"<IH{len(ids)}H", digest(words(text, *mode)), len(ids), *ids)
    (HERE / "tokenizer-golden.bin").write_bytes(out)
    print(f"{source['count']} texts, {len(out)} bytes")


if __name__ == "__main__":
    main()
