"""A server of its own for a benchmark (its own data folder, a free port) and a small client. Standard library only."""

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / ".build" / "release" / "imago"


def default_data():
    """Where the photos are: IMAGO_SHARED_DATA, or `shared/data` beside the checkout."""
    return Path(os.environ.get("IMAGO_SHARED_DATA") or ROOT.parent / "shared" / "data")


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{line.partition(':')[2].strip()}, {os.cpu_count()} cores"
    return f"unknown, {os.cpu_count()} cores"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`with Server(options) as server:` starts the binary in a fresh folder and stops it in good order."""

    def __init__(self, *options, binary=BINARY, folder=None):
        self.binary, self.options = str(binary), options
        if not Path(self.binary).exists():
            raise SystemExit(f"{binary} is missing: run `make build` first")
        self.temporary = tempfile.TemporaryDirectory(prefix="imago-bench-", dir=folder)
        self.data = Path(self.temporary.name) / "data"
        self.port = free_port()

    def __enter__(self):
        command = [self.binary, "serve", "--port", str(self.port), "--data-dir", str(self.data), *self.options]
        self.log = open(Path(self.temporary.name) / "log", "w+")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                self.log.seek(0)
                raise SystemExit("the server did not start:\n" + self.log.read()[-2000:])
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.temporary.cleanup()

    def ready(self):
        try:
            return Client(self.port, "").request("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def key(self, account):
        command = [self.binary, "keys", "create", "--account", account, "--data-dir", str(self.data)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def client(self, account="bench"):
        return Client(self.port, self.key(account))

    def memory(self, field="VmRSS"):
        """A size from the process's status, in bytes: VmRSS now, VmHWM at its highest."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise KeyError(field)

    def forget_peak(self):
        """Lets VmHWM start again from now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


class Client:
    """One kept connection."""

    def __init__(self, port, key):
        self.port, self.key = port, key
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def another(self):
        return Client(self.port, self.key)

    def request(self, method, path, body=None, content_type=None):
        """Status and body."""
        headers = {"X-Api-Key": self.key} if self.key else {}
        if content_type:
            headers["Content-Type"] = content_type
        self.connection.request(method, path, body, headers)
        if self.connection.sock:  # small requests must not wait for the other side's delayed acknowledgement
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        response = self.connection.getresponse()
        return response.status, response.read()

    def call(self, method, path, value=None):
        """JSON to JSON; any status but 200 ends the benchmark."""
        body = None if value is None else json.dumps(value).encode()
        status, answer = self.request(method, path, body, "application/json" if body else None)
        if status != 200:
            raise SystemExit(f"{method} {path}: {status} {answer[:500]!r}")
        return json.loads(answer)

    def upload(self, files, metadata=None):
        """(name, bytes) pairs; returns their image objects."""
        body, content_type = multipart(files, metadata)
        status, answer = self.request("POST", "/v1/images/upload", body, content_type)
        if status != 200:
            raise SystemExit(f"upload: {status} {answer[:500]!r}")
        return json.loads(answer)["results"]

    def wait_until_indexed(self, minutes=30):
        deadline = time.monotonic() + 60 * minutes
        count = lambda status: self.call("GET", f"/v1/images?limit=1&indexing_status={status}")["total"]
        while count(1):
            if time.monotonic() > deadline:
                raise SystemExit("indexing did not finish")
            time.sleep(0.1)
        if failed := count(3):
            raise SystemExit(f"{failed} images could not be indexed")


def multipart(files, metadata=None, boundary="imago-benchmark-boundary-4f1c"):
    parts = []
    if metadata is not None:
        parts += [f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'.encode()]
        parts += [json.dumps(metadata).encode(), b"\r\n"]
    for name, content in files:
        name = urllib.parse.quote(name)
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="images"; filename="{name}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n".encode()
        )
        parts += [content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def in_threads(client, count, items, action):
    """action(client, item) for every item, on `count` connections; results in the items' order."""
    clients = [client.another() for _ in range(count)]
    results = [None] * len(items)
    queue = iter(enumerate(items))  # next() on it is atomic under the interpreter's lock

    def work(own):
        for index, item in queue:
            results[index] = action(own, item)

    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(work, own) for own in clients]:
            future.result()
    return results


def percentile(values, part):
    """The nearest rank, `part` in 0..1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
