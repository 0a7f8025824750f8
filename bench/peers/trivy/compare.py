"""Runs Trivy and ours on the same bills and prints what each costs and whether they find the same.

    compare.py TRIVY OUR-EXAMPLE FOLDER
"""

import json
import pathlib
import statistics
import subprocess
import sys

ROUNDS = 5


def run(arguments):
    """Processor seconds and peak memory in MB of a command as a whole process, and what it printed."""
    script = "import os,sys;p=os.spawnvp(os.P_WAIT,sys.argv[1],sys.argv[1:]);import resource as r;" \
        "u=r.getrusage(r.RUSAGE_CHILDREN);print(u.ru_utime+u.ru_stime,u.ru_maxrss/1024);sys.exit(p)"
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]}: exit {done.returncode}: {done.stderr[-500:]}")
    *printed, last = done.stdout.strip().splitlines()
    seconds, megabytes = map(float, last.split())
    return seconds, megabytes, printed


def trivy(program, folder, bill, out):
    return run([
        program, "sbom", "--quiet", "--offline-scan", "--skip-db-update", "--skip-java-db-update",
        "--skip-vex-repo-update", "--cache-dir", f"{folder}/cache", "--format", "json",
        "--output", str(out), str(bill),
    ])


def theirs(out):
    results = json.loads(out.read_text()).get("Results") or []
    return {
        (one["PkgName"], one["InstalledVersion"], one["VulnerabilityID"])
        for result in results
        for one in result.get("Vulnerabilities") or []
    }


def ours(out):
    """Sure findings; one row of ours may stand for several advisories of one vulnerability."""
    return {
        (one["component"], one["version"], source.split()[-1])
        for one in json.loads(out.read_text())["findings"]
        if not one["uncertain"]
        for source in one["sources"]
    }


def main():
    program, example, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    mine, other = folder / "ours.json", folder / "trivy.json"
    empty = statistics.median(
        trivy(program, folder, folder / "bill-0.json", other)[0] for _ in range(ROUNDS)
    )
    print(f"Trivy on an empty bill: {empty:.3f} s CPU")
    head = ("components", "findings", "only Trivy", "only ours", "CPU Trivy", "match", "ratio",
            "and report", "ratio", "MB Trivy", "MB ours", "ratio")
    print("  ".join(f"{word:>11}" for word in head))
    for size in (500, 1_000, 5_000, 20_000):
        bill = folder / f"bill-{size}.json"
        peers, own = [], []
        for _ in range(ROUNDS):  # in turn, so that both meet the same machine
            peers.append(trivy(program, folder, bill, other))
            _, megabytes, printed = run([example, f"{folder}/osv", str(bill), "21", str(mine)])
            said = json.loads(printed[-1])
            own.append((said["matched"], said["reported"], megabytes))
        cpu = statistics.median(seconds for seconds, _, _ in peers)
        memory = statistics.median(megabytes for _, megabytes, _ in peers)
        warm, whole, used = (statistics.median(one[part] for one in own) for part in range(3))
        a, b = theirs(other), ours(mine)
        row = (f"{size}", f"{len(a & b)}", f"{len(a - b)}", f"{len(b - a)}", f"{cpu:.3f} s",
               f"{warm * 1e3:.1f} ms", f"{cpu / warm:.0f}", f"{whole * 1e3:.1f} ms", f"{cpu / whole:.0f}",
               f"{memory:.0f}", f"{used:.0f}", f"{memory / used:.1f}")
        print("  ".join(f"{word:>11}" for word in row))


main()
