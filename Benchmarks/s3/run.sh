#!/bin/sh
# Measures uploads to an S3 store beside boto3: `run.sh [--rounds N]`, see bench.py --help. About a minute.
# Needs Python 3 with venv, and `scripts/bootstrap --test` for the store.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
weed="$root/.deps/seaweedfs/weed"
[ -x "$weed" ] || { echo "$weed is missing; run scripts/bootstrap --test" >&2; exit 1; }
python="$root/.deps/bench-s3-python"
if ! cmp -s "$here/requirements.txt" "$python/requirements.txt"; then
    echo "making the Python environment of boto3" >&2
    python3 -m venv "$python"
    "$python/bin/pip" install -q -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$python/requirements.txt"
fi
swift build -c release --package-path "$here" >&2
exec "$python/bin/python" "$here/bench.py" "$here/.build/release/S3Bench" --weed "$weed" "$@"
