"""Retrieval and classification figures."""

import torch


def recall(images, texts, captions=5):
    """R@1, R@5 and R@10 in per cent of finding a text's photo; `captions` texts in a row share one."""
    scores = texts @ images.T
    own = scores.gather(1, (torch.arange(len(texts)) // captions)[:, None])
    rank = (scores > own).sum(1)
    return [round((rank < limit).float().mean().item() * 100, 2) for limit in (1, 5, 10)]


def zero_shot(images, names):
    """Per cent of photos nearest to their own class's text; row n of each belongs together."""
    return round((((images @ names.T).argmax(1)) == torch.arange(len(names))).float().mean().item() * 100, 2)
