//! Decisions of people: what they know, when they decide, and the chain of them.

use super::*;
use crate::harm::decision::{Override, Reason};
use crate::harm::exploitability::SignKind;

/// An office with one finding, F-1, of a component on the way to the dose; hard to exploit, and so controlled.
pub(super) fn controlled() -> Office {
    let mut office = office();
    let text = RISKS.replace("functions = [\"clock\"]", "functions = [\"clock\", \"dose\"]");
    let risks = function_map::read("r", text.as_bytes()).unwrap();
    office.put_risks("pump", ("r", text.as_bytes()), risks, "2026-11-20T00:00:00Z").unwrap();
    let weak =
        osv("2026-11-20T00:00:00Z", "").replace("AV:N/AC:L/PR:N/UI:N", "AV:P/AC:H/PR:H/UI:R");
    take(&mut office, "a.json", &weak, "2026-11-21T06:00:00Z");
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Controlled);
    office
}

pub(super) fn decide(office: &mut Office, given: &Given, at: &str) -> Result<Decided, AssessError> {
    let recorded = time("2026-12-31T00:00:00Z");
    office.decide(FindingId(1), given, (time(at), recorded))
}

pub(super) fn given_by(at: &str) -> Given {
    let person = Approval { time: at.into(), ..person() };
    Given { person: Some(person), ..Given::default() }
}

pub(super) const AT: &str = "2026-11-23T08:00:00Z";

#[test]
fn pmk_18_an_attack_that_the_maker_knows_of_is_a_sign_that_raises_and_starts_every_clock() {
    let mdr = ["fda-postmarket-30", "us-803-30", "mdr-87-15", "mdr-87-2"];
    let cra = ["fda-postmarket-30", "us-803-30", "cra-14-24h", "cra-14-incident-24h"];
    attacked(controlled(), mdr);
    let mut office = controlled();
    under_cra(&mut office);
    attacked(office, cra);
}

fn attacked(mut office: Office, rows: [&str; 4]) {
    let incident = Incident { attacked: true, ..Incident::default() };
    let learned = time("2026-11-23T06:00:00Z");
    let given = Given { incident, learned: Some(learned), ..given_by(AT) };
    let decided = decide(&mut office, &given, AT).unwrap();
    let record = &decided.record;
    let [sign] = record.inputs.signs.as_slice() else { panic!("{record:?}") };
    assert_eq!((sign.kind, sign.asserter.as_str()), (SignKind::Attacked, "R. Example"));
    assert_eq!(sign.since, learned.to_string());
    assert_eq!(record.outcome.class, Class::Uncontrolled);
    let clocks = office.clocks(Some(FindingId(1)), time(AT)).unwrap();
    let start = |row: &str| {
        let found = clocks.iter().find(|one| one.running.clock.row.id == row);
        found.map(|one| one.running.clock.history()[0].time)
    };
    for row in rows {
        assert_eq!(start(row), Some(learned), "{row}");
    }
    // It holds for what is decided later, and settling says nothing else.
    assert_eq!(settle(&mut office, "2026-11-24T08:00:00Z").notices, []);
    let again = decide(&mut office, &given_by(AT), AT).unwrap();
    assert_eq!((again.started, again.record.inputs.signs.len()), (0, 1));
    let all = office.decisions(FindingId(1)).unwrap();
    assert!(all.len() == 2 && all.iter().all(|one| one.differs.is_none()), "{all:?}");
    let not_affected = (Justification::VulnerableCodeNotPresent, "CG-3".to_owned());
    let refused = decide(&mut office, &Given { not_affected: Some(not_affected), ..given }, AT);
    assert!(refused.unwrap_err().to_string().contains("/inputs/applicability"));
}

/// What a person says of a finding: it was attacked.
pub(super) fn attack(at: &str) -> Given {
    let incident = Incident { attacked: true, ..Incident::default() };
    Given { incident, learned: Some(time("2026-11-23T06:00:00Z")), ..given_by(at) }
}

pub(super) fn not_affected(at: &str) -> Given {
    let evidence = (Justification::VulnerableCodeNotPresent, "CG-3".to_owned());
    Given { not_affected: Some(evidence), ..given_by(at) }
}

/// The only attack that is said is withdrawn.
pub(super) fn for_reason(reason: &str) -> Option<Withdrawal> {
    Some(Withdrawal { reason: reason.into(), said_by: None })
}

#[test]
fn pmk_18_a_product_that_was_attacked_is_affected_until_a_person_withdraws_the_attack() {
    let mut office = controlled();
    let withdrawn = |reason: &str| Given { withdrawn: for_reason(reason), ..given_by(AT) };
    let refused = decide(&mut office, &withdrawn("a drill"), AT).unwrap_err().to_string();
    assert!(refused.contains("/inputs/signs: found none"), "{refused}");
    decide(&mut office, &attack(AT), AT).unwrap();
    let refused = decide(&mut office, &not_affected(AT), AT).unwrap_err().to_string();
    assert!(refused.contains("/inputs/applicability: found not affected"), "{refused}");
    assert!(refused.contains("--withdraw-attack"), "{refused}");
    let both = Given { withdrawn: for_reason("a drill"), ..attack(AT) };
    for (given, found) in [(both, "found both"), (withdrawn(" "), "found no reason")] {
        let refused = decide(&mut office, &given, AT).unwrap_err().to_string();
        assert!(refused.contains(found), "{refused}");
    }
    let mut office = reopened(office).unwrap();
    let clocks = |office: &Office| office.clocks(Some(FindingId(1)), time(AT)).unwrap();
    let incident = |office: &Office| {
        let all = clocks(office);
        let reports = all.iter().filter(|one| one.running.clock.row.id == "mdr-87-15");
        reports.filter(|one| one.running.clock.stopped().is_none()).count()
    };
    assert_eq!(incident(&office), 1);
    let decided = decide(&mut office, &withdrawn("it was a drill"), AT).unwrap().record;
    assert_eq!((decided.outcome.class, decided.inputs.signs.len()), (Class::Controlled, 0));
    let fact = decided.inputs.facts.last().unwrap();
    let value = "it was a drill (said by R. Example, 2026-11-23T06:00:00Z)";
    assert_eq!((&*fact.name, &*fact.value), ("attack withdrawn", value));
    assert_eq!((&*fact.source, &*fact.time), ("R. Example", AT));
    let words = crate::report::record_words(&decided, time(AT));
    assert!(words.contains("withdrawn by R. Example: it was a drill"), "{words}");
    assert_eq!(incident(&office), 1, "a person stops what a person started");
    decide(&mut office, &not_affected(AT), AT).unwrap();
    // Nothing of it is gone: the decisions replay, and the life of the finding says it.
    let all = office.decisions(FindingId(1)).unwrap();
    assert!(all.len() == 3 && all.iter().all(|one| one.differs.is_none()), "{all:?}");
    assert_eq!(office.check_decisions().unwrap().count, 3);
    assert!(all[0].record.inputs.signs.iter().any(|sign| sign.kind == SignKind::Attacked));
    let life: Vec<String> =
        office.history(FindingId(1)).unwrap().into_iter().map(|event| event.reason).collect();
    assert!(life[1].ends_with("; it was attacked"), "{life:?}");
    assert!(life[2].ends_with("; the attack is withdrawn: it was a drill"), "{life:?}");
}

#[test]
fn pmk_18_an_attack_on_one_product_is_a_sign_for_another_and_no_more() {
    let mut office = controlled();
    let other = release("monitor", "3", &[("time", "0.1.43")]);
    office.put_releases([other], "2026-11-22T09:00:00Z").unwrap();
    settle(&mut office, "2026-11-22T10:00:00Z");
    let (pump, monitor) = (FindingId(1), FindingId(2));
    let say = |office: &mut Office, id: FindingId, given: &Given| {
        office.decide(id, given, (time(AT), time("2026-12-31T00:00:00Z")))
    };
    let signs = |office: &Office, id: FindingId| {
        office.assess(id, &Given::default()).unwrap().record.inputs.signs.len()
    };
    say(&mut office, pump, &attack(AT)).unwrap();
    assert_eq!((signs(&office, pump), signs(&office, monitor)), (1, 1));
    // The other product was not attacked: evidence says what it says, and there is nothing to withdraw.
    say(&mut office, monitor, &not_affected(AT)).unwrap();
    let withdrawn = Given { withdrawn: for_reason("a drill"), ..given_by(AT) };
    assert!(say(&mut office, monitor, &withdrawn).is_err());
    // One person learned of both at one time: one sign, which the other product's attack keeps.
    say(&mut office, monitor, &attack(AT)).unwrap();
    assert_eq!((signs(&office, pump), signs(&office, monitor)), (1, 1));
    say(&mut office, pump, &withdrawn).unwrap();
    assert_eq!((signs(&office, pump), signs(&office, monitor)), (1, 1));
    say(&mut office, pump, &not_affected(AT)).unwrap();
    assert!(say(&mut office, monitor, &not_affected(AT)).is_err());
    say(&mut office, monitor, &withdrawn).unwrap();
    assert_eq!((signs(&office, pump), signs(&office, monitor)), (0, 0));
    // What was withdrawn is said again.
    say(&mut office, pump, &attack(AT)).unwrap();
    assert_eq!((signs(&office, pump), signs(&office, monitor)), (1, 1));
}

#[test]
fn pmk_02_a_first_sign_of_exploitation_is_told_whatever_the_class_and_once() {
    for not_affected in [false, true] {
        let mut office = office();
        under_cra(&mut office);
        take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
        settle(&mut office, "2026-11-22T08:00:00Z");
        let evidence = (Justification::VulnerableCodeNotPresent, "CG-3".to_owned());
        let given = Given { not_affected: not_affected.then_some(evidence), ..given_by(AT) };
        decide(&mut office, &given, AT).unwrap();
        take(&mut office, "kev.json", KEV, "2026-11-24T06:00:00Z");
        let settled = settle(&mut office, "2026-11-24T08:00:00Z");
        let [notice] = settled.notices.as_slice() else { panic!("{not_affected} {settled:?}") };
        assert!(notice.reason.contains("said to be exploited"), "{notice:?}");
        // Where it was uncontrolled before, the clocks of exploitation were missing.
        assert_eq!(settled.started, if not_affected { 0 } else { 2 }, "{settled:?}");
        take(&mut office, "kev2.json", &format!("{KEV} "), "2026-11-24T07:00:00Z");
        assert_eq!(settle(&mut office, "2026-11-25T08:00:00Z").notices, []);
    }
}

#[test]
fn pmk_03_a_decision_comes_after_its_finding_and_the_one_before_and_not_from_the_future() {
    let mut office = controlled();
    for at in ["2020-01-01T00:00:00Z", "2026-11-22T07:59:59Z", "2027-01-01T00:00:00Z"] {
        let refused = decide(&mut office, &given_by(at), at).unwrap_err().to_string();
        assert!(refused.contains("/decided/time: found ") && refused.contains(at), "{refused}");
    }
    decide(&mut office, &given_by(AT), AT).unwrap();
    let early = "2026-11-22T12:00:00Z";
    assert!(decide(&mut office, &given_by(early), early).is_err(), "before the last one");
    let kept: (String, String) = office
        .store
        .read(|database| {
            let words = "SELECT time, recorded FROM decision";
            Ok(database.query_row(words, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
        .unwrap();
    assert_eq!(kept, (AT.to_owned(), "2026-12-31T00:00:00Z".to_owned()));
}

#[test]
fn pmk_03_a_decision_comes_after_all_that_is_known_of_its_finding() {
    let mut office = controlled();
    take(&mut office, "kev.json", KEV, "2026-11-24T06:00:00Z");
    settle(&mut office, "2026-11-24T08:00:00Z");
    // It would rest on a sign that nobody knew then.
    let refused = decide(&mut office, &given_by(AT), AT).unwrap_err().to_string();
    assert!(refused.contains("a time from 2026-11-24T08:00:00Z"), "{refused}");
    let after = "2026-11-24T08:00:00Z";
    decide(&mut office, &given_by(after), after).unwrap();
}

#[test]
fn pmk_18_clocks_that_run_are_corrected_to_when_a_later_decision_says_that_the_maker_learned() {
    let mut office = controlled();
    under_cra(&mut office);
    let incident = Incident { attacked: true, ..Incident::default() };
    let learned =
        |at: &str, when: &str| Given { incident, learned: Some(time(when)), ..given_by(at) };
    let (late, early) = ("2026-11-23T06:00:00Z", "2026-11-22T10:00:00Z");
    assert_eq!(decide(&mut office, &learned(AT, late), AT).unwrap().corrected, 0);
    let again = "2026-11-24T08:00:00Z";
    let decided = decide(&mut office, &learned(again, early), again).unwrap();
    let follow = ["fda-postmarket-30", "fda-postmarket-60", "cra-14-24h", "cra-14-72h"];
    assert_eq!(decided.corrected, follow.len());
    // Neither a later time nor a decision that says no time moves them.
    let third = "2026-11-25T08:00:00Z";
    assert_eq!(decide(&mut office, &learned(third, again), third).unwrap().corrected, 0);
    assert_eq!(decide(&mut office, &given_by(third), third).unwrap().corrected, 0);
    let office = reopened(office).unwrap();
    let clocks = office.clocks(Some(FindingId(1)), time(third)).unwrap();
    for row in follow {
        let of_row = |one: &&Standing| one.running.clock.row.id == row;
        let [clock] = &*clocks.iter().filter(of_row).collect::<Vec<_>>() else { panic!("{row}") };
        let said: Vec<_> = clock.running.clock.history().iter().map(|one| one.time).collect();
        assert_eq!(said, [time(late), time(early)], "{row}");
        let last = clock.running.clock.history().last().unwrap();
        assert!(last.reason.starts_with("learned of earlier: "), "{last:?}");
        assert_eq!((&*last.by, last.recorded), ("R. Example", time("2026-12-31T00:00:00Z")));
    }
}

#[test]
fn pmk_04_no_decision_stops_or_moves_a_clock_that_started_after_it() {
    let mut office = controlled();
    let read = time("2026-11-25T08:00:00Z");
    let happened =
        Happened { event: "signal-received".into(), time: read, reason: "a call".into() };
    let (by, recorded) = ("R. Example", time("2026-12-31T00:00:00Z"));
    assert_eq!(office.start_clocks(FindingId(1), &happened, by, recorded).unwrap(), 1);
    // What was decided before the call rests on nothing of it.
    let given = Given { learned: Some(time("2026-11-22T00:00:00Z")), ..given_by(AT) };
    let decided = decide(&mut office, &given, AT).unwrap();
    assert_eq!((decided.stopped, decided.corrected), (1, 0));
    let state = |office: &Office| {
        let clocks = office.clocks(Some(FindingId(1)), recorded).unwrap().into_iter();
        let clocks = clocks.map(|one| one.running.clock);
        let mut all: Vec<_> = clocks
            .map(|one| (one.history()[0].time, one.stopped().map(|stop| stop.time)))
            .collect();
        all.sort();
        all
    };
    let first = time("2026-11-21T06:00:00Z");
    assert_eq!(state(&office), [(first, Some(time(AT))), (read, None)]);
    // One at that time does.
    let then = read.to_string();
    assert_eq!(decide(&mut office, &given_by(&then), &then).unwrap().stopped, 1);
    assert_eq!(state(&office), [(first, Some(time(AT))), (read, Some(read))]);
}

#[test]
fn pmk_03_an_override_says_no_more_than_evidence_does_and_ends_within_a_year() {
    let mut office = controlled();
    let over = Override {
        class: Class::NotAffected,
        reason: Reason::ClinicalJudgement,
        text: "it does not matter".into(),
        second: Approval { name: "S. Example".into(), ..person() },
        expires: "2027-01-01T00:00:00Z".into(),
    };
    let with = |over: Override| Given { overridden: Some(over), ..given_by(AT) };
    let refused = decide(&mut office, &with(over.clone()), AT).unwrap_err().to_string();
    assert!(refused.contains("/overridden/class: found not-affected"), "{refused}");
    let over = Override { class: Class::Controlled, ..over };
    let long = Override { expires: "2099-01-01T00:00:00Z".into(), ..over.clone() };
    let refused = decide(&mut office, &with(long), AT).unwrap_err().to_string();
    assert!(refused.contains("within a year"), "{refused}");
    assert_eq!(office.check_decisions().unwrap().count, 0);
    decide(&mut office, &with(over), AT).unwrap();
}

#[test]
fn pmk_03_a_record_that_was_written_anew_is_found_by_its_digest_or_by_the_head() {
    let mut office = controlled();
    decide(&mut office, &given_by(AT), AT).unwrap();
    let head = office.check_decisions().unwrap().head.unwrap();
    let write = |office: &Office, digest: &str| {
        let words = format!(
            "DROP TRIGGER IF EXISTS keep_decision_as_it_is; UPDATE decision SET digest = '{digest}', record = \
             CAST(replace(CAST(record AS TEXT), 'R. Example', 'Q. Example') AS BLOB)"
        );
        office.store.read(|database| Ok(database.execute_batch(&words)?)).unwrap();
    };
    write(&office, &head);
    let error = office.check_decisions().unwrap_err().to_string();
    assert!(error.contains(&format!("record 0: digest: found {head}")), "{error}");
    // With a digest computed anew only the head, noted elsewhere, tells.
    let forged = office.decisions(FindingId(1)).unwrap()[0].record.digest();
    write(&office, &forged.unwrap());
    assert_ne!(office.check_decisions().unwrap().head, Some(head));
}

#[test]
fn pmk_03_two_people_who_decide_at_the_same_time_both_stand_in_one_chain() {
    let folder = std::env::temp_dir().join(format!("homeostat-both-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("office.db");
    let mut watch = Office::open(Store::open(&path).unwrap(), rules("1"), now()).unwrap();
    let releases = [
        release("pump", "1.0", &[("time", "0.1.43")]),
        release("hub", "1.0", &[("time", "0.1.43")]),
    ];
    watch.put_releases(releases, "2026-01-01T00:00:00Z").unwrap();
    take(&mut watch, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    assert_eq!(settle(&mut watch, "2026-11-22T08:00:00Z").notices.len(), 2);
    let mut one = Office::look(Store::open(&path).unwrap()).unwrap();
    let mut other = Office::look(Store::open(&path).unwrap()).unwrap();
    // Both have looked before either decides.
    for (office, id) in [(&one, 1), (&other, 2)] {
        office.assess(FindingId(id), &given_by(AT)).unwrap();
    }
    let times = (time(AT), time(AT));
    one.decide(FindingId(1), &given_by(AT), times).unwrap();
    let second = other.decide(FindingId(2), &given_by(AT), times).unwrap();
    let chain = one.check_decisions().unwrap();
    assert_eq!(chain, Chain { count: 2, head: Some(second.digest) });
    assert_eq!(one.decisions(FindingId(2)).unwrap()[0].recorded.as_deref(), Some(AT));
    let _ = std::fs::remove_dir_all(&folder);
}
