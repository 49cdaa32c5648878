"""Trains the two towers on cached features (see prepare.py).

First the heads alone, on cached sentence vectors as well; then the heads and the text encoder together.
The image network stays frozen throughout.
"""

import argparse
import copy
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import data
import metrics
import model
import text_tower
import wordnet

HELD_OUT_PHOTOS = 500
HELD_OUT_CLASSES = 200
KINDS = 48  # names of kinds ("bird", "vehicle") in a step
ANCHORS = 64  # other nouns in a step, held near where the pretrained encoder puts them


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with captioned-photos/ and one-photo-per-class/")
    parser.add_argument("--cache", required=True, help="the folder prepare.py wrote")
    parser.add_argument("--out", required=True, help="where the trained weights go")
    parser.add_argument("--variant", default="lite2")
    parser.add_argument("--head-epochs", type=int, default=20)
    parser.add_argument("--text-epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--classes", type=int, default=300, help="class texts in a step, photos and prototypes")
    parser.add_argument("--head-rate", type=float, default=2e-3)
    parser.add_argument("--text-rate", type=float, default=1e-4)
    parser.add_argument("--class-weight", type=float, default=0.3)
    parser.add_argument("--anchor-weight", type=float, default=1.0)
    parser.add_argument("--minutes", type=float, default=1e9, help="a limit for the second part")
    parser.add_argument("--holdout", action="store_true", help="keep some photos and classes for choosing settings")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def class_vectors(sentences):
    """One vector in sentence space for each class: of its names, a plain prompt and its gloss."""
    names = torch.stack([F.normalize(several.mean(0), dim=-1) for several in sentences["synonyms"]])
    total = sentences["names"] + sentences["prompts"] + names + 0.5 * sentences["glosses"]
    return F.normalize(total, dim=-1)


PROMPTS = ("{}", "a {}", "a photo of a {}", "a picture of a {}", "the {}", "a close-up of a {}")


def class_text(item):
    """A random text for a class."""
    if torch.rand(()) < 0.15:
        return item.gloss
    name = item.names[int(torch.randint(len(item.names), ())) if torch.rand(()) < 0.4 else 0]
    return PROMPTS[int(torch.randint(len(PROMPTS), ()))].format(name)


def contrast(images, texts, scale, positives, smoothing=0.1):
    """Symmetric InfoNCE; `positives` (texts x images) is 1 where a text belongs to an image."""
    logits = scale * texts @ images.T
    total = 0
    for scores, targets in ((logits, positives), (logits.T, positives.T)):
        kept = targets.sum(1) > 0
        scores, targets = scores[kept], targets[kept]
        targets = targets / targets.sum(1, keepdim=True)
        targets = (1 - smoothing) * targets + smoothing / targets.shape[1]
        total = total - (targets * scores.log_softmax(1)).sum(1).mean()
    return total / 2


class Trainer:
    def __init__(self, arguments):
        self.arguments = arguments
        folder = Path(arguments.cache) / arguments.variant
        self.features = {
            split: torch.from_numpy(np.stack([np.load(file) for file in sorted(folder.glob(f"{split}-*-mean.npy"))]))
            for split in data.SPLITS
        }
        self.captions = {split: [texts for _, texts in data.read_split(arguments.data, split)] for split in data.SPLITS}
        self.sentences = torch.load(Path(arguments.cache) / "sentences.pt", weights_only=True)
        self.classes = wordnet.load_classes(arguments.data)
        self.kinds = wordnet.kinds(self.classes)
        belongs = [[name in item.ancestors for item in self.classes] for name in self.kinds]
        self.belongs = torch.tensor(belongs).float()
        self.nouns = wordnet.concrete_nouns()
        self.tokenizer = text_tower.make_tokenizer()
        self.start = text_tower.load()

        plain = self.features["train"][0]
        self.image, self.text = model.build(
            arguments.variant, class_vectors(self.sentences), plain.mean(0), plain.std(0)
        )
        self.log_scale = torch.nn.Parameter(torch.tensor(3.0))
        self.hidden = torch.zeros(1000, dtype=torch.bool)
        if arguments.holdout:
            order = torch.randperm(1000, generator=torch.Generator().manual_seed(1))
            self.hidden[order[:HELD_OUT_CLASSES]] = True
        self.seen = (~self.hidden).nonzero()[:, 0]
        self.count = len(plain) - (HELD_OUT_PHOTOS if arguments.holdout else 0)
        # The result is the running mean of the weights, which is better than where the last step stands.
        self.averaged = copy.deepcopy((self.image, self.text))

    def parameters(self):
        encoder = list(self.text.encoder.parameters())
        known = {id(parameter) for parameter in encoder}
        heads = {
            id(parameter): parameter
            for tower in (self.image, self.text)
            for parameter in tower.parameters()
            if id(parameter) not in known and parameter.requires_grad
        }
        return list(heads.values()), encoder

    def views(self, split, rows):
        """A random view of each photo."""
        return self.features[split][torch.randint(len(self.features[split]), (len(rows),)), rows]

    def losses(self, rows, train_text):
        shuffled = self.seen[torch.randperm(len(self.seen))]
        half = self.arguments.classes // 2
        pictured, prototypes = shuffled[:half], shuffled[half : 2 * half]
        chosen = torch.cat([pictured, prototypes])
        kinds = torch.randperm(len(self.kinds))[:KINDS]
        picks = torch.randint(5, (len(rows),))
        anchor_loss = torch.zeros(())
        if train_text:
            texts = [self.captions["train"][row][pick] for row, pick in zip(rows.tolist(), picks.tolist())]
            others = [class_text(self.classes[row]) for row in chosen.tolist()]
            others += [self.kinds[row] for row in kinds.tolist()]
            nouns = [self.nouns[row] for row in torch.randint(len(self.nouns), (ANCHORS,)).tolist()]
            with torch.autocast("cpu", torch.bfloat16):
                long = self.text.encoder(*text_tower.tokenize(self.tokenizer, texts)).float()
                ids, mask = text_tower.tokenize(self.tokenizer, others + nouns)
                short, anchored = self.text.encoder(ids, mask).float().split([len(others), len(nouns)])
                with torch.no_grad():
                    before = self.start(ids[-ANCHORS:], mask[-ANCHORS:]).float()
            anchor_loss = 1 - (anchored * before).sum(1).mean()
            sentences = torch.cat([long, short])
        else:
            several = [self.cached_class_text(row) for row in chosen.tolist()]
            long = self.sentences["captions"][rows, picks]
            sentences = torch.cat([long, torch.stack(several), self.sentences["kinds"][kinds]])
        embedded = self.text.from_sentence(sentences).split([len(rows), len(chosen), len(kinds)])
        caption_texts, class_texts, kind_texts = embedded

        scale = self.log_scale.exp()
        photos = self.image.from_features(self.views("train", rows), self.hidden)
        caption_loss = contrast(photos, caption_texts, scale, torch.eye(len(rows)))
        class_photos = self.image.from_features(self.views("classes", pictured), self.hidden)
        class_images = torch.cat([class_photos, self.image.from_prototypes(prototypes)])
        class_loss = contrast(class_images, class_texts, scale, torch.eye(len(chosen)))
        class_loss = class_loss + 0.5 * contrast(class_images, kind_texts, scale, self.belongs[kinds][:, chosen])
        return caption_loss, class_loss, anchor_loss

    def cached_class_text(self, row):
        """As class_text, among the texts whose vectors are cached."""
        chance = torch.rand(())
        if chance < 0.15:
            return self.sentences["glosses"][row]
        if chance < 0.55:
            return self.sentences["prompts"][row]
        synonyms = self.sentences["synonyms"][row]
        return synonyms[int(torch.randint(len(synonyms), ())) if chance < 0.8 else 0]

    def run(self, epochs, train_text, head_rate):
        arguments = self.arguments
        heads, encoder = self.parameters()
        groups = [
            {"params": heads, "lr": head_rate, "weight_decay": 0.1},
            {"params": [self.log_scale], "lr": head_rate, "weight_decay": 0.0},
        ]
        if train_text:
            groups.append({"params": encoder, "lr": arguments.text_rate, "weight_decay": 0.01})
        optimizer = torch.optim.AdamW(groups)
        per_epoch = self.count // arguments.batch
        steps, began = epochs * per_epoch, time.time()
        allowed = arguments.minutes * 60 if train_text else math.inf
        step = progress = 0
        while progress < 1:
            if step % per_epoch == 0:
                order = torch.randperm(self.count)
            rate = min(1.0, 10 * progress + 0.02) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))
            for group, full in zip(optimizer.param_groups, [head_rate, head_rate, arguments.text_rate]):
                group["lr"] = full * rate
            self.image.train(), self.text.train()
            start = step % per_epoch * arguments.batch
            caption_loss, class_loss, anchor_loss = self.losses(order[start : start + arguments.batch], train_text)
            loss = caption_loss + arguments.class_weight * class_loss + arguments.anchor_weight * anchor_loss
            optimizer.zero_grad()
            loss.backward()
            if train_text:
                torch.nn.utils.clip_grad_norm_(encoder, 1.0)
            optimizer.step()
            step += 1
            progress = max(step / steps, (time.time() - began) / allowed)
            with torch.no_grad():
                self.log_scale.clamp_(max=math.log(50))
                self.average(min(0.95, step / (step + 9)))
            if step % (4 * per_epoch) == 0 or progress >= 1:
                line = {"text": train_text, "epoch": step / per_epoch, "minutes": (time.time() - began) / 60}
                line |= {"losses": [caption_loss.item(), class_loss.item(), anchor_loss.item()]}
                line |= {"scale": self.log_scale.exp().item()}
                print(json.dumps(line | (self.evaluate() if progress >= 1 else {})), flush=True)
                self.save()

    def average(self, decay):
        for mean, now in zip(self.averaged, (self.image, self.text)):
            for target, source in zip(mean.parameters(), now.parameters()):
                target.lerp_(source, 1 - decay)

    @torch.inference_mode()
    def evaluate(self):
        image, text = self.averaged
        image.eval(), text.eval()

        def embed(texts):
            return text.from_sentence(text_tower.encode(text.encoder, self.tokenizer, texts))

        result = {}
        groups = {"validation": ("validation", slice(None))}
        if self.arguments.holdout:
            groups["held_out"] = ("train", slice(-HELD_OUT_PHOTOS, None))
        for name, (split, rows) in groups.items():
            photos = image.from_features(self.features[split][0][rows], self.hidden)
            texts = [caption for several in self.captions[split][rows] for caption in several]
            result[name] = metrics.recall(photos, embed(texts))
        if self.arguments.holdout:
            rows = self.hidden.nonzero()[:, 0].tolist()
            photos = image.from_features(self.features["classes"][0][rows], self.hidden)
            names = embed([f"a photo of a {self.classes[row].names[0]}" for row in rows])
            result["zero_shot"] = metrics.zero_shot(photos, names)
        return result

    def save(self):
        torch.save(
            {
                "image": self.averaged[0].state_dict(),
                "text": self.averaged[1].state_dict(),
                "log_scale": self.log_scale.item(),
                "variant": self.arguments.variant,
            },
            self.arguments.out,
        )


def main():
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(2)
    trainer = Trainer(arguments)
    trainer.run(arguments.head_epochs, False, arguments.head_rate)
    if arguments.text_epochs:
        trainer.run(arguments.text_epochs, True, arguments.head_rate / 2)


if __name__ == "__main__":
    main()
