#!/bin/sh
# Measures vector search beside other engines: `run.sh [--count N] [--peers LIST] ...`, see bench.py --help.
# Needs Python 3 with venv and, the first time, the package registry. A full run with a million vectors takes about an
# hour, most of it the peers' graph builds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python="$root/.deps/bench-python"
if ! cmp -s "$here/requirements.txt" "$python/requirements.txt"; then
    echo "making the Python environment of the peers" >&2
    python3 -m venv "$python"
    "$python/bin/pip" install -q -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$python/requirements.txt"
fi
swift build -c release --package-path "$here" >&2
exec "$python/bin/python" "$here/bench.py" "$here/.build/release/VectorBench" \
    --folder "${IMAGO_BENCH_DATA:-$root/.build/bench-vectors}" "$@"
