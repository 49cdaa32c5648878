"""Trains small tokenizers built like those of public models, and writes the ids that the reference gives for many odd texts.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python make_file_tokenizers.py ../../../Models/starter/vocab.txt

The vocabularies of public models are not needed: what a tokenizer does is decided by its parts, which are set up here as
those models' `tokenizer.json` set them up. The texts are those of make_tokenizer_golden.py, by the same steps. For each
tokenizer `tokenizers/NAME.hashes` holds, for each text, 32 bits little-endian: FNV-1a of the ids, each as 32 bits,
little-endian, truncated as `CONTEXT` says.
"""

import json
import re
import string
import struct
import sys
from pathlib import Path

import sentencepiece
from make_tokenizer_golden import Texts
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
OUT = HERE / "tokenizers"
CONTEXT = 77
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
LLAMA = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def charsmap(folder):
    """SentencePiece's own normalization, NMT's NFKC, as its models carry it."""
    corpus = folder / "corpus.txt"
    corpus.write_text("a cat sat on the mat\n" * 20)
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "m"), vocab_size=30, normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    from sentencepiece import sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString((folder / "m.model").read_bytes())
    return model.normalizer_spec.precompiled_charsmap


def special(content, normalized=False, **more):
    return AddedToken(content, special=True, normalized=normalized, **more)


def clip(corpus, _):
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(CLIP), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    # The suffixed alphabet has to be there as well, as it is in CLIP's.
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=1500, initial_alphabet=letters, end_of_word_suffix="</w>",
            special_tokens=[special("<|startoftext|>", normalized=True), special("<|endoftext|>")],
        ),
    )  # fmt: skip
    state = json.loads(tokenizer.to_str())
    for letter in letters:
        state["model"]["vocab"].setdefault(letter + "</w>", len(state["model"]["vocab"]))
    tokenizer = Tokenizer.from_str(json.dumps(state))
    start, end = (tokenizer.token_to_id(token) for token in ("<|startoftext|>", "<|endoftext|>"))
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", end), ("<|startoftext|>", start), trim_offsets=False, add_prefix_space=False
    )
    return tokenizer


def byte_level(corpus, _):
    """As GPT-2 and RoBERTa."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    specials = ["<s>", "<pad>", "</s>", "<unk>", special("<mask>", lstrip=True)]
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=1200, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=specials
        ),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_tokens(
        [AddedToken("running", single_word=True), AddedToken("A_b", rstrip=True), AddedToken("don't", normalized=False)]
    )
    return tokenizer


def wordpiece(corpus, _):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=None, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        corpus,
        trainers.WordPieceTrainer(vocab_size=1500, limit_alphabet=500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]),
    )
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def gemma(corpus, _):
    """As SigLIP 2."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    words = [piece for text in corpus for piece in re.findall(r" ?[^ ]+", text)]
    tokenizer.train_from_iterator(
        words,
        trainers.BpeTrainer(
            vocab_size=1700, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>", *bytes_], max_token_length=16,
            limit_alphabet=500,
        ),
    )  # fmt: skip
    tokenizer.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    state = json.loads(tokenizer.to_str())
    # Bytes are tokens of the model alone, not looked for in the text.
    state["added_tokens"] = [token for token in state["added_tokens"] if not token["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(state))


def unigram_trainer(size, specials):
    return trainers.UnigramTrainer(vocab_size=size, unk_token="<unk>", special_tokens=specials)


def few_letters(corpus):
    """What a small vocabulary has room for: each letter takes a token."""
    return [text for text in corpus if all(ord(c) < 0x500 or 0x3040 <= ord(c) < 0x3100 for c in text)]


def siglip(corpus, charsmap):
    """As SigLIP's T5-like vocabulary: small letters, no punctuation."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[" + re.escape(string.punctuation) + "]"), ""),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
            normalizers.Precompiled(charsmap),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.train_from_iterator(few_letters(corpus), unigram_trainer(2000, ["<pad>", "</s>", "<unk>"]))
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def xlm_roberta(corpus, charsmap):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    specials = ["<s>", "<pad>", "</s>", "<unk>", special("<mask>", lstrip=True)]
    tokenizer.train_from_iterator(few_letters(corpus), unigram_trainer(2500, specials))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def unigram_bytes(corpus, _):
    """Unknown characters spelled in bytes; a space put before the first word only."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Prepend("a ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer.train_from_iterator(few_letters(corpus), unigram_trainer(2000, ["<unk>", "<pad>", "</s>", *bytes_]))
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if not token["content"].startswith("<0x")]
    state["model"]["byte_fallback"] = True
    return Tokenizer.from_str(json.dumps(state))


def llama(corpus, _):
    """Pieces as Llama 3 cuts them, with more parts than it has."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA), "isolated"),
            pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.Punctuation("contiguous"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=1000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=["<pad>", "<end>"]
        ),
    )
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=True),
            processors.TemplateProcessing(single="$A <end>", special_tokens=[("<end>", 1)]),
        ]
    )
    return tokenizer


def whole_words(corpus, _):
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Strip(left=True, right=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.CharDelimiterSplit("n"), pre_tokenizers.Digits(True)]
    )
    tokenizer.train_from_iterator(corpus, trainers.WordLevelTrainer(vocab_size=3000, special_tokens=["<unk>", "<pad>"]))
    return tokenizer


def fnv(ids):
    value = 0x811C9DC5
    for byte in struct.pack(f"<{len(ids)}I", *ids):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def main():
    source = json.loads((HERE / "tokenizer-texts.json").read_text())
    tokens = [line.removeprefix("##") for line in Path(sys.argv[1]).read_text().split("\n") if line]
    texts = Texts(source, tokens)
    texts = [texts.next() for _ in range(source["count"])]
    # Another seed: most of what is tested was not trained on.
    other = Texts({**source, "seed": source["seed"] + 1}, tokens)
    corpus = [other.next() for _ in range(3000)]
    corpus += [" ".join(other.pick(tokens[2000:5000]) for _ in range(12)) for _ in range(3000)]
    OUT.mkdir(exist_ok=True)
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        table = charsmap(Path(folder))
    names = sys.argv[2:] or [
        "clip", "byte_level", "wordpiece", "gemma", "siglip", "xlm_roberta", "unigram_bytes", "llama", "whole_words",
    ]  # fmt: skip
    for name in names:
        tokenizer = globals()[name](corpus, table)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.save(str(OUT / f"{name}.json"), pretty=False)
        tokenizer.enable_truncation(CONTEXT)
        hashes = [fnv(encoding.ids) for encoding in tokenizer.encode_batch(texts)]
        (OUT / f"{name}.hashes").write_bytes(struct.pack(f"<{len(hashes)}I", *hashes))
        print(name, tokenizer.get_vocab_size())


if __name__ == "__main__":
    main()
