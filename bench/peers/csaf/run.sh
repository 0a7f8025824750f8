#!/bin/sh
# Publishes decisions about the committed example (data/old) as CSAF 2.0 and 2.1, advisory and VEX profile, and runs
# csaf-rs 0.6.1 over the documents.
#
#   bench/peers/csaf/run.sh
#
# Exit code 1 if the schema or a mandatory test fails for any document. HOMEOSTAT names a built command to be used.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${PEERS_DIR:-$root/target/peers}/csaf
rm -rf "$out/published" "$out"/office.db*
mkdir -p "$out/published"

homeostat() {
    if [ -n "${HOMEOSTAT:-}" ]; then
        "$HOMEOSTAT" "$@"
    else
        cargo run --quiet --manifest-path "$root/Cargo.toml" -p homeostat-cli -- "$@"
    fi
}

# A decision about a finding, and what is told of it: finding, line about the fix, more arguments of `assess`.
publish() {
    finding=$1 fix=$2
    shift 2
    homeostat vuln assess "$finding" --store "$out/office.db" --at 2026-11-22T09:00:00Z \
        --by "A. First" --role "security lead" "$@" > "$out/decision.txt"
    cat > "$out/notice.toml" <<NOTICE
id = "MAKER-2026-$finding"
title = "A component of the gateway"
product-purl = "pkg:generic/maker/gateway@2.4.0"
description = "An input that is made for it stops the gateway."
action = "Keep the cabinet locked until a fix is there."
$fix
[[revision]]
time = "2026-11-22T10:00:00Z"
summary = "First"
NOTICE
    homeostat vuln publish "$finding" --store "$out/office.db" --at 2026-11-22T11:00:00Z \
        --notice "$out/notice.toml" --out "$out/published/$finding" > "$out/files.txt"
}

# It ends with 1, since something new is found.
homeostat vuln watch --store "$out/office.db" --office "$root/data/old/office.toml" \
    --mirror "$root/data/feeds.mirror" --at 2026-11-22T08:00:00Z > "$out/watch.txt" || test $? -eq 1
publish F-6 'fixed-in = "2.4.1"'
publish F-5 ''
publish F-4 '' --not-affected vulnerable_code_not_in_execute_path --evidence "call graph CG-3"
CARGO_TARGET_DIR=${PEERS_TARGET_DIR:-$out/target} cargo run --quiet --manifest-path "$here/Cargo.toml" -- \
    "$out"/published/*/csaf-*/*/*.json
