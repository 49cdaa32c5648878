"""Vectors, queries, filters and the true neighbours that every engine is measured on."""
import pathlib

import numpy as np


def clustered(count: int, queries: int, dimension: int, seed: int):
    """Unit vectors in overlapping clusters.

    The covariance has a power-law spectrum, as that of real embeddings has: standard deviation j^-0.5 along the j-th
    axis of a random basis. Cluster centres are drawn from it; one cluster for 500 vectors. A vector is its cluster's
    centre plus another draw, so that clusters overlap their neighbours, plus a mean that all share (a cone).
    Queries are further draws of the same kind.
    """
    random = np.random.default_rng(seed)
    spectrum = np.arange(1, dimension + 1, dtype=np.float32) ** -0.5
    basis = np.linalg.qr(random.standard_normal((dimension, dimension)))[0].astype(np.float32)
    cone = random.standard_normal(dimension).astype(np.float32) * np.sqrt((spectrum**2).mean()) * 0.7
    centres = random.standard_normal((max(1, count // 500), dimension), dtype=np.float32) * spectrum
    total = count + queries
    result = np.empty((total, dimension), np.float32)
    for start in range(0, total, 65536):
        part = slice(start, min(total, start + 65536))
        size = part.stop - part.start
        chosen = centres[random.integers(0, len(centres), size)]
        draw = chosen + spectrum * random.standard_normal((size, dimension), dtype=np.float32)
        draw = draw @ basis.T + cone
        result[part] = draw / np.linalg.norm(draw, axis=1, keepdims=True)
    return result[:count], result[count:]


def neighbours(vectors, queries, masks: dict, depth: int = 10) -> dict:
    """Rows of the nearest vectors by single-precision brute force, for no filter ("all") and for each mask."""
    found = {name: np.empty((len(queries), depth), np.int64) for name in ["all", *masks]}
    for start in range(0, len(queries), 32):
        scores = queries[start : start + 32] @ vectors.T
        for name in found:
            seen = scores if name == "all" else scores[:, masks[name]]
            top = np.argpartition(-seen, depth - 1, axis=1)[:, :depth]
            order = np.argsort(-np.take_along_axis(seen, top, 1), axis=1, kind="stable")
            top = np.take_along_axis(top, order, 1)
            found[name][start : start + 32] = top if name == "all" else np.flatnonzero(masks[name])[top]
    return found


def prepare(folder: pathlib.Path, count: int, queries: int, dimension: int, seed: int) -> None:
    """Writes what both the Swift and the Python side read; does nothing when it is there."""
    vectors, wanted = clustered(count, queries, dimension, seed)
    store(folder, vectors, wanted, seed)


def store(folder: pathlib.Path, vectors, wanted, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    vectors.tofile(folder / "vectors.f32")
    wanted.tofile(folder / "queries.f32")
    random = np.random.default_rng(seed + 1)
    place = random.permutation(len(vectors))
    masks = {}
    for name, share in [("10", 0.1), ("1", 0.01), ("0.1", 0.001)]:
        if len(vectors) * share < 10:
            continue
        mask = place < len(vectors) * share
        masks[name] = mask
        # Rows start at 1.
        bits = np.zeros((len(vectors) + 1 + 63) // 64 * 64, np.uint8)
        bits[1 : len(vectors) + 1] = mask
        np.packbits(bits, bitorder="little").tofile(folder / f"filter-{name}.u64")
        np.save(folder / f"mask-{name}.npy", mask)
    for name, rows in neighbours(vectors, wanted, masks).items():
        np.save(folder / f"truth-{name}.npy", rows)
