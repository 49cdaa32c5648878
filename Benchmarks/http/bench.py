"""Measures a real server over HTTP: uploads, content, memory during a large request, and indexing.

Client and server share the machine, so every figure is of both. Prints tables and, as its last line, one JSON object.
"""

import argparse
import json
import shutil
import sys
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import peers  # noqa: E402
from pictures import Pictures  # noqa: E402
from service import BINARY, ROOT, Server, default_data, in_threads, multipart, percentile, processor  # noqa: E402

PARTS = ("uploads", "content", "memory", "indexing")
UNINDEXED = {"indexing_config": {"index": False}}


def upload_rate(client, pictures, concurrency, count, metadata):
    requests = [multipart([("photo.jpg", pictures.next())], metadata) for _ in range(count)]
    size = sum(len(body) for body, _ in requests)

    def send(own, request):
        began = time.perf_counter()
        status, answer = own.request("POST", "/v1/images/upload", *request)
        if status != 200:
            raise SystemExit(f"upload: {status} {answer[:300]!r}")
        return 1000 * (time.perf_counter() - began)

    began = time.perf_counter()
    times = in_threads(client, concurrency, requests, send)
    seconds = time.perf_counter() - began
    figures = {"requests_per_second": count / seconds, "mb_per_second": size / seconds / 1e6}
    figures |= {f"p{part}_ms": percentile(times, part / 100) for part in (50, 95, 99)}
    return figures


def uploads(arguments, pictures):
    """Not indexed, so that decoding and the model take no part; then 8 at a time with indexing behind them."""
    figures = {}
    with Server("--log-level", "warning", binary=arguments.binary) as server:
        client = server.client()
        upload_rate(client, pictures, 4, 20, UNINDEXED)  # warm
        for concurrency in (1, 8, 64):
            count = arguments.uploads // 2 if concurrency == 1 else arguments.uploads
            figures[str(concurrency)] = upload_rate(client, pictures, concurrency, count, UNINDEXED)
            figures[str(concurrency)]["disk_files_per_second"] = peers.disk(pictures.next(), concurrency, count)
        figures["8, indexing"] = upload_rate(client, pictures, 8, arguments.uploads, None)
    return figures


def content(arguments, pictures):
    if not shutil.which("wrk") or not shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin"):
        print("content is left out: it needs wrk and nginx (apt-get install wrk nginx-light)", file=sys.stderr)
        return {}
    small = (arguments.data / "captioned-photos" / "validation").iterdir()
    files = {"1 MB": pictures.next(), "30 KB": min(small, key=lambda path: abs(path.stat().st_size - 30_000)).read_bytes()}
    figures = {}
    with Server("--log-level", "warning", binary=arguments.binary) as server, peers.Nginx() as nginx:
        client = server.client()
        for name, body in files.items():
            url = urllib.parse.urlsplit(client.upload([("photo.jpg", body)], UNINDEXED)[0]["image_url"])
            local = f"http://127.0.0.1:{server.port}{url.path}?{url.query}"
            file = name.replace(" ", "-") + ".jpg"
            (nginx.files / file).write_bytes(body)
            for connections in (1, 16):
                for peer, address in (("imago", local), ("nginx", f"http://127.0.0.1:{nginx.port}/{file}")):
                    peers.wrk(address, connections, 1)
                    figures[f"{name}, {connections} connections, {peer}"] = peers.wrk(
                        address, connections, arguments.seconds
                    )
    return figures


def memory(arguments, pictures):
    """The highest resident size while one request of 64 files and 100 MB comes in, above what it was before."""
    with Server("--log-level", "warning", binary=arguments.binary) as server:
        client = server.client()
        client.upload([("photo.jpg", pictures.next())])  # what only a first upload sets up
        client.wait_until_indexed()
        time.sleep(2)
        files = []
        for number in range(64):
            picture = pictures.next()
            padding = 100_000_000 // 64 - len(picture)
            # Bytes after the end marker belong to the file and to no picture.
            files.append((f"{number}.jpg", picture + number.to_bytes(4, "big") * max(0, padding // 4)))
        body, content_type = multipart(files)
        idle = server.memory()
        server.forget_peak()
        status, answer = client.request("POST", "/v1/images/upload", body, content_type)
        streaming = server.memory("VmHWM")
        if status != 200:
            raise SystemExit(f"upload: {status} {answer[:300]!r}")
        client.wait_until_indexed()
        peaks = {"request_mb": len(body), "idle_mb": idle, "while_streaming_mb": streaming - idle}
        peaks |= {"until_indexed_mb": server.memory("VmHWM") - idle}
        return {name: value / 1e6 for name, value in peaks.items()}


def indexing(arguments, pictures):
    """Images a second from the first byte uploaded to the last one searchable, beside a loop that only embeds."""
    folder = arguments.data / "captioned-photos" / "validation"
    paths = sorted(folder.iterdir())[: arguments.photos]
    model = Path(arguments.model_dir or ROOT / "Models" / "starter")
    options = ["--model-dir", arguments.model_dir] if arguments.model_dir else []
    with Server("--log-level", "warning", *options, binary=arguments.binary) as server:
        client = server.client()
        began = time.perf_counter()
        for start in range(0, len(paths), 50):
            client.upload([(path.name, path.read_bytes()) for path in paths[start : start + 50]])
        client.wait_until_indexed()
        figures = {"imago": len(paths) / (time.perf_counter() - began)}
    figures["python, f32, one at a time"] = peers.python_loop(model, paths, "f32", 1)
    figures["python, as the runtime chooses, one at a time"] = peers.python_loop(model, paths, None, 1)
    figures["python, as the runtime chooses, batches of 16"] = peers.python_loop(model, paths, None, 16)
    return {f"{name}, images_per_second": value for name, value in figures.items()}


def table(title, figures):
    print(f"## {title}\n")
    if figures and isinstance(next(iter(figures.values())), dict):
        names = list(dict.fromkeys(name for row in figures.values() for name in row))
        print("| | " + " | ".join(names) + " |\n|---" * 1 + "|---" * len(names) + "|")
        for label, row in figures.items():
            print(f"| {label} | " + " | ".join(f"{row[name]:.1f}" if name in row else "" for name in names) + " |")
    else:
        print("| | |\n|---|---|")
        for label, value in figures.items():
            print(f"| {label} | {value:.1f} |")
    print(flush=True)


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return round(value, 3) if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS), help="some of " + ", ".join(PARTS))
    parser.add_argument("--data", type=Path, default=default_data(), help="folder with captioned-photos/")
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--model-dir", help="another model than the built-in one")
    parser.add_argument("--uploads", type=int, default=300, help="uploads at each concurrency")
    parser.add_argument("--seconds", type=int, default=5, help="of each content measurement")
    parser.add_argument("--photos", type=int, default=1000, help="photos to index")
    arguments = parser.parse_args()
    pictures, figures = Pictures(), {"benchmark": "http", "processor": processor()}
    titles = {"uploads": "Uploads of 1 MB, by concurrency", "content": "Content", "memory": "Memory above idle, MB"}
    for part in arguments.parts.split(","):
        figures[part] = {"uploads": uploads, "content": content, "memory": memory, "indexing": indexing}[part](
            arguments, pictures
        )
        table(titles.get(part, part.capitalize()), figures[part])
    print(json.dumps(rounded(figures)))


if __name__ == "__main__":
    main()
