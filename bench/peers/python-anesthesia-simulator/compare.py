"""One anaesthetic of an hour in python-anesthesia-simulator 1.0.0 (PAS) and in ours.

Columns: the largest differences over the hour in effect-site concentration of propofol (ug/mL) and in the index,
and CPU seconds per patient-hour of each program at a step of 1 s, measured in this run. PAS is used as it is,
its data frame off (which is its quickest way of stepping). Models with known faults in PAS 1.0.0 are shown for
what they are: its Eleveld propofol differs in women, its Eleveld remifentanil everywhere.
"""
import csv
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")

from python_anesthesia_simulator import simulator  # noqa: E402

SECONDS = 3600
# Person: age, height, weight, male; models of propofol and remifentanil in PAS and in ours.
PEOPLE = [
    ("man, Schnider, Minto", (45, 178, 80, 1), ("Schnider", "Minto"), ("schnider", "minto")),
    ("woman, Schnider, Minto", (38, 163, 59, 0), ("Schnider", "Minto"), ("schnider", "minto")),
    ("man, Marsh, Minto", (30, 180, 75, 1), ("Marsh_modified", "Minto"), ("marsh-modified", "minto")),
    ("man, Eleveld, Minto", (35, 170, 70, 1), ("Eleveld", "Minto"), ("eleveld", "minto")),
    ("woman, Eleveld, Minto", (35, 163, 60, 0), ("Eleveld", "Minto"), ("eleveld", "minto")),
    ("man, Eleveld both", (55, 175, 85, 1), ("Eleveld", "Eleveld"), ("eleveld", "eleveld")),
]


def rates(second):
    """Propofol in mg/s and remifentanil in ug/s: induction, maintenance, a stop, less."""
    if second < 60:
        return 2.0, 0.3
    if second < 1500:
        return 0.18, 0.12
    if second < 1800:
        return 0.0, 0.05
    return 0.14, 0.1


def theirs(person, models, seconds):
    patient = simulator.Patient(list(person), model_propo=models[0], model_remi=models[1],
                                ts=1, save_data_bool=False)
    course = []
    start = time.process_time()
    for second in range(seconds):
        propofol, remifentanil = rates(second)
        patient.one_step(propofol, remifentanil, noise=False)
        course.append((patient.propo_pk.x[3], patient.bis))
    spent = time.process_time() - start
    return [tuple(float(x.item() if hasattr(x, "item") else x) for x in row)
            for row in course], spent


def ours(program, rows, folder, out):
    cohort, inputs = os.path.join(folder, "people.csv"), os.path.join(folder, "rates.csv")
    with open(cohort, "w", encoding="utf-8") as file:
        file.write("subject,age,height,weight,sex,propofol_model,remifentanil_model,bis_model,"
                   "norepinephrine_model,opioids,delay\n")
        for name, (age, height, weight, male), models in rows:
            sex = "male" if male else "female"
            file.write(f"{name},{age},{height},{weight},{sex},{models[0]},{models[1]},bouillon,none,yes,0\n")
    with open(inputs, "w", encoding="utf-8") as file:
        file.write("subject,second,propofol_mg_per_s,remifentanil_ug_per_s\n")
        for second in [0, 60, 1500, 1800, SECONDS]:
            propofol, remifentanil = rates(second)
            for name, *_ in rows:
                file.write(f"{name},{second},{propofol},{remifentanil}\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "simulate", "--therapy", "propofol", "--cohort", cohort, "--inputs",
                    inputs, "--out", out, "--every", str(1 if len(rows) < 10 else SECONDS)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.csv")
        rows = [(f"p{index}", person, models)
                for index, (_, person, _, models) in enumerate(PEOPLE)]
        ours(program, rows, folder, out)
        courses = {}
        with open(out, encoding="utf-8") as file:
            for row in csv.DictReader(io.StringIO(file.read())):
                key = [name for name in row if "effect" in name and "propofol" in name][0]
                courses.setdefault(row["subject"], {})[int(row["second"])] = (
                    float(row[key]), float(row["bis_undelayed"]))
        many = [(f"p{index}", PEOPLE[0][1], PEOPLE[0][3]) for index in range(400)]
        few = many[:100]
        cost = (ours(program, many, folder, out) - ours(program, few, folder, out)) / 300
    head = ("person and models", "Ce apart", "index apart", "CPU PAS", "CPU ours", "times faster")
    print("{:24}{:>12}{:>14}{:>12}{:>13}{:>15}".format(*head))
    for index, (name, person, models, _) in enumerate(PEOPLE):
        their, spent = theirs(person, models, SECONDS)
        mine = courses[f"p{index}"]
        # PAS tells the state before the step's rate has acted.
        best = min(range(-1, 2), key=lambda lag: max(
            abs(their[t + lag][0] - mine[t][0]) for t in range(10, SECONDS - 10)))
        span = range(10, SECONDS - 10)
        effect = max(abs(their[t + best][0] - mine[t][0]) for t in span)
        shown = max(abs(their[t + best][1] - mine[t][1]) for t in span)
        print(f"{name:24}{effect:12.2e}{shown:14.2e}{spent:10.3f} s{cost * 1e3:10.3f} ms"
              f"{spent / cost:15.0f}")


if __name__ == "__main__":
    main()
