#!/bin/sh
# Measures text-to-image recall through a running server's API: `run.sh [--data DIR] ...`, see bench.py --help.
# Needs the release binary (`make build`) and Python 3; the photos are not part of the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/bench.py" "$@"
