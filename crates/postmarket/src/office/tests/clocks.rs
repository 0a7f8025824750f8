//! Clocks that people start, correct and stop.

use super::*;

const INCIDENT: &str = "aware-of-serious-incident";

fn happened(event: &str, at: &str, reason: &str) -> Happened {
    Happened { event: event.into(), time: time(at), reason: reason.into() }
}

/// An office with one finding, F-1.
fn with_finding() -> Office {
    let mut office = office();
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    settle(&mut office, "2026-11-22T08:00:00Z");
    office
}

fn of_row(office: &Office, row: &str, at: &str) -> Vec<Standing> {
    let all = office.clocks(Some(FindingId(1)), time(at)).unwrap();
    all.into_iter().filter(|one| one.running.clock.row.id == row).collect()
}

#[test]
fn pmk_09_a_start_is_corrected_by_a_named_person_and_what_was_said_is_kept() {
    let mut office = with_finding();
    let (by, late) = ("R. Example", "2026-12-20T00:00:00Z");
    let first = happened(INCIDENT, "2026-12-10T08:00:00Z", "call 17");
    assert_eq!(office.start_clocks(FindingId(1), &first, by, time(late)).unwrap(), 1);
    let [before] = &*of_row(&office, "mdr-87-15", late) else { panic!("one clock") };
    let id = before.running.id;
    let correct = |office: &mut Office, at: &str, reason: &str, by: &str| {
        office.correct_clock(id, (time(at), reason, by), time(late))
    };
    for (at, reason, by) in [
        ("2026-12-01T08:00:00Z", " ", by),
        ("2026-12-01T08:00:00Z", "a partner knew before", " "),
        ("2027-01-01T08:00:00Z", "not yet", by),
    ] {
        assert!(correct(&mut office, at, reason, by).is_err(), "{at} {reason} {by}");
    }
    correct(&mut office, "2026-12-01T08:00:00Z", "a partner knew before", by).unwrap();
    let office = reopened(office).unwrap();
    let [after] = &*of_row(&office, "mdr-87-15", late) else { panic!("one clock") };
    assert!(after.due() < before.due() && after.word() == "overdue", "{after:?}");
    let said = after.running.clock.history();
    let reasons: Vec<&str> = said.iter().map(|start| start.reason.as_str()).collect();
    assert_eq!(reasons, ["call 17", "a partner knew before"]);
    assert_eq!((said[1].by.as_str(), said[1].recorded), (by, time(late)));
}

#[test]
fn pmk_09_a_second_incident_has_a_clock_of_its_own_and_the_same_one_starts_nothing() {
    let mut office = with_finding();
    let late = "2026-12-21T00:00:00Z";
    for (at, reason, started) in [
        ("2026-12-10T08:00:00Z", "call 17", 1),
        ("2026-12-20T08:00:00Z", "a second patient", 1),
        ("2026-12-10T08:00:00Z", "call 17", 0),
    ] {
        let event = happened(INCIDENT, at, reason);
        let count = office.start_clocks(FindingId(1), &event, "R. Example", time(late)).unwrap();
        assert_eq!(count, started, "{reason}");
    }
    assert_eq!(of_row(&office, "mdr-87-15", late).len(), 2);
    let ahead = happened(INCIDENT, "2027-01-01T00:00:00Z", "call 18");
    assert!(office.start_clocks(FindingId(1), &ahead, "R. Example", time(late)).is_err());
}

#[test]
fn pmk_04_a_clock_stops_between_its_start_and_now_and_by_somebody() {
    let mut office = with_finding();
    let (id, now) = (1, time("2026-12-01T00:00:00Z"));
    for (at, by) in [
        ("2020-01-01T00:00:00Z", "R. Example"),
        ("2099-01-01T00:00:00Z", "R. Example"),
        ("2026-11-30T00:00:00Z", " "),
    ] {
        let refused = office.stop_clock(id, (time(at), "N-1", by), now).unwrap_err().to_string();
        assert!(refused.contains("clock 1: "), "{refused}");
    }
    let at = time("2026-11-30T00:00:00Z");
    office.stop_clock(id, (at, "N-1", "R. Example"), now).unwrap();
    let office = reopened(office).unwrap();
    let clocks = office.clocks(None, now).unwrap();
    let stopped = clocks.iter().find_map(|one| one.running.clock.stopped()).unwrap();
    assert_eq!((stopped.time, stopped.by.as_str(), stopped.recorded), (at, "R. Example", now));
}
