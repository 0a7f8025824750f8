"""Makes vectors, scores them by Red Hat's library and by ours, and counts what differs.

    compare.py OUR-EXAMPLE
"""

import itertools
import random
import subprocess
import sys

from cvss import CVSS2, CVSS3, CVSS4

DRAWN = 10_000
BASE2 = {"AV": "LAN", "AC": "HML", "Au": "MSN", "C": "NPC", "I": "NPC", "A": "NPC"}
MORE2 = {
    "E": ["ND", "U", "POC", "F", "H"], "RL": ["ND", "OF", "TF", "W", "U"], "RC": ["ND", "UC", "UR", "C"],
    "CDP": ["ND", "N", "L", "LM", "MH", "H"], "TD": ["ND", "N", "L", "M", "H"],
    "CR": ["ND", "L", "M", "H"], "IR": ["ND", "L", "M", "H"], "AR": ["ND", "L", "M", "H"],
}
BASE3 = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "NLH", "I": "NLH", "A": "NLH"}
MORE3 = {
    "E": "XUPFH", "RL": "XOTWU", "RC": "XURC", "CR": "XLMH", "IR": "XLMH", "AR": "XLMH",
    "MAV": "XNALP", "MAC": "XLH", "MPR": "XNLH", "MUI": "XNR", "MS": "XUC", "MC": "XNLH", "MI": "XNLH", "MA": "XNLH",
}
BASE4 = {
    "AV": "NALP", "AC": "LH", "AT": "NP", "PR": "NLH", "UI": "NPA",
    "VC": "HLN", "VI": "HLN", "VA": "HLN", "SC": "HLN", "SI": "HLN", "SA": "HLN",
}
MORE4 = {
    "E": "XAPU", "CR": "XHML", "IR": "XHML", "AR": "XHML", "MAV": "XNALP", "MAC": "XLH", "MAT": "XNP",
    "MPR": "XNLH", "MUI": "XNPA", "MVC": "XHLN", "MVI": "XHLN", "MVA": "XHLN", "MSC": "XHLN", "MSI": "XSHLN", "MSA": "XSHLN",
}


def written(head, metrics):
    return head + "/".join(f"{name}:{value}" for name, value in metrics.items())


def every(head, base):
    for values in itertools.product(*base.values()):
        yield written(head, dict(zip(base, values)))


def drawn(numbers, head, base, more):
    for _ in range(DRAWN):
        metrics = {name: numbers.choice(values) for name, values in base.items()}
        for name, values in more.items():
            if numbers.random() < 0.5:
                metrics[name] = numbers.choice(values)
        yield written(head, metrics)


def vectors():
    numbers = random.Random(20_261_122)
    yield "2.0", CVSS2, itertools.chain(every("", BASE2), drawn(numbers, "", BASE2, MORE2))
    for version in ("3.0", "3.1"):
        head = f"CVSS:{version}/"
        yield version, CVSS3, itertools.chain(every(head, BASE3), drawn(numbers, head, BASE3, MORE3))
    head = "CVSS:4.0/"
    yield "4.0", CVSS4, itertools.chain(drawn(numbers, head, BASE4, {}), drawn(numbers, head, BASE4, MORE4))


def main():
    wrong = 0
    for version, scorer, made in vectors():
        made = list(made)
        done = subprocess.run([sys.argv[1]], input="\n".join(made), capture_output=True, text=True, check=True)
        ours = done.stdout.splitlines()
        differ = []
        for vector, own in zip(made, ours, strict=True):
            scores = scorer(vector).scores()
            # Ours are empty where the vector has no such metric; theirs repeat the score before or are None.
            own = own.split(",")
            pairs = zip(own, scores)
            if own[0] == "" or any(a != "" and b is not None and float(a) != float(b) for a, b in pairs):
                differ.append((vector, own, scores))
        wrong += len(differ)
        print(f"CVSS {version}: {len(made)} vectors, {len(differ)} differ")
        for one in differ[:5]:
            print("  ", *one)
    sys.exit(wrong != 0)


main()
