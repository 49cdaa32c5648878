#!/bin/sh
# Measures uploads, content, memory and indexing of a real server: `run.sh [--parts LIST] ...`, see bench.py --help.
# Needs the release binary (`make build`), Python 3 with venv and, the first time, the package registry. Content is
# measured with wrk beside nginx (Debian: `apt-get install wrk nginx-light`); without them that part is left out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python="$root/.deps/bench-http-python"
if ! cmp -s "$here/requirements.txt" "$python/requirements.txt"; then
    echo "making the Python environment" >&2
    python3 -m venv "$python"
    "$python/bin/pip" --disable-pip-version-check install -q -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$python/requirements.txt"
fi
exec "$python/bin/python" "$here/bench.py" "$@"
