#!/bin/sh
# Writes CSAF 2.0 and 2.1 (advisory and VEX profile, every status) out of decisions made for the purpose, and runs
# csaf-rs 0.6.1 over them.
#
#   bench/peers/csaf/run.sh
#
# Exit code 1 if the schema or a mandatory test fails for any document.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${PEERS_DIR:-$root/target/peers}/csaf
mkdir -p "$out"
cargo run --quiet --manifest-path "$root/Cargo.toml" -p homeostat-postmarket --example publish_csaf -- "$out"
CARGO_TARGET_DIR=${PEERS_TARGET_DIR:-$out/target} cargo run --quiet --manifest-path "$here/Cargo.toml" -- "$out"/*.json
