use super::*;
use crate::insulin::scenario::{Control, Scenario, builtin_hazards, standard};

/// A short trial: two subjects, the predictive controller and the open loop, one day.
fn short() -> Scenario {
    let mut scenario = standard();
    scenario.run_in_days = 0;
    scenario.days = 1;
    scenario.patients.subjects = vec!["adult#003".to_owned(), "child#002".to_owned()];
    scenario.arms.retain(|arm| arm.control != Control::Rules);
    scenario.seeds.count = 2;
    scenario
}

fn heads(jobs: usize) -> Vec<(CellKey, String, Vec<f64>)> {
    let trial = Trial::prepare(short()).expect("the subjects are published");
    let results = trial.run(None, jobs, &|| {}).expect("it runs");
    results.into_iter().map(|(key, cell)| (key, cell.findings.root, cell.course)).collect()
}

#[test]
fn sim_14_same_seed_same_bytes_whatever_the_number_of_jobs() {
    let one = heads(1);
    assert_eq!(one.len(), 8);
    assert_eq!(one, heads(2));
    assert!(one.iter().all(|(_, root, _)| root.len() == 64));
    let unique: std::collections::BTreeSet<&String> = one.iter().map(|(_, root, _)| root).collect();
    assert_eq!(unique.len(), 8, "every cell has a head of its own");
}

#[test]
fn sim_14_a_cell_is_the_same_alone_and_in_company() {
    let company = Trial::prepare(short()).expect("the subjects are published");
    let mut alone = short();
    alone.patients.subjects.remove(0);
    alone.arms.retain(|arm| arm.control == Control::Mpc);
    alone.seeds.first = 2;
    alone.seeds.count = 1;
    let alone = Trial::prepare(alone).expect("the subject is published");
    let key = company.roster().key("mpc", None, "child#002", 2).expect("the cell is there");
    let all = company.run(None, 2, &|| {}).expect("it runs");
    let there = all.iter().find(|(found, _)| *found == key).expect("it was run");
    let here = alone.run(None, 1, &|| {}).expect("it runs");
    assert_eq!(here[0].1.findings.root, there.1.findings.root);
}

#[test]
fn names_that_are_not_there_are_refused() {
    let mut scenario = short();
    scenario.patients.subjects = vec!["adult#031".to_owned()];
    let error = Trial::prepare(scenario).expect_err("nobody has this name");
    assert!(error.to_string().starts_with("subject \"adult#031\": not in the cohort"), "{error}");
    let mut scenario = short();
    scenario.patients.cohort = Family::File("no such file.csv".to_owned());
    let error = Trial::prepare(scenario).expect_err("there is no such file");
    assert!(error.to_string().starts_with("no such file.csv: "), "{error}");
}

#[test]
fn a_wish_that_the_cohort_cannot_meet_is_refused_at_its_line() {
    use crate::cells::cohort_error;
    use crate::insulin::scenario::read;
    let refused = |text: &str| {
        let scenario = read("day.toml", text).expect("the scenario itself is fine");
        let error = Trial::prepare(scenario).expect_err("the cohort cannot");
        cohort_error("day.toml", text, &error).map(|error| error.to_string())
    };
    let cases = [
        (
            "[patients]\nsubjects = [\n  \"adult#001\",\n  \"adlt#002\",\n]\n",
            "day.toml:4: patients.subjects: found \"adlt#002\"; expected one of 30, the nearest \
             adult#002, adult#001, adult#003",
        ),
        (
            "[patients]\nsubjects = [\"child#001\",\n\"child#001\"]\n",
            "day.toml:3: patients.subjects: found \"child#001\" again; expected each subject once",
        ),
        (
            "[patients]\n\ncount = 31\n",
            "day.toml:3: patients.count: found 31; expected at most 30, all there are",
        ),
        (
            "[[criteria]]\nmeasure = \"below-54\"\nat-most-percent = 0\n[[criteria]]\n\
             measure = \"below-54\"\nat-most-percent = 0\nsubjects = \"chidl\"\n",
            "day.toml:7: criteria[2].subjects: found \"chidl\"; expected the first letters of a \
             subject, one of 30, the nearest child#001, child#002, child#003",
        ),
    ];
    for (text, said) in cases {
        assert_eq!(refused(text).as_deref(), Some(said));
    }
    let aim =
        "[[criteria]]\nmeasure = \"below-54\"\nat-most-percent = 0\nsubjects = \"x\"\naim = true";
    assert!(Trial::prepare(read("x", aim).expect("fine")).is_ok(), "an aim decides nothing");
}

#[test]
fn sim_05_every_hazard_of_the_campaign_runs_and_every_checker_answers() {
    let mut scenario = short();
    scenario.seeds.count = 1;
    scenario.patients.subjects = vec!["adult#003".to_owned()];
    scenario.arms.retain(|arm| arm.control == Control::Mpc);
    scenario.hazards = builtin_hazards();
    let trial = Trial::prepare(scenario).expect("the subject is published");
    for (key, cell) in trial.run(None, 2, &|| {}).expect("it runs") {
        let hazard = &trial.scenario.hazards[key.hazard.expect("there are hazards")].name;
        assert_eq!(cell.course.len(), 1_440, "{hazard}");
        for verdict in &cell.findings.verdicts {
            assert!(verdict.holds(), "{hazard}: {verdict:?}");
        }
    }
}

#[test]
fn sim_13_nobody_comes_below_54_on_a_first_day_with_an_ideal_sensor() {
    for announced in [true, false] {
        let mut scenario = short();
        scenario.seeds.count = 1;
        scenario.patients.subjects =
            ["adult#007", "adolescent#008", "child#008", "child#005"].map(str::to_owned).to_vec();
        scenario.arms.retain(|arm| arm.control == Control::Mpc);
        scenario.arms[0].announced = announced;
        let trial = Trial::prepare(scenario).expect("the subjects are published");
        for (_, cell) in trial.run(None, 2, &|| {}).expect("it runs") {
            let lowest = cell.course.iter().copied().reduce(homeostat_numeric::min);
            assert!(lowest.is_some_and(|lowest| lowest >= 54.0), "{}: {lowest:?}", cell.subject);
        }
    }
}
