"""Measures Imago's vector index and its peers on the same data. Prints a table, then one line of JSON."""
import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np

import data
import peers


def imago(binary: str, folder: pathlib.Path, dimension: int) -> dict:
    out = folder / "imago"
    subprocess.run([binary, str(folder), str(dimension), str(out)], check=True, stdout=subprocess.DEVNULL)
    figures = json.loads((folder / "imago.json").read_text())
    for name, latencies in figures["searches"].items():
        truth = np.load(folder / f"truth-{'all' if name == 'exact' else name}.npy")
        rows = np.fromfile(folder / f"imago-{name}.rows", np.int64).reshape(-1, 10) - 1
        latencies["recall"] = float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(rows, truth)]))
        latencies["returned"] = float((rows >= 0).sum(1).mean())
    return figures


def line(name: str, build: float, figures: dict) -> str:
    text = f"{name:24} {build:8.1f} "
    for share in ("all", "10"):
        if share in figures:
            one = figures[share]
            text += f"{one['p50']:9.2f} {one['p95']:9.2f} {one['recall']:8.4f} {one['returned']:6.1f} "
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where data is kept between runs")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="for building")
    parser.add_argument("--embeddings", type=pathlib.Path, help="a folder with vectors.npy and queries.npy instead")
    parser.add_argument("--peers", default=",".join(peers.NAMES), help="comma-separated, or none")
    options = parser.parse_args()

    name = options.embeddings.name if options.embeddings else f"{options.count}-{options.dimension}-{options.seed}"
    folder = options.folder / name
    if not (folder / "truth-all.npy").exists():
        print(f"making {name}", file=sys.stderr)
        if options.embeddings:
            vectors, queries = (np.load(options.embeddings / f"{part}.npy") for part in ("vectors", "queries"))
            data.store(folder, vectors, queries, options.seed)
        else:
            data.prepare(folder, options.count, options.queries, options.dimension, options.seed)
    dimension = options.dimension if not options.embeddings else np.load(options.embeddings / "queries.npy").shape[1]

    result = {"data": name, "imago": imago(options.binary, folder, dimension), "peers": {}}
    head = "p50 ms    p95 ms   recall  found "
    print(f"{'':24} {'build s':>8} {'':3}{head}{'10 %: ' + head:>40}")
    ours = result["imago"]
    print(line("imago", ours["searchableSeconds"], ours["searches"]), flush=True)
    for share in ("1", "0.1", "exact"):
        if share in ours["searches"]:
            print(line(f"imago {share}", 0, {"all": ours["searches"][share]}), flush=True)
    wanted = set(options.peers.split(","))
    if wanted != {"none"}:
        measured = peers.Measured(folder, dimension, options.queries)
        for engines in peers.ENGINES:
            try:
                for peer, figures in engines(measured, wanted, options.threads):
                    result["peers"][peer] = figures
                    print(line(peer, figures.get("build_s", 0), figures), flush=True)
            except Exception as error:
                # One engine that can't run here must not cost the others' figures; it is named in the result.
                result["peers"][engines.__name__] = {"error": repr(error)}
                print(f"{engines.__name__}: {error!r}", file=sys.stderr)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
