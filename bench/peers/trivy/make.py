"""Makes what both sides scan: 8,000 advisories in OSV's form, the same as Trivy's database, and bills of Cargo
packages in CycloneDX 1.6.

    make.py FOLDER [OSV-FOLDER]

Real advisories of RustSec come from OSV-FOLDER; what is missing to 8,000 is made up from a seed, over the same names.
"""

import json
import pathlib
import random
import sys

import bolt

ADVISORIES = 8_000
BILLS = (0, 500, 1_000, 5_000, 20_000)
BUCKET = "cargo::GitHub Security Advisory Rust"


def skewed(numbers, bound):
    """Small numbers far more often than large ones, as names are."""
    return numbers.randrange(bound) * numbers.randrange(bound) // bound


def version(numbers):
    return f"{numbers.randrange(3)}.{numbers.randrange(12)}.{numbers.randrange(8)}"


def order(text):
    return tuple(int(part) for part in text.split("."))


def made_up(number, names, numbers):
    first, second = sorted((version(numbers), version(numbers)), key=order)
    events = [{"introduced": first}, {"fixed": second}]
    return {
        "id": f"MADE-2026-{number}",
        "modified": "2026-01-01T00:00:00Z",
        "summary": "made up for the comparison",
        "details": "A made-up advisory over a real name. " * 8,
        "affected": [
            {
                "package": {"ecosystem": "crates.io", "name": names[skewed(numbers, len(names))]},
                "ranges": [{"type": "SEMVER", "events": events}],
            }
        ],
    }


def intervals(entry):
    """OSV's events as the constraints of Trivy's database."""
    for span in entry.get("ranges", []):
        if span["type"] != "SEMVER":
            continue
        start = None
        for event in span["events"]:
            if "introduced" in event:
                start = event["introduced"]
            elif start is not None:
                end = f"<{event['fixed']}" if "fixed" in event else f"<={event['last_affected']}"
                yield f">={start}, {end}"
                start = None
        if start is not None:
            yield f">={start}"


def database(advisories):
    packages, vulnerabilities = {}, {}
    for one in advisories:
        if "withdrawn" in one:
            continue
        for entry in one.get("affected", []):
            found = list(intervals(entry))
            name = entry["package"]["name"].encode()
            if found:
                value = json.dumps({"VulnerableVersions": found}).encode()
                packages.setdefault(name, {})[one["id"].encode()] = value
        words = {"Title": one.get("summary", ""), "Description": one.get("details", "")}
        words |= {"Severity": "HIGH", "References": [r["url"] for r in one.get("references", [])]}
        vulnerabilities[one["id"].encode()] = json.dumps(words).encode()
    source = {"ID": "ghsa", "Name": "made for a comparison", "URL": "https://example.org"}
    return {
        BUCKET.encode(): packages,
        b"data-source": {BUCKET.encode(): json.dumps(source).encode()},
        b"vulnerability": vulnerabilities,
    }


def bill(components):
    each = [
        {
            "type": "library",
            "bom-ref": f"{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:cargo/{name}@{version}",
        }
        for name, version in components
    ]
    root = {"type": "application", "bom-ref": "root", "name": "made-up", "version": "1.0.0"}
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    return head | {"metadata": {"component": root}, "components": each}


def main():
    out = pathlib.Path(sys.argv[1])
    numbers = random.Random(20_261_122)
    real = sorted(pathlib.Path(sys.argv[2]).rglob("*.json")) if len(sys.argv) > 2 else []
    advisories = [json.loads(path.read_bytes()) for path in real]
    names = {entry["package"]["name"] for one in advisories for entry in one.get("affected", [])}
    names |= {f"made-{number:05}" for number in numbers.sample(range(100_000), 4_000 - len(names))}
    names = sorted(names)
    numbers.shuffle(names)
    advisories += [made_up(n, names, numbers) for n in range(len(advisories), ADVISORIES)]

    (out / "osv").mkdir(parents=True, exist_ok=True)
    for one in advisories:
        (out / "osv" / f"{one['id']}.json").write_text(json.dumps(one))
    (out / "cache/db").mkdir(parents=True, exist_ok=True)
    bolt.write(out / "cache/db/trivy.db", database(advisories))
    far = "2099-01-01T00:00:00Z"
    metadata = {"Version": 2, "NextUpdate": far, "UpdatedAt": far, "DownloadedAt": far}
    (out / "cache/db/metadata.json").write_text(json.dumps(metadata))
    for size in BILLS:
        pool = set()
        while len(pool) < size:
            pool.add((names[skewed(numbers, len(names))], version(numbers)))
        (out / f"bill-{size}.json").write_text(json.dumps(bill(sorted(pool))))
    print(f"{len(real)} advisories of RustSec, {len(advisories) - len(real)} made up")


main()
