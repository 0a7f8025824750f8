#!/bin/sh
# Runs python-anesthesia-simulator 1.0.0 (PAS) and our simulator on the same hour and prints values and speed side by side.
#
#   bench/peers/python-anesthesia-simulator/run.sh
#
# Needs python3 with venv and access to PyPI. PAS 1.0.0 imports with NumPy below 2 alone, hence the pins. Nothing of PAS
# is changed. The environment is kept in $PEERS_DIR (default: target/peers) and used again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${PEERS_DIR:-$root/target/peers}/python-anesthesia-simulator
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" -q install numpy==1.26.4 scipy==1.13.1 pandas==2.2.3 \
        python-anesthesia-simulator==1.0.0
fi
cargo build --release --quiet --manifest-path "${OUR_MANIFEST:-$root/Cargo.toml}" -p homeostat-cli
target=${CARGO_TARGET_DIR:-$root/target}
exec "$venv/bin/python" "$here/compare.py" "$target/release/homeostat"
