#!/bin/sh
# Scores of CVSS 2, 3.0, 3.1 and 4.0 by Red Hat's library (PyPI cvss 3.6) and by ours, over every base vector of 2 and 3
# and a seeded draw of the others: where they differ. Ends with 0 only if they do nowhere.
#
#   bench/peers/cvss/run.sh
#
# Needs python3 with venv and access to PyPI. The library (LGPL) is installed into an environment of its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${PEERS_DIR:-$root/target/peers}/cvss
if [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" -q install cvss==3.6
fi
cargo build --release --quiet --manifest-path "$root/Cargo.toml" -p homeostat-postmarket --example scores
exec "$work/venv/bin/python" "$here/compare.py" "${CARGO_TARGET_DIR:-$root/target}/release/examples/scores"
