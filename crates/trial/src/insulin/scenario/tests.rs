use super::*;

mod format;
mod sections;

fn refused(text: &str) -> String {
    read("day.toml", text).expect_err("the scenario is refused").to_string()
}

#[test]
fn a_file_that_says_nothing_is_refused_and_one_line_is_the_standard_scenario() {
    for nothing in ["", "\n\n", "# only a comment\n"] {
        let said = refused(nothing);
        assert!(
            said.starts_with("day.toml:1: (file): found nothing; expected a scenario"),
            "{said}"
        );
        assert!(said.contains("name = \"Standard days\""), "{said}");
    }
    assert_eq!(read("x", "name = \"Standard days\"").expect("a scenario"), standard());
}

#[test]
fn sim_14_a_scenario_reads_back_as_itself() {
    let mut scenario = standard();
    scenario.hazards = builtin_hazards();
    scenario.criteria = builtin::hazard_criteria();
    scenario.patients.subjects = vec!["adult#001".to_owned(), "a \"quoted\" one".to_owned()];
    let text = scenario.to_string();
    assert_eq!(read("x", &text).expect("what was written can be read"), scenario, "{text}");
    let mut scenario = standard();
    scenario.patients =
        Patients { cohort: Family::Hovorka, subjects: vec![], count: Some(4), seed: 9 };
    scenario.faults = scenario_with_every_kind();
    let text = scenario.to_string();
    assert_eq!(read("x", &text).expect("what was written can be read"), scenario, "{text}");
}

fn scenario_with_every_kind() -> Vec<Fault> {
    let when = When { day: 2, at_minute: 61, minutes: Some(7), daily: true };
    [
        FaultKind::LateReadings(10),
        FaultKind::UnitSlip,
        FaultKind::StorageLost,
        FaultKind::ClockJump(-5),
        FaultKind::Controller(ControllerFault::Crashes),
        FaultKind::Profile(crate::engine::ProfileFault::OtherPerson),
    ]
    .map(|kind| Fault { kind, when })
    .to_vec()
}

#[test]
fn errors_name_line_key_found_and_expected() {
    let cases = [
        (
            "[time]\ndays = 0",
            "day.toml:2: time.days: found 0; expected a whole number from 1 to 3650 days",
        ),
        (
            "dasy = 1",
            "day.toml:1: dasy: found an unknown key; expected one of arms, criteria, devices, faults, hazards, meals, name, patients, seeds, therapy, time",
        ),
        ("therapy = \"propofol\"", "day.toml:1: therapy: found \"propofol\"; expected insulin"),
        (
            "[devices]\nsensor = \"g7\"",
            "day.toml:2: devices.sensor: found \"g7\"; expected one of ideal, dexcom, guardian, navigator, seven-plus, g5, g6",
        ),
        (
            "[[meals]]\nat = \"7:30\"\ncarbohydrate-g = 30",
            "day.toml:2: meals[1].at: found \"7:30\"; expected a time of day such as \"07:30\"",
        ),
        (
            "[[meals]]\nat = \"07:30\"",
            "day.toml:1: meals[1].carbohydrate-g: found nothing; expected grams",
        ),
        (
            "[[arms]]\ncontroller = \"open-loop\"\nannounce = \"no\"",
            "day.toml:3: arms[1].announce: found \"no\" for an open loop; expected \"yes\": an open loop gives its boluses for announced meals",
        ),
        (
            "[[arms]]\ncontroller = \"mpc\"\n[[arms]]\ncontroller = \"mpc\"",
            "day.toml:3: arms[2].name: found \"mpc\" again; expected a name of its own",
        ),
        ("arms = []", "day.toml:1: arms: found no arm; expected at least one arm"),
        (
            "[[faults]]\nkind = \"bias\"",
            "day.toml:1: faults[1].factor: found nothing; expected a factor",
        ),
        (
            "[[faults]]\nkind = \"dropout\"\ndaily = true",
            "day.toml:3: faults[1].daily: found daily without minutes; expected minutes: how long it holds",
        ),
        (
            "[[faults]]\nkind = \"dropout\"\nfactor = 2",
            "day.toml:3: faults[1].factor: found an unknown key; expected one of at, daily, day, kind, minutes",
        ),
        (
            "[patients]\nfamily = \"hovorka\"\nfile = \"a.csv\"",
            "day.toml:3: patients.file: found \"a.csv\"; expected either family or file",
        ),
        (
            "[[criteria]]\nmeasure = \"in-range\"\nat-least-percent = 90\narms = [\"pid\"]",
            "day.toml:4: criteria[1].arms: found \"pid\"; expected one of 3: mpc, rules, open-loop",
        ),
        (
            "[[faults]]\nkind = \"clock-jump\"\njump-minutes = 1.5",
            "day.toml:3: faults[1].jump-minutes: found 1.5; expected whole minutes",
        ),
        (
            "name = \"a\\u001b[2J\"",
            "day.toml:1: name: found \"a\\u{1b}[2J\"; expected at most 200 bytes on one line",
        ),
        (
            "[[hazards]]\nname = \"../x\"",
            "day.toml:2: hazards[1].name: found \"../x\"; expected 1 to 40 small letters, digits and hyphens",
        ),
    ];
    for (text, said) in cases {
        assert_eq!(refused(text), said);
    }
}

#[test]
fn a_fault_holds_from_its_minute_for_its_length() {
    let when = When { day: 2, at_minute: 60, minutes: Some(30), daily: false };
    let run_in = 7 * DAY_MINUTES;
    let begin = run_in + DAY_MINUTES + 60;
    let holds = |minute| when.holds(minute, run_in);
    assert_eq!([begin - 1, begin, begin + 29, begin + 30].map(holds), [false, true, true, false]);
    assert!(!holds(begin + DAY_MINUTES));
    let daily = When { daily: true, ..when };
    assert_eq!(daily.since(begin + DAY_MINUTES + 3, run_in), Some(3));
    assert_eq!(when.spans(run_in, run_in + 9 * DAY_MINUTES), [(begin, begin + 30)]);
    assert_eq!(
        daily.spans(run_in, begin + DAY_MINUTES + 10),
        [(begin, begin + 30), (begin + DAY_MINUTES, begin + DAY_MINUTES + 10),]
    );
    assert!(When::ALWAYS.holds(run_in, run_in) && !When::ALWAYS.holds(run_in - 1, run_in));
}

#[test]
fn sim_05_the_built_in_hazards_have_names_of_their_own_and_an_undisturbed_reference() {
    let hazards = builtin_hazards();
    let names: std::collections::BTreeSet<&str> =
        hazards.iter().map(|hazard| hazard.name.as_str()).collect();
    assert_eq!(names.len(), hazards.len());
    assert!(hazards.iter().any(|hazard| hazard.faults.is_empty()));
}
