//! Attacks that are said, withdrawn and said again.

use super::decisions::*;
use super::*;

const LATER: &str = "2026-11-24T08:00:00Z";
const END: &str = "2026-12-31T00:00:00Z";

/// An attack of which the maker learns when it is said.
fn attack_now(at: &str) -> Given {
    Given { learned: None, ..attack(at) }
}

fn withdrawn(at: &str) -> Given {
    Given { withdrawn: for_reason("it was a drill"), ..given_by(at) }
}

/// The rows of the clocks of F-1 that run, sorted.
fn running(office: &Office) -> Vec<String> {
    let clocks = office.clocks(Some(FindingId(1)), time(END)).unwrap().into_iter();
    let runs = clocks.filter(|one| one.running.clock.stopped().is_none());
    let mut rows: Vec<String> = runs.map(|one| one.running.clock.row.id).collect();
    rows.sort();
    rows
}

fn stop_all(office: &mut Office, at: &str) {
    for one in office.clocks(Some(FindingId(1)), time(END)).unwrap() {
        if one.running.clock.stopped().is_none() {
            let evidence = (time(at), "filed", "R. Example");
            office.stop_clock(one.running.id, evidence, time(END)).unwrap();
        }
    }
}

#[test]
fn pmk_18_what_is_said_to_be_exploited_again_after_a_withdrawal_starts_its_clocks_again() {
    let exploited = ["cra-14-24h", "cra-14-72h", "fda-postmarket-30", "fda-postmarket-60"];
    for listed in [false, true] {
        let mut office = controlled();
        under_cra(&mut office);
        decide(&mut office, &attack(AT), AT).unwrap();
        decide(&mut office, &withdrawn(AT), AT).unwrap();
        stop_all(&mut office, AT);
        assert_eq!(settle(&mut office, AT).notices, []);
        if listed {
            take(&mut office, "kev.json", KEV, LATER);
            settle(&mut office, LATER);
        } else {
            decide(&mut office, &attack_now(LATER), LATER).unwrap();
        }
        let mut runs = running(&office);
        runs.retain(|row| exploited.contains(&&**row));
        assert_eq!(runs, exploited, "listed {listed}");
        if !listed {
            let mut incident = running(&office);
            incident.retain(|row| row.starts_with("cra-14-incident"));
            assert_eq!(incident.len(), 2);
        }
        // Said twice it starts nothing twice.
        stop_all(&mut office, LATER);
        decide(&mut office, &attack(LATER), LATER).unwrap();
        assert_eq!(running(&office).iter().filter(|row| exploited.contains(&&***row)).count(), 0);
    }
}

#[test]
fn pmk_18_an_attack_that_was_kept_before_products_were_named_is_read_and_withdrawn() {
    let mut office = controlled();
    office
        .store
        .write(|database| {
            Ok(database.execute_batch(
                r#"INSERT INTO signal VALUES ('CVE-2020-26235', 'attacked', 'R. Example', '2026-11-23T06:00:00Z',
                '{"id":"CVE-2020-26235","kind":"attacked","asserter":"R. Example","since":"2026-11-23T06:00:00Z",
                "place":{"file":"decision","pointer":""}}'); INSERT INTO unsettled SELECT component FROM finding"#,
            )?)
        })
        .unwrap();
    let settled = settle(&mut office, AT);
    let [notice] = settled.notices.as_slice() else { panic!("{settled:?}") };
    assert_eq!(notice.told.class, Class::Uncontrolled);
    assert!(office.is_attacked(&office.finding(FindingId(1)).unwrap()).unwrap());
    let refused = decide(&mut office, &not_affected(AT), AT).unwrap_err().to_string();
    assert!(refused.contains("/inputs/applicability"), "{refused}");
    let record = decide(&mut office, &withdrawn(AT), AT).unwrap().record;
    assert_eq!((record.outcome.class, record.inputs.signs.len()), (Class::Controlled, 0));
    decide(&mut office, &not_affected(AT), AT).unwrap();
}

#[test]
fn pmk_18_an_attack_overrules_what_was_decided_of_another_component_of_the_product() {
    let mut office = controlled();
    let other = release("pump", "1.2", &[("time", "0.2.22")]);
    office.put_releases([other], "2026-11-22T09:00:00Z").unwrap();
    settle(&mut office, "2026-11-22T10:00:00Z");
    let second = FindingId(2);
    let class = |office: &Office, id: FindingId| office.finding(id).unwrap().told.class;
    let times = (time(AT), time(END));
    office.decide(second, &not_affected(AT), times).unwrap();
    // A sign of others says nothing of this product.
    take(&mut office, "kev.json", KEV, AT);
    settle(&mut office, AT);
    assert_eq!(class(&office, second), Class::NotAffected);
    decide(&mut office, &attack(AT), AT).unwrap();
    assert!(office.is_attacked(&office.finding(second).unwrap()).unwrap());
    let settled = settle(&mut office, LATER);
    let [notice] = settled.notices.as_slice() else { panic!("{settled:?}") };
    assert_eq!((notice.finding, notice.told.class), (second, Class::Uncontrolled));
    // Its clocks run from when the maker learned, not from when somebody looked.
    let clocks = office.clocks(Some(second), time(END)).unwrap().into_iter();
    let clocks = clocks.filter(|one| one.running.clock.row.id == "fda-postmarket-30");
    let starts: Vec<_> = clocks.map(|one| one.running.clock.history()[0].time).collect();
    assert_eq!(starts, [attack(AT).learned.unwrap()]);
    assert_eq!(settle(&mut office, LATER).notices, []);
    // It holds again once nobody says that the product was attacked.
    decide(&mut office, &withdrawn(LATER), LATER).unwrap();
    settle(&mut office, LATER);
    assert_eq!(class(&office, second), Class::NotAffected);
    assert!(!office.is_attacked(&office.finding(second).unwrap()).unwrap());
}

#[test]
fn pmk_18_an_attack_that_was_one_after_all_has_all_its_clocks_from_when_it_was_learned_of() {
    let mut office = controlled();
    under_cra(&mut office);
    decide(&mut office, &attack(AT), AT).unwrap();
    let first = running(&office);
    decide(&mut office, &withdrawn(AT), AT).unwrap();
    stop_all(&mut office, AT);
    assert_eq!(running(&office), [""; 0]);
    // The same words and the same time as before.
    decide(&mut office, &attack(AT), AT).unwrap();
    assert_eq!(running(&office), first);
}

#[test]
fn pmk_18_a_clock_that_somebody_started_later_counts_from_when_the_maker_learned() {
    let mut office = controlled();
    under_cra(&mut office);
    let event = "aware-of-active-exploitation".to_owned();
    let happened = Happened { event, time: time("2026-11-25T08:00:00Z"), reason: "a call".into() };
    office.start_clocks(FindingId(1), &happened, "R. Example", time(END)).unwrap();
    // Decided before somebody started the clock, and entered after it.
    decide(&mut office, &attack(AT), AT).unwrap();
    let clocks = office.clocks(Some(FindingId(1)), time(END)).unwrap().into_iter();
    let clocks = clocks.filter(|one| one.running.clock.row.id == "cra-14-24h");
    let starts: Vec<_> =
        clocks.map(|one| one.running.clock.history().last().unwrap().time).collect();
    assert_eq!(starts, [attack(AT).learned.unwrap()]);
}

#[test]
fn pmk_18_a_withdrawal_stops_no_clock_that_the_attack_started() {
    let follow = ["cra-14-24h", "cra-14-72h", "fda-postmarket-30", "fda-postmarket-60"];
    let incident = ["cra-14-incident-24h", "cra-14-incident-72h", "us-803-30"];
    let mut all: Vec<&str> = follow.iter().chain(&incident).copied().collect();
    all.sort_unstable();
    for evidence in [None, not_affected(AT).not_affected] {
        let mut office = controlled();
        under_cra(&mut office);
        assert_eq!(running(&office), ["own-triage"]);
        assert_eq!(decide(&mut office, &attack(AT), AT).unwrap().stopped, 1);
        assert_eq!(running(&office), all);
        let given = Given { not_affected: evidence.clone(), ..withdrawn(AT) };
        let decided = decide(&mut office, &given, AT).unwrap();
        assert_eq!(
            (decided.stopped, running(&office)),
            (0, all.iter().map(|row| (*row).to_owned()).collect())
        );
        let class = if evidence.is_some() { Class::NotAffected } else { Class::Controlled };
        assert_eq!(office.finding(FindingId(1)).unwrap().told.class, class);
        settle(&mut office, LATER);
        assert_eq!(running(&office), all);
    }
}

#[test]
fn pmk_18_a_withdrawal_takes_back_what_one_person_said_and_names_the_others() {
    let mut office = controlled();
    let by = |name: &str, given: Given| {
        let person = given.person.map(|person| Approval { name: name.into(), ..person });
        Given { person, ..given }
    };
    let of = |name: &str| {
        let said_by = Some(name.to_owned());
        let withdrawn = Some(Withdrawal { reason: "a drill".into(), said_by });
        Given { withdrawn, ..given_by(AT) }
    };
    decide(&mut office, &attack(AT), AT).unwrap();
    decide(&mut office, &by("S. Example", attack(AT)), AT).unwrap();
    let refused = decide(&mut office, &withdrawn(AT), AT).unwrap_err().to_string();
    assert!(refused.contains("attacks said by R. Example, S. Example"), "{refused}");
    assert!(refused.contains("--said-by NAME"), "{refused}");
    let refused = decide(&mut office, &of("T. Example"), AT).unwrap_err().to_string();
    assert!(refused.contains("no attack that T. Example said"), "{refused}");
    assert!(refused.contains("one who said it: R. Example, S. Example"), "{refused}");
    // The other's stands: the product is attacked and not to be told unaffected, also with the withdrawal.
    let both = Given { not_affected: not_affected(AT).not_affected, ..of("R. Example") };
    let refused = decide(&mut office, &both, AT).unwrap_err().to_string();
    assert!(refused.contains("/inputs/applicability"), "{refused}");
    let record = decide(&mut office, &of("R. Example"), AT).unwrap().record;
    let [sign] = record.inputs.signs.as_slice() else { panic!("{record:?}") };
    assert_eq!(sign.asserter, "S. Example");
    assert_eq!(record.outcome.class, Class::Uncontrolled);
    assert!(office.is_attacked(&office.finding(FindingId(1)).unwrap()).unwrap());
    // Where only one said it nobody need be named, and the record says whose it was.
    let record = decide(&mut office, &withdrawn(AT), AT).unwrap().record;
    assert_eq!(record.inputs.signs, []);
    let fact = record.inputs.facts.last().unwrap();
    assert_eq!(fact.value, "it was a drill (said by S. Example, 2026-11-23T06:00:00Z)");
    assert_eq!(fact.source, "R. Example");
}

/// What a clock of F-1 was said to start at, and when it was stopped.
fn times_of(office: &Office, row: &str) -> (Vec<Timestamp>, Option<Timestamp>) {
    let clocks = office.clocks(Some(FindingId(1)), time(END)).unwrap();
    let found = clocks.into_iter().find(|one| one.running.clock.row.id == row).unwrap();
    let clock = found.running.clock;
    let starts = clock.history().iter().map(|start| start.time).collect();
    (starts, clock.stopped().map(|stop| stop.time))
}

#[test]
fn pmk_18_a_clock_that_a_decision_stops_is_corrected_first_to_when_the_maker_learned() {
    let mut office = controlled();
    under_cra(&mut office);
    take(&mut office, "kev.json", KEV, "2026-11-22T09:00:00Z");
    settle(&mut office, "2026-11-22T09:00:00Z");
    let learned = time("2026-11-10T00:00:00Z");
    let given = Given { learned: Some(learned), ..not_affected(AT) };
    let decided = decide(&mut office, &given, AT).unwrap();
    assert_eq!((decided.corrected, decided.stopped), (5, 5));
    let listed = time("2026-11-22T09:00:00Z");
    for row in ["cra-14-24h", "cra-14-72h", "fda-postmarket-30", "fda-postmarket-60"] {
        assert_eq!(times_of(&office, row), (vec![listed, learned], Some(time(AT))), "{row}");
    }
    let late = office.clocks(Some(FindingId(1)), time(END)).unwrap();
    let late = late.iter().filter(|one| one.word() == "stopped late").count();
    assert_eq!(late, 3, "own triage and CRA's two");
}

#[test]
fn pmk_18_when_a_breach_was_learned_of_says_nothing_of_when_an_attack_was() {
    let mut office = controlled();
    under_cra(&mut office);
    take(&mut office, "kev.json", KEV, "2026-11-22T09:00:00Z");
    settle(&mut office, "2026-11-22T09:00:00Z");
    let learned = time("2026-11-10T00:00:00Z");
    let breach = |attacked: bool, at: &str| {
        let incident = Incident { attacked, data_breached: true, ..Incident::default() };
        Given { incident, learned: Some(learned), ..given_by(at) }
    };
    let decided = decide(&mut office, &breach(false, AT), AT).unwrap();
    assert_eq!(decided.corrected, 0);
    let listed = time("2026-11-22T09:00:00Z");
    assert_eq!(times_of(&office, "cra-14-24h"), (vec![listed], None));
    assert_eq!(times_of(&office, "gdpr-33-72h"), (vec![learned], None));
    // A breach by an attack is one.
    assert_eq!(decide(&mut office, &breach(true, LATER), LATER).unwrap().corrected, 4);
    assert_eq!(times_of(&office, "cra-14-24h"), (vec![listed, learned], None));
    // Where the decision begins such a clock, it begins with the decision.
    let mut office = controlled();
    under_cra(&mut office);
    decide(&mut office, &not_affected(AT), AT).unwrap();
    take(&mut office, "kev.json", KEV, AT);
    settle(&mut office, AT);
    decide(&mut office, &breach(false, LATER), LATER).unwrap();
    assert_eq!(times_of(&office, "cra-14-24h"), (vec![time(LATER)], None));
}
