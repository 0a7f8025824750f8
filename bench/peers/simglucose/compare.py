"""One patient-day per subject in simglucose 0.2.11, in scipy at a tight tolerance, and in ours.

Columns: the largest differences of subcutaneous glucose over the day (mg/dL), and CPU seconds per
patient-day of each program, measured in this run. simglucose is used as it is (its patient stepped by its
own code). "tight" is simglucose's own right-hand side under scipy's DOP853 at rtol 1e-11, restarted every
minute with steps of at most 0.05 min: it tells whose error a difference is.
"""
import contextlib
import io
import resource
import subprocess
import sys
import time
import types
import warnings

warnings.filterwarnings("ignore")
registration = types.ModuleType("gym.envs.registration")
registration.register = lambda **_: None
for name in ("gym", "gym.envs"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["gym.envs.registration"] = registration

from scipy.integrate import solve_ivp  # noqa: E402
from simglucose.patient.t1dpatient import Action, T1DPatient  # noqa: E402

MEALS = {420: 45.0, 720: 70.0, 1080: 80.0}
MINUTES = 1440


def plan(name, patient):
    """The day: meals, a bolus at 0.8 of the ratio 12, the basal changed twice."""
    p = patient._params
    basal = p.u2ss * p.BW / 6000 * 60
    rows = []
    for minute, meal in MEALS.items():
        rows.append((minute, meal, round(0.8 * meal / 12, 2), None))
    rows.append((600, None, None, round(basal * 1.4, 4)))
    rows.append((840, None, None, round(basal * 0.3, 4)))
    rows.append((1000, None, None, round(basal, 4)))
    return basal, sorted(rows)


def minute_actions(basal, rows):
    """What simglucose is told each minute: a whole meal, insulin in U/min."""
    rate = basal
    for minute in range(MINUTES):
        meal, bolus = 0.0, 0.0
        for when, grams, units, new in rows:
            if when == minute:
                meal, bolus = grams or 0.0, units or 0.0
                rate = new if new is not None else rate
        yield Action(CHO=meal, insulin=rate / 60 + bolus)


def simglucose_day(name, basal, rows):
    patient = T1DPatient.withName(name)
    course = [patient.observation.Gsub]
    start = time.process_time()
    for action in minute_actions(basal, rows):
        patient.step(action)
        course.append(patient.observation.Gsub)
    return course, time.process_time() - start


def tight_day(name, basal, rows):
    """simglucose's equations, an accurate solver, plain numbers instead of a table row."""
    patient = T1DPatient.withName(name)
    p = types.SimpleNamespace(**patient._params.to_dict())
    x = patient.init_state.astype(float)
    last_stomach, last_food, was_eating, plate = 0.0, 0.0, False, 0.0
    course = [x[12] / p.Vg]
    for action in minute_actions(basal, rows):
        plate += action.CHO
        bite = min(5.0, plate)
        plate -= bite
        if bite > 0 and not was_eating:
            last_stomach, last_food = x[0] + x[1], 0.0
        last_food += bite
        was_eating = bite > 0
        now = Action(CHO=bite, insulin=action.insulin)
        solution = solve_ivp(
            T1DPatient.model, (0.0, 1.0), x, method="DOP853", rtol=1e-11, atol=1e-10,
            max_step=0.05, args=(now, p, last_stomach, last_food))
        x = solution.y[:, -1]
        course.append(x[12] / p.Vg)
    return course


def our_days(program, plans):
    """Ours: the courses, and CPU seconds per patient-day from many repetitions."""
    lines = ["subject,minute,meal_g,bolus_u,basal_u_per_h"]
    for name, (_, rows) in plans.items():
        for minute, *fields in rows:
            cells = ["" if field is None else repr(float(field)) for field in fields]
            lines.append(",".join([name, str(minute), *cells]))
    table = "\n".join(lines) + "\n"

    def run(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = subprocess.run([program, "1", str(times)], input=table, text=True,
                                stdout=subprocess.PIPE, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return result.stdout, spent

    out, once = run(1)
    times = 6000 // len(plans)
    _, many = run(times)
    courses = {}
    for line in out.splitlines()[1:]:
        name, minute, _, subcutaneous = line.split(",")
        courses.setdefault(name, {})[int(minute)] = float(subcutaneous)
    return courses, (many - once) / (times - 1) / len(plans)


def main():
    program, names = sys.argv[1], sys.argv[2:]
    names = names or ["adult#001", "adolescent#001", "child#001"]
    everyone = [f"{group}#{number:03}" for group in ("adolescent", "adult", "child")
                for number in range(1, 11)]
    with contextlib.redirect_stderr(io.StringIO()):
        plans = {name: plan(name, T1DPatient.withName(name)) for name in everyone}
    ours, our_cost = our_days(program, plans)
    _, single_cost = our_days(program, {names[0]: plans[names[0]]})
    head = ("subject", "ours-tight", "simglucose-tight", "ours-simglucose", "CPU simglucose",
            "CPU ours", "times faster")
    print("{:16}{:>12}{:>18}{:>17}{:>16}{:>12}{:>14}".format(*head))
    for name in names:
        basal, rows = plans[name]
        theirs, cost = simglucose_day(name, basal, rows)
        tight = tight_day(name, basal, rows)
        mine = ours[name]

        def largest(a, b):
            return max(abs(a[t] - b[t]) for t in mine)

        print("{:16}{:12.2e}{:18.2e}{:17.2e}{:14.3f} s{:9.3f} ms{:14.0f}".format(
            name, largest(mine, tight), largest(theirs, tight), largest(mine, theirs), cost,
            our_cost * 1e3, cost / our_cost))
    print(f"\nours, patient-days per CPU second: {1 / our_cost:.0f} (30 subjects side by side), "
          f"{1 / single_cost:.0f} (one subject)")


if __name__ == "__main__":
    main()
