#!/bin/sh
# Runs simglucose 0.2.11 and our simulator on the same day and prints values and speed side by side.
#
#   bench/peers/simglucose/run.sh [subject ...]        (default: adult#001 adolescent#001 child#001)
#
# Needs python3 with venv and access to PyPI. simglucose is installed without its dependencies (gym 0.9.4 no
# longer builds): `gym` is replaced by a stub of the one function that its import needs, and pkg_resources comes
# with setuptools before version 81. Nothing of simglucose is changed. The environment is kept in
# $PEERS_DIR (default: target/peers) and used again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=${PEERS_DIR:-$root/target/peers}/simglucose
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" -q install 'setuptools<81' numpy scipy pandas matplotlib
    "$venv/bin/pip" -q install --no-deps simglucose==0.2.11
fi
cargo build --release --quiet --manifest-path "${OUR_MANIFEST:-$root/Cargo.toml}" \
    -p homeostat-patients --example simulate
target=${CARGO_TARGET_DIR:-$root/target}
exec "$venv/bin/python" "$here/compare.py" "$target/release/examples/simulate" "$@"
