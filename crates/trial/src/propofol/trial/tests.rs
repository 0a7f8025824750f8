use super::*;
use crate::propofol::scenario::{
    Arm, Control, ControllerFault, Coordinated, FaultKind, StimulusProfile, TARGETS, When,
    builtin_hazards, standard,
};

/// A short trial: two people, a person's dose and the predictive controller, twelve minutes.
fn short() -> Scenario {
    let mut scenario = standard();
    scenario.minutes = 12;
    scenario.stimulus = StimulusProfile::Random;
    scenario.patients.count = Some(2);
    scenario.arms = [Control::Tci, Control::Mpc].map(Arm::usual).to_vec();
    scenario.seeds.count = 2;
    scenario
}

fn heads(jobs: usize) -> Vec<(CellKey, String, Vec<f64>)> {
    let trial = Trial::prepare(short()).expect("the people can be drawn");
    let results = trial.run(None, jobs, &|| {}).expect("it runs");
    results.into_iter().map(|(key, cell)| (key, cell.findings.root, cell.course)).collect()
}

#[test]
fn sim_14_same_seed_same_bytes_whatever_the_number_of_jobs() {
    let one = heads(1);
    assert_eq!(one.len(), 8);
    assert_eq!(one, heads(2));
    let unique: std::collections::BTreeSet<&String> = one.iter().map(|(_, root, _)| root).collect();
    assert_eq!(unique.len(), 8, "every cell has a head of its own");
}

#[test]
fn sim_14_a_cell_is_the_same_alone_and_in_company() {
    let company = Trial::prepare(short()).expect("the people can be drawn");
    let mut alone = short();
    alone.patients.subjects = vec!["eleveld-adult#002".to_owned()];
    alone.patients.count = None;
    alone.arms.remove(0);
    (alone.seeds.first, alone.seeds.count) = (2, 1);
    let alone = Trial::prepare(alone).expect("the person can be drawn");
    let key = company.roster().key("mpc", None, "eleveld-adult#002", 2).expect("it is there");
    let there = company.cell(key).expect("it is there").run(crate::cells::BoxPlace::Memory);
    let here = alone.run(None, 1, &|| {}).expect("it runs");
    assert_eq!(here[0].1.findings.root, there.expect("it runs").findings.root);
}

#[test]
fn pro_01_everyone_is_put_to_sleep_and_every_checker_holds() {
    for period in [1, 5] {
        let mut scenario = short();
        scenario.period_seconds = period;
        scenario.pressure = period == 5;
        scenario.seeds.count = 1;
        let trial = Trial::prepare(scenario).expect("the people can be drawn");
        for (key, cell) in trial.run(None, 2, &|| {}).expect("it runs") {
            assert_eq!(cell.course.len(), 720);
            for verdict in &cell.findings.verdicts {
                assert!(verdict.holds(), "{key:?}: {verdict:?}");
            }
            let summary = cell.summary.expect("maintenance was lived");
            assert!(summary.drug_mg_per_kg > 0.5, "{key:?}: {summary:?}");
            assert!(summary.lowest < 80.0, "{key:?}: {summary:?}");
        }
    }
}

#[test]
fn names_that_are_not_there_are_refused() {
    let mut scenario = short();
    scenario.patients.cohort = CohortChoice::Ionescu;
    scenario.patients.count = None;
    scenario.patients.subjects = vec!["ionescu#14".to_owned()];
    let error = Trial::prepare(scenario).expect_err("nobody has this name");
    assert!(error.to_string().starts_with("subject \"ionescu#14\": not in the cohort"), "{error}");
    let mut scenario = short();
    scenario.patients.cohort = CohortChoice::of("no such file.csv");
    let error = Trial::prepare(scenario).expect_err("there is no such file");
    assert!(error.to_string().starts_with("no such file.csv: "), "{error}");
}

#[test]
fn pro_08_every_hazard_of_the_campaign_runs_and_every_checker_answers() {
    let mut scenario = short();
    scenario.minutes = 32;
    scenario.seeds.count = 1;
    scenario.patients.count = Some(1);
    scenario.arms.remove(0);
    scenario.hazards = builtin_hazards(scenario.period_seconds);
    let trial = Trial::prepare(scenario).expect("the person can be drawn");
    for (key, cell) in trial.run(None, 2, &|| {}).expect("it runs") {
        let hazard = &trial.scenario.hazards[key.hazard.expect("there are hazards")];
        assert!(cell.refused.is_some() || cell.course.len() == 1_920, "{}", hazard.name);
        for verdict in &cell.findings.verdicts {
            assert!(verdict.holds(), "{}: {verdict:?}", hazard.name);
        }
    }
}

fn of_file(name: &str, rows: &str) -> Scenario {
    let file = std::env::temp_dir().join(format!("homeostat-{}-{name}.csv", std::process::id()));
    std::fs::write(&file, format!("subject,age,sex,height,weight,limits\n{rows}"))
        .expect("it fits");
    let mut scenario = short();
    scenario.patients.cohort = CohortChoice::of(&file.display().to_string());
    scenario.patients.count = None;
    scenario.seeds.count = 1;
    scenario
}

#[test]
fn a_cohort_that_cannot_be_treated_is_refused_before_anything_runs() {
    let refused = |name: &str, rows: &str| {
        Trial::prepare(of_file(name, rows)).expect_err("it is refused").to_string()
    };
    let nobody = "the cohort has nobody; expected a table with a row for each subject";
    assert_eq!(refused("nobody", ""), nobody);
    let heavy = "light,40,male,175,70,keep\nheavy,40,male,210,350,override\n";
    let words = refused("heavy", heavy);
    assert!(words.starts_with("the cohort: heavy: profile refused: person.weight is"), "{words}");
}

#[test]
fn an_overridden_limit_stands_in_the_report() {
    let old = "old,100,female,150,50,override\nyoung,40,male,175,70,override\n";
    let trial = Trial::prepare(of_file("old", old)).expect("the limit is overridden");
    let told: Vec<String> = trial.overridden().collect();
    assert!(
        !told.is_empty() && told.iter().all(|words| words.starts_with("old: limit overridden"))
    );
    let results = trial.run(None, 2, &|| {}).expect("it runs");
    let report = crate::propofol::summary::report(&trial, &results, "again", "one");
    for words in told {
        assert!(report.notes.contains(&format!("{words}.")), "{:?}", report.notes);
    }
}

/// Whether the profile of the first person of a table says that limits were overridden, and what is told
/// of it.
fn gate(name: &str, row: &str) -> (bool, Vec<String>) {
    let file = std::env::temp_dir().join(format!("homeostat-{}-{name}.csv", std::process::id()));
    let head = "subject,age,sex,height,weight,propofol_model,norepinephrine_model,limits";
    std::fs::write(&file, format!("{head}\n{row}\n")).expect("it fits");
    let mut scenario = short();
    scenario.patients.cohort = CohortChoice::of(&file.display().to_string());
    scenario.patients.count = None;
    let trial = Trial::prepare(scenario).expect("the limits are kept or overridden");
    let key = trial.roster().cells()[0];
    let profile = trial.cell(key).expect("it is there").profile().expect("a profile");
    (profile.content().gates.override_limits.0 == 1, trial.overridden().collect())
}

#[test]
fn the_loops_gate_opens_for_its_own_model_alone_and_is_told() {
    let of_the_loop = |words: &str| format!("p: limit overridden in the loop's profile: {words}");
    let age = "eleveld is valid for age 0 to 88 years, found 95";
    // Marsh goes to 100 years: nothing of the person's own is overridden.
    let (open, told) = gate("marsh-old", "p,95,m,170,70,marsh,none,override");
    assert_eq!((open, told), (true, vec![of_the_loop(age)]));
    let weight = "eleveld is valid for weight 0.68 to 160 kg, found 190";
    let (open, told) = gate("marsh-heavy", "p,40,m,190,190,marsh,none,override");
    let own = "p: limit overridden: marsh is valid for weight 30 to 150 kg, found 190".to_owned();
    assert_eq!((open, told), (true, vec![own, of_the_loop(weight)]));
    // Norepinephrine's limit is none of the loop's.
    let (open, told) = gate("beloeil-young", "p,10,m,140,45,eleveld,beloeil,override");
    assert!(!open && told.len() == 1 && told[0].contains("beloeil is valid for age"), "{told:?}");
}

#[test]
fn the_loop_and_the_persons_have_the_same_card_of_its_model() {
    let of_the_loop = homeostat_propofol::kinetics::Population::Eleveld.card();
    let of_persons = homeostat_patients::anaesthesia::propofol::PropofolModel::ELEVELD.card();
    assert_eq!(of_the_loop.name, of_persons.name);
    assert_eq!((of_the_loop.age, of_the_loop.weight), (of_persons.age, of_persons.weight));
}

#[test]
fn pro_05_a_pressure_that_is_shown_low_is_heard_and_its_hazard_connects_the_line() {
    let hazards = builtin_hazards(5);
    let named = |name: &str| hazards.iter().find(|one| one.name == name).cloned();
    let mut low = named("pressure-low").expect("it is built in");
    // So much less is low in everybody.
    low.faults[0].kind = FaultKind::LowPressure(50.0);
    low.faults[0].when = When { at_second: 600, seconds: Some(100) };
    let mut scenario = short();
    (scenario.seeds.count, scenario.patients.count) = (1, Some(1));
    scenario.arms.remove(0);
    scenario.hazards = vec![named("none").expect("it is built in"), low.clone()];
    let trial = Trial::prepare(scenario).expect("the person can be drawn");
    for (key, result) in trial.run(None, 2, &|| {}).expect("it runs") {
        let cell = trial.cell(key).expect("it is there");
        let lines = cell.profile().expect("a profile").content().identities.lines.iter().count();
        let is_low = key.hazard == Some(1);
        assert_eq!(lines, usize::from(is_low));
        if is_low {
            let wait = result.chart.alarm_wait(&low).expect("it is heard");
            assert!(wait.is_some_and(|seconds| seconds <= 10), "{wait:?}");
        }
        for verdict in &result.findings.verdicts {
            assert!(verdict.holds(), "{key:?}: {verdict:?}");
        }
    }
}

#[test]
fn log_02_a_liar_who_happens_to_say_what_is_true_does_not_lie() {
    use crate::propofol::scenario::Fault;
    let mut scenario = short();
    scenario.seeds.count = 1;
    // In these moments the predictive controller waits and asks for nothing either; the other infuses.
    let lie = |at_second, seconds| Fault {
        kind: FaultKind::Controller(ControllerFault::Zero),
        when: When { at_second, seconds: Some(seconds) },
    };
    for fault in [lie(20, 1), lie(0, 600)] {
        scenario.faults = vec![fault];
        let trial = Trial::prepare(scenario.clone()).expect("the people can be drawn");
        for (key, cell) in trial.run(None, 2, &|| {}).expect("it runs") {
            let replay = cell.findings.verdicts.iter().find(|verdict| verdict.checker == "replay");
            assert!(replay.is_some_and(|verdict| verdict.holds()), "{key:?}: {replay:?}");
        }
    }
}

#[test]
fn every_target_that_a_scenario_may_have_makes_a_profile() {
    let mut scenario = short();
    for target in [TARGETS.0, TARGETS.1] {
        scenario.target = target;
        assert!(Trial::prepare(scenario.clone()).is_ok(), "{target}");
    }
}

#[test]
fn remifentanil_runs_beside_the_propofol_until_emergence_and_only_when_asked_for() {
    let mut scenario = short();
    scenario.seeds.count = 1;
    scenario.arms.remove(0);
    scenario.emergence_minutes = 3;
    scenario.attenuated = true;
    let run = |scenario: &Scenario| {
        let trial = Trial::prepare(scenario.clone()).expect("the people can be drawn");
        let key = trial.roster().key("mpc", None, "eleveld-adult#001", 1).expect("it is there");
        let cell = trial.cell(key).expect("it is there");
        let disk = crate::engine::MemoryDisk::default();
        let lived = cell.run_watched(disk, &mut |_, _| {}).expect("it runs").0;
        (cell.profile().expect("a profile").content().person.opioids.0 == 1, lived)
    };
    let (opioids, alone) = run(&scenario);
    assert!(!opioids && alone.remifentanil.0 == 0.0);
    scenario.remifentanil = Some(Coordinated::REFERENCE);
    let (opioids, beside) = run(&scenario);
    assert!(opioids, "the signed profile says so");
    assert!((0.05..=0.3).contains(&beside.remifentanil.0), "{}", beside.remifentanil);
    assert_ne!(alone.course, beside.course);
    for verdict in &beside.findings.verdicts {
        assert!(verdict.holds(), "{verdict:?}");
    }
}

#[test]
fn emergence_stops_remifentanil() {
    let mut scenario = short();
    (scenario.minutes, scenario.emergence_minutes) = (12, 6);
    scenario.patients.count = Some(1);
    scenario.remifentanil = Some(Coordinated::REFERENCE);
    let trial = Trial::prepare(scenario).expect("the person can be drawn");
    let key = trial.roster().key("mpc", None, "eleveld-adult#001", 1).expect("it is there");
    let disk = crate::engine::MemoryDisk::default();
    let cell = trial.cell(key).expect("it is there");
    let lived = cell.live(disk, &mut |_, _| {}).expect("it runs");
    let given = lived.bedside().patient.given().1.0;
    let by_then = lived.bedside().opioid;
    // The cycle in which emergence is announced is the last that gives any.
    let cycle = 5.0 * 0.3 / 60.0 * trial.subjects[0].person.weight().0;
    assert!(by_then > 0.0 && given - by_then <= cycle, "{given} after {by_then}");
}

#[test]
fn who_has_no_kinetics_of_remifentanil_is_refused() {
    let mut scenario = short();
    scenario.remifentanil = Some(Coordinated::REFERENCE);
    let trial = Trial::prepare(scenario.clone()).expect("the people can be drawn");
    let mut subjects = trial.subjects;
    assert!(opioid_fits(&scenario, &subjects).is_ok());
    subjects[1].figures.remifentanil = None;
    let error = opioid_fits(&scenario, &subjects).expect_err("nobody can say what it would do");
    let said = error.to_string();
    assert!(said.starts_with("subject \"eleveld-adult#002\": no kinetics of rem"), "{said}");
    scenario.remifentanil = None;
    assert!(opioid_fits(&scenario, &subjects).is_ok());
}

#[test]
fn a_criterion_that_nobody_was_measured_for_fails() {
    let mut scenario = short();
    scenario.seeds.count = 1;
    scenario.arms.remove(0);
    let trial = Trial::prepare(scenario).expect("the people can be drawn");
    let mut cells = trial.run(None, 2, &|| {}).expect("it runs");
    for (_, cell) in &mut cells {
        cell.refused = Some("profile refused".to_owned());
        cell.summary = None;
    }
    let report = crate::propofol::summary::report(&trial, &cells, "", "");
    let written: Vec<_> = report.criteria.iter().filter(|row| row.id == "PRO-06").collect();
    assert!(!written.is_empty());
    assert!(written.iter().all(|row| !row.passed && row.reached == "nobody was measured"));
}
