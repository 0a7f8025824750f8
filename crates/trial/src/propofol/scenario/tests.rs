use super::*;

mod format;
mod sections;

fn refused(text: &str) -> String {
    let text = format!("therapy = \"propofol\"\n{text}");
    read("case.toml", &text).expect_err("the scenario is refused").to_string()
}

#[test]
fn the_therapy_alone_is_the_standard_scenario() {
    assert_eq!(read("x", "therapy = \"propofol\"").expect("a scenario"), standard());
    let said = read("x", "name = \"y\"").expect_err("which therapy?").to_string();
    assert_eq!(said, "x:1: therapy: found nothing; expected \"propofol\"");
}

#[test]
fn sim_14_a_scenario_reads_back_as_itself() {
    let mut scenario = standard();
    hazard_campaign(&mut scenario, builtin_hazards(5));
    let text = scenario.to_string();
    assert_eq!(read("x", &text).expect("what was written can be read"), scenario, "{text}");
    let mut scenario = standard();
    scenario.patients = Patients {
        cohort: CohortChoice::File("a \"quoted\".csv".to_owned()),
        subjects: vec!["one".to_owned()],
        count: None,
        seed: 1,
    };
    scenario.attenuated = true;
    scenario.remifentanil = Some(Coordinated::REFERENCE);
    scenario.criteria.clear();
    let when = When { at_second: 61, seconds: Some(7) };
    scenario.faults = [
        FaultKind::Jump(-12.5),
        FaultKind::Muscle(3.0, 58.0),
        FaultKind::LateReadings,
        FaultKind::ClockJump(-5),
        FaultKind::Controller(ControllerFault::Crashes),
        FaultKind::Profile(crate::engine::ProfileFault::OtherPerson),
    ]
    .map(|kind| Fault { kind, when })
    .to_vec();
    let text = scenario.to_string();
    assert_eq!(read("x", &text).expect("what was written can be read"), scenario, "{text}");
}

#[test]
fn errors_name_line_key_found_and_expected() {
    let cases = [
        (
            "[time]\nminutes = 1",
            "case.toml:3: time.minutes: found 1; expected a whole number from 2 to 1440 minutes",
        ),
        (
            "[time]\nminutes = 10\nemergence-minutes = 9",
            "case.toml:4: time.emergence-minutes: found 9; expected at least two minutes less than minutes",
        ),
        (
            "stimulus = \"loud\"",
            "case.toml:2: stimulus: found \"loud\"; expected one of none, struys, dumont, step, random",
        ),
        (
            "[loop]\ntarget = 30",
            "case.toml:3: loop.target: found 30; expected a number from 41 to 59",
        ),
        (
            "[remifentanil]\nbase-ug-per-kg-min = 0.1",
            "case.toml:2: remifentanil.ratio-ug-per-mg: found nothing; expected a number ug/mg",
        ),
        (
            "[remifentanil]\nratio-ug-per-mg = 1\nbase-ug-per-kg-min = 0.4",
            "case.toml:4: remifentanil.base-ug-per-kg-min: found 0.4; expected at most the 0.3 of most-ug-per-kg-min",
        ),
        (
            "attenuated = false\nremifentanil = { ratio-ug-per-mg = 1 }",
            "case.toml:2: attenuated: found false beside remifentanil; expected true, or nothing",
        ),
        (
            "[patients]\ncohort = \"ionescu\"\nseed = 2",
            "case.toml:4: patients.seed: found a seed for a cohort that is not drawn; expected no seed here",
        ),
        (
            "[[arms]]\ncontroller = \"rules\"",
            "case.toml:3: arms[1].controller: found \"rules\"; expected one of tci, pid, mpc",
        ),
        (
            "[[faults]]\nkind = \"quality\"",
            "case.toml:2: faults[1].most-percent: found nothing; expected a number %",
        ),
        (
            "[[faults]]\nkind = \"dropout\"\nat-s = 3600",
            "case.toml:4: faults[1].at-s: found 3600; expected less than the 60 minutes of the trial",
        ),
        (
            "[[faults]]\nkind = \"weight\"\nfactor = 2\nat-s = 5",
            "case.toml:5: faults[1].at-s: found an unknown key; expected one of factor, kind",
        ),
        (
            "[[hazards]]\nname = \"x\"\nalarm-within-s = 5",
            "case.toml:4: hazards[1].alarm-within-s: found a time without a fault; expected a fault from which the time counts",
        ),
        (
            "[[criteria]]\nmeasure = \"nadir\"",
            "case.toml:3: criteria[1].measure: found a criterion without bound; expected at-most or at-least",
        ),
        (
            "[[criteria]]\nmeasure = \"nadir\"\nat-least = 40\narms = [\"rules\"]",
            "case.toml:5: criteria[1].arms: found \"rules\"; expected one of 3: tci, pid, mpc",
        ),
    ];
    for (text, said) in cases {
        assert_eq!(refused(text), said);
    }
}

#[test]
fn remifentanil_is_none_unless_said_and_then_stimuli_are_attenuated() {
    let usual = standard();
    assert!(usual.remifentanil.is_none() && !usual.is_attenuated());
    // What the head of a box holds is as it was before there was any remifentanil.
    let text = usual.to_string();
    assert!(!text.contains("remifentanil") && !text.contains("attenuated"), "{text}");
    let text = "therapy = \"propofol\"\nremifentanil = { ratio-ug-per-mg = 2 }";
    let given = read("x", text).expect("a scenario");
    assert_eq!(given.remifentanil, Some(Coordinated::REFERENCE));
    assert!(given.is_attenuated() && !given.attenuated);
}

#[test]
fn bars_follow_cohort_stimulus_and_hazards() {
    let has = |text: &str, measure, bound| {
        let text = format!("therapy = \"propofol\"\n{text}");
        let scenario = read("x", &text).expect("a scenario");
        scenario.criteria.iter().any(|one| (one.measure, one.bound) == (measure, bound))
    };
    assert!(has("", Measure::InRange, Bound::AtLeast(72.0)));
    assert!(has("stimulus = \"none\"", Measure::InRange, Bound::AtLeast(99.0)));
    assert!(has("[patients]\ncohort = \"ionescu\"", Measure::InRange, Bound::AtLeast(88.0)));
    let tci = "[[arms]]\ncontroller = \"tci\"";
    assert!(!has(tci, Measure::InRange, Bound::AtLeast(72.0)), "no bar for what is not closed");
    let hazards = "[[hazards]]\nname = \"none\"";
    assert!(has(hazards, Measure::EverBelow20, Bound::AtMost(1.0)));
}

#[test]
fn a_fault_holds_from_its_second_for_its_length() {
    let when = When { at_second: 60, seconds: Some(30) };
    assert_eq!([59, 60, 89, 90].map(|second| when.holds(second)), [false, true, true, false]);
    assert!(When::ALWAYS.holds(0) && When::ALWAYS.holds(86_400));
}

#[test]
fn pro_08_the_built_in_hazards_have_names_of_their_own_and_an_undisturbed_reference() {
    let hazards = builtin_hazards(5);
    let names: std::collections::BTreeSet<&str> =
        hazards.iter().map(|hazard| hazard.name.as_str()).collect();
    assert_eq!(names.len(), hazards.len());
    assert!(hazards[0].faults.is_empty());
}

#[test]
fn alm_01_a_hazard_is_judged_from_when_it_can_be_known() {
    for hazard in builtin_hazards(3) {
        let Some(begins) = hazard.begins() else { continue };
        let shown = ["occlusion", "pressure-low"].contains(&hazard.name.as_str());
        assert_eq!(hazard.detectable(&Onsets::default()).is_none(), shown, "{}", hazard.name);
        let onsets = Onsets { pump_stopped: Some(2_000), pressure_low: Some(1_500) };
        let known = hazard.detectable(&onsets).expect("it has shown itself");
        assert!(known >= begins && known <= begins + 600, "{}", hazard.name);
        if hazard.alarm_within.is_some() {
            assert_eq!(hazard.alarm_within, Some(6), "two periods: {}", hazard.name);
            assert_ne!(hazard.calls().bits(), 0, "heard by its own alarm: {}", hazard.name);
        }
    }
}

#[test]
fn a_list_of_nobody_is_refused_and_the_last_seed_is_not() {
    let error = read("case.toml", "therapy = \"propofol\"\n[patients]\nsubjects = []\n");
    let error = error.expect_err("a list of nobody is nobody's wish").to_string();
    assert!(error.contains("patients.subjects: found an empty list"), "{error}");
    let seeds =
        |count| format!("therapy = \"propofol\"\n[seeds]\nfirst = {}\ncount = {count}\n", u64::MAX);
    assert!(read("case.toml", &seeds(1)).is_ok());
    assert!(read("case.toml", &seeds(2)).is_err());
}
