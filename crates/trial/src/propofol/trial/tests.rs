use super::*;
use crate::propofol::scenario::{Arm, Control, StimulusProfile, builtin_hazards, standard};

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
    scenario.hazards = builtin_hazards();
    let trial = Trial::prepare(scenario).expect("the person can be drawn");
    for (key, cell) in trial.run(None, 2, &|| {}).expect("it runs") {
        let hazard = &trial.scenario.hazards[key.hazard.expect("there are hazards")];
        assert!(cell.refused.is_some() || cell.course.len() == 1_920, "{}", hazard.name);
        for verdict in &cell.findings.verdicts {
            assert!(verdict.holds(), "{}: {verdict:?}", hazard.name);
        }
    }
}
