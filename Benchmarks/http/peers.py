"""What the service is measured beside: the disk itself, nginx, and a Python loop on the same model."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from service import free_port  # noqa: E402


def disk(content, concurrency, count):
    """Files of these bytes a second, each written, flushed, renamed into place and its folder flushed."""
    with tempfile.TemporaryDirectory(prefix="imago-bench-disk-") as folder:

        def store(number):
            path = f"{folder}/{number}"
            descriptor = os.open(path + ".part", os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(descriptor, content)
            os.fsync(descriptor)
            os.close(descriptor)
            os.rename(path + ".part", path)
            descriptor = os.open(folder, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

        began = time.perf_counter()
        with ThreadPoolExecutor(concurrency) as pool:
            list(pool.map(store, range(count)))
        return count / (time.perf_counter() - began)


class Nginx:
    """nginx with its usual settings (sendfile, a worker a core), serving one folder."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="imago-bench-nginx-")
        root = Path(self.folder.name)
        root.chmod(0o755)
        self.port, self.files = free_port(), root / "files"
        self.files.mkdir()
        user = "user root;" if os.geteuid() == 0 else ""
        (root / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes auto; pid {root}/pid; error_log {root}/error.log;\n"
            "events { worker_connections 1024; }\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
            f"  client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;\n"
            f"  uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;\n"
            f"  server {{ listen 127.0.0.1:{self.port}; root {self.files}; }} }}\n"
        )
        command = [shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"), "-c", str(root / "nginx.conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def wrk(url, connections, seconds):
    """Requests and megabytes a second and milliseconds, as wrk reports them through a script of its own."""
    script = Path(__file__).with_name("report.lua")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return json.loads(lines[-1])


def python_loop(model, paths, precision, batch):
    """Images a second of Pillow and the inference runtime's Python interface, one photo after the other."""
    import openvino
    from PIL import Image

    settings = json.loads((model / "manifest.json").read_text())["image"]
    options = {"INFERENCE_PRECISION_HINT": precision} if precision else {}
    graph = openvino.Core().compile_model(model / settings["graph"], "CPU", options)
    size = settings["size"]
    mean, deviation = np.float32(settings["mean"]), np.float32(settings["std"])

    def pixels(path):
        picture = Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
        return ((np.asarray(picture, np.float32) / 255 - mean) / deviation).transpose(2, 0, 1)

    graph(np.stack([pixels(path) for path in paths[:batch]]))
    began = time.perf_counter()
    for start in range(0, len(paths), batch):
        graph(np.stack([pixels(path) for path in paths[start : start + batch]]))
    return len(paths) / (time.perf_counter() - began)
