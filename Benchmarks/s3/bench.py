"""Uploads the same bytes to the same S3 store through Imago's blob store and through boto3, in turn.
Prints a table, then one line of JSON."""
import argparse
import concurrent.futures
import io
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

import boto3
from botocore.config import Config

KEY, SECRET, BUCKET = "bench", "bench-secret", "imago-bench"

# Name, bytes of a blob, blobs, at once.
CASES = [
    ("200 kB", 200_000, 100, 1),
    ("2 MB", 2_000_000, 30, 1),
    ("2 MB, 8 at once", 2_000_000, 32, 8),
    ("64 MiB in parts", 64 << 20, 1, 1),
]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Store:
    """SeaweedFS on the loopback interface, with a folder of its own."""

    def __init__(self, weed: str, folder: pathlib.Path):
        ports = free_ports(8)
        identities = {"identities": [{"name": "b", "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
                                      "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}
        (folder / "identities.json").write_text(json.dumps(identities))
        names = ["s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc",
                 "filer.port", "filer.port.grpc"]
        self.process = subprocess.Popen(
            [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
             "-master.volumeSizeLimitMB=1024", "-volume.max=20", "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0",
             f"-s3.config={folder}/identities.json"] + [f"-{n}={p}" for n, p in zip(names, ports)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.endpoint = f"http://127.0.0.1:{ports[0]}"

    def client(self):
        return boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
            region_name="us-east-1", config=Config(s3={"addressing_style": "path"}, max_pool_connections=16))

    def wait(self) -> None:
        client = self.client()
        for _ in range(300):
            try:
                client.create_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"x")
                return
            except Exception:
                time.sleep(0.1)
        raise SystemExit("the store did not start")


def with_boto3(client, data: bytes, size: int, tasks: int, prefix: str) -> dict:
    blobs = [data[start:start + size] for start in range(0, len(data), size)]

    def put(item) -> float:
        number, blob = item
        start = time.perf_counter()
        if size <= 16 << 20:
            client.put_object(Bucket=BUCKET, Key=f"{prefix}/{number}", Body=blob)
        else:
            client.upload_fileobj(io.BytesIO(blob), BUCKET, f"{prefix}/{number}")
        return (time.perf_counter() - start) * 1000

    start = time.perf_counter()
    if tasks == 1:
        times = [put(item) for item in enumerate(blobs)]
    else:
        with concurrent.futures.ThreadPoolExecutor(tasks) as pool:
            times = list(pool.map(put, enumerate(blobs)))
    return {"seconds": time.perf_counter() - start, "milliseconds": times}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--weed", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="imago-bench-s3-") as temporary:
        folder = pathlib.Path(temporary)
        (folder / "weed").mkdir()
        store = Store(options.weed, folder / "weed")
        imago = None
        try:
            store.wait()
            client = store.client()
            imago = subprocess.Popen(
                [options.binary, f"s3://{BUCKET}/imago?endpoint={store.endpoint}", str(folder / "local")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env={"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "PATH": os.environ["PATH"]})
            result = run(options.rounds, folder, client, imago)
        finally:
            if imago:
                imago.kill()
            store.process.kill()
            store.process.wait()
    print(json.dumps(result))


def run(rounds: int, folder: pathlib.Path, client, imago) -> dict:
    result = {"cases": {}}
    print(f"{'':18} {'Imago MB/s':>10} {'boto3 MB/s':>10} {'Imago p50 ms':>12} {'boto3 p50 ms':>12} {'time, x boto3':>13}")
    peak = 0
    for name, size, count, tasks in CASES:
        mine, theirs = [], []
        for number in range(rounds + 1):
            data = os.urandom(size * count)
            file = folder / "data"
            file.write_bytes(data)

            def through_imago() -> dict:
                imago.stdin.write(f"{file} {size} {tasks}\n")
                imago.stdin.flush()
                return json.loads(imago.stdout.readline())

            def through_boto3() -> dict:
                return with_boto3(client, data, size, tasks, f"boto3/{size}-{tasks}-{number}")

            # Who goes first changes, so that neither always finds the store as the other left it.
            if number % 2:
                b = through_boto3()
                a = through_imago()
            else:
                a = through_imago()
                b = through_boto3()
            peak = a["peak_mb"]
            # The first round warms up.
            if number:
                mine.append(a)
                theirs.append(b)
        megabytes = size * count / 1e6
        rates = [megabytes / statistics.median(r["seconds"] for r in rs) for rs in (mine, theirs)]
        p50 = [statistics.median(ms for r in rs for ms in r["milliseconds"]) for rs in (mine, theirs)]
        ratio = statistics.median(a["seconds"] / b["seconds"] for a, b in zip(mine, theirs))
        print(f"{name:18} {rates[0]:10.1f} {rates[1]:10.1f} {p50[0]:12.2f} {p50[1]:12.2f} {ratio:13.2f}")
        result["cases"][name] = {
            "imago_mb_s": round(rates[0], 1), "boto3_mb_s": round(rates[1], 1), "imago_p50_ms": round(p50[0], 2),
            "boto3_p50_ms": round(p50[1], 2), "time_ratio": round(ratio, 3)}
    result["worst_time_ratio"] = max(case["time_ratio"] for case in result["cases"].values())
    result["bar"] = 1.2
    result["imago_peak_mb"] = peak
    return result


if __name__ == "__main__":
    main()
