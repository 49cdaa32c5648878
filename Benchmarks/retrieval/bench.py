"""Measures how well the service finds photos by text, all of it through the API of a running server.

Uploads `captioned-photos/validation`, searches for every caption, and counts how often its photo is among the first
1, 5 and 10. Then uploads `one-photo-per-class` to another account and asks which class's name each photo is nearest to.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from service import BINARY, Server, default_data, in_threads, percentile, processor  # noqa: E402

UPLOAD_FILES = 50
PAGE = 200  # the most results of one search


def read_captions(data):
    """Photo names in the table's order, and (caption, photo name) pairs."""
    pairs = []
    for line in (data / "captioned-photos" / "validation.tsv").read_text().splitlines():
        name, caption = line.split("\t")[:2]
        pairs.append((caption, name))
    return list(dict.fromkeys(name for _, name in pairs)), pairs


def read_classes(data):
    """(file name, class name) pairs."""
    lines = (data / "one-photo-per-class" / "labels.tsv").read_text().splitlines()
    return [(columns[0], columns[2]) for columns in (line.split("\t") for line in lines)]


def store(client, folder, names):
    """Uploads the files, waits until they can be found, and returns image id -> name and images per second."""
    began, identifiers = time.monotonic(), {}
    for start in range(0, len(names), UPLOAD_FILES):
        group = names[start : start + UPLOAD_FILES]
        for name, image in zip(group, client.upload([(name, (folder / name).read_bytes()) for name in group])):
            identifiers[image["image_id"]] = name
    client.wait_until_indexed()
    return identifiers, len(names) / (time.monotonic() - began)


def search(client, query, limit, offset=0):
    body = {"query": query, "max_results": limit, "offset": offset}
    return client.call("POST", "/v1/images/search", body)["results"]


def retrieval(client, data, connections):
    names, pairs = read_captions(data)
    identifiers, rate = store(client, data / "captioned-photos" / "validation", names)

    def rank(own, pair):
        found = [identifiers[result["image_id"]] for result in search(own, pair[0], 10)]
        return found.index(pair[1]) if pair[1] in found else 10

    ranks = in_threads(client, connections, pairs, rank)
    recall = {f"recall_at_{k}": round(100 * sum(r < k for r in ranks) / len(ranks), 2) for k in (1, 5, 10)}
    return {"photos": len(names), "captions": len(pairs), **recall, "indexed_per_second": round(rate, 1)}


def latency(client, data, count):
    """Milliseconds of a search on one connection."""
    _, pairs = read_captions(data)
    times = []
    for caption, _ in pairs[:: max(1, len(pairs) // count)][:count]:
        began = time.perf_counter()
        search(client, caption, 10)
        times.append(1000 * (time.perf_counter() - began))
    return {"query_p50_ms": round(percentile(times, 0.5), 2), "query_p95_ms": round(percentile(times, 0.95), 2)}


def zero_shot(client, data, connections):
    """Per cent of photos whose nearest class name, of all, is their own; every photo against every name."""
    classes = read_classes(data)
    identifiers, _ = store(client, data / "one-photo-per-class", [name for name, _ in classes])
    row = {name: index for index, (name, _) in enumerate(classes)}

    def similarities(own, label):
        text, found = f"a photo of a {label[1]}", []
        for offset in range(0, len(classes), PAGE):
            found += search(own, text, PAGE, offset)
        return [(row[identifiers[result["image_id"]]], result["similarity"]) for result in found]

    best = [(-2.0, None)] * len(classes)
    complete = True
    for index, found in enumerate(in_threads(client, connections, classes, similarities)):
        complete = complete and len(found) == len(classes)
        for photo, similarity in found:
            best[photo] = max(best[photo], (similarity, index), key=lambda pair: pair[0])
    if not complete:
        raise SystemExit("a search did not return every photo")
    right = sum(index == photo for photo, (_, index) in enumerate(best))
    return {"classes": len(classes), "zero_shot": round(100 * right / len(classes), 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=default_data(), help="folder with captioned-photos/")
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--model-dir", help="another model than the built-in one")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--latency-queries", type=int, default=500)
    parser.add_argument("--no-classes", action="store_true", help="leave zero-shot classification out")
    arguments = parser.parse_args()
    if not (arguments.data / "captioned-photos").is_dir():
        raise SystemExit(f"no captioned-photos in {arguments.data}: give --data or IMAGO_SHARED_DATA")
    options = ["--log-level", "warning"]
    options += ["--model-dir", arguments.model_dir] if arguments.model_dir else []
    figures = {"benchmark": "retrieval", "processor": processor()}
    with Server(*options, binary=arguments.binary) as server:
        client = server.client("photos")
        figures |= retrieval(client, arguments.data, arguments.connections)
        figures |= latency(client, arguments.data, arguments.latency_queries)
        if not arguments.no_classes:
            figures |= zero_shot(server.client("classes"), arguments.data, arguments.connections)
    print(f"{figures['photos']} photos, {figures['captions']} captions, through the API, on {figures['processor']}\n")
    print("| text to photo | R@1 | R@5 | R@10 |\n|---|---|---|---|")
    print("| | " + " | ".join(f"{figures[f'recall_at_{k}']:.1f} %" for k in (1, 5, 10)) + " |\n")
    print("| | |\n|---|---|")
    print(f"| a search, one connection | p50 {figures['query_p50_ms']} ms, p95 {figures['query_p95_ms']} ms |")
    print(f"| upload to searchable | {figures['indexed_per_second']} images/s |")
    if "zero_shot" in figures:
        print(f"| nearest of {figures['classes']} class names is the right one | {figures['zero_shot']:.1f} % |")
    print()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
