use super::*;
use crate::harm::assess::tests::inputs;
use crate::harm::decision::Record;
use crate::harm::exploitability::{Sign, SignKind};
use crate::harm::matrix::InForce;
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn calendar(row: &Row) -> Calendar {
    match row.jurisdiction {
        Jurisdiction::Us => Calendar::of("America/New_York", "us-federal").unwrap(),
        Jurisdiction::Eu | Jurisdiction::Own => {
            Calendar::of("Europe/Berlin", "de-national").unwrap()
        }
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Start and the two ends of a clock, in UTC.
fn check(rows: &[(&str, &str, &str, &str)]) {
    for (id, start, plain, due) in rows {
        let row = Table::shipped().row(id).unwrap().clone();
        let found = deadline(&row, time(start), &calendar(&row)).unwrap();
        assert_eq!((found.plain, found.due), (time(plain), time(due)), "{id} from {start}");
        assert!(!found.without_holidays);
    }
}

#[test]
fn pmk_04_uncontrolled_risk_has_thirty_and_sixty_days() {
    check(&[
        (
            "fda-postmarket-30",
            "2026-11-02T15:00:00Z",
            "2026-12-03T05:00:00Z",
            "2026-12-03T05:00:00Z",
        ),
        (
            "fda-postmarket-60",
            "2026-11-02T15:00:00Z",
            "2027-01-02T05:00:00Z",
            "2027-01-02T05:00:00Z",
        ),
        // Over the change to summer time: 8 March 2026. Weekends do not move it.
        (
            "fda-postmarket-30",
            "2026-02-12T15:00:00Z",
            "2026-03-15T04:00:00Z",
            "2026-03-15T04:00:00Z",
        ),
    ]);
}

#[test]
fn pmk_08_reports_in_the_united_states() {
    check(&[
        ("us-803-30", "2026-06-01T12:00:00Z", "2026-07-02T04:00:00Z", "2026-07-02T04:00:00Z"),
        // Monday before Thanksgiving: Tuesday, Wednesday, Friday, Monday, Tuesday.
        ("us-803-5", "2026-11-23T14:00:00Z", "2026-12-02T05:00:00Z", "2026-12-02T05:00:00Z"),
        // Late evening in UTC is still the same day in New York.
        ("us-803-5", "2026-11-24T02:00:00Z", "2026-12-02T05:00:00Z", "2026-12-02T05:00:00Z"),
        // Independence Day is observed on Friday, 3 July 2026.
        ("us-806-10", "2026-06-29T14:00:00Z", "2026-07-15T04:00:00Z", "2026-07-15T04:00:00Z"),
        ("hipaa-60", "2026-01-10T17:00:00Z", "2026-03-12T04:00:00Z", "2026-03-12T04:00:00Z"),
        ("bod-26-04-3", "2026-06-01T12:00:00Z", "2026-06-05T04:00:00Z", "2026-06-05T04:00:00Z"),
        ("bod-26-04-14", "2026-06-01T12:00:00Z", "2026-06-16T04:00:00Z", "2026-06-16T04:00:00Z"),
        ("bod-26-04-60", "2026-06-01T12:00:00Z", "2026-08-01T04:00:00Z", "2026-08-01T04:00:00Z"),
    ]);
}

#[test]
fn pmk_09_vigilance_in_the_union_counts_by_regulation_1182_71() {
    check(&[
        // Monday, 15 days: a Tuesday, nothing to move.
        ("mdr-87-15", "2026-06-01T08:00:00Z", "2026-06-16T22:00:00Z", "2026-06-16T22:00:00Z"),
        // Saturday is moved to Monday (Article 3(4)).
        ("mdr-87-15", "2026-06-05T08:00:00Z", "2026-06-20T22:00:00Z", "2026-06-22T22:00:00Z"),
        // Wednesday, 2 days: Thursday and Friday are two working days.
        ("mdr-87-2", "2026-06-03T08:00:00Z", "2026-06-05T22:00:00Z", "2026-06-05T22:00:00Z"),
        // Friday, 2 days: Sunday, moved to Monday, and two working days make it Tuesday (Article 3(5)).
        ("mdr-87-2", "2026-06-05T08:00:00Z", "2026-06-07T22:00:00Z", "2026-06-09T22:00:00Z"),
        // Thursday before Easter, over Good Friday and Easter Monday: Tuesday and Wednesday.
        ("mdr-87-2", "2026-04-02T08:00:00Z", "2026-04-04T22:00:00Z", "2026-04-08T22:00:00Z"),
        ("mdr-87-10", "2026-06-01T08:00:00Z", "2026-06-11T22:00:00Z", "2026-06-11T22:00:00Z"),
        // Late on 1 June in UTC is 2 June in Berlin.
        ("mdr-87-10", "2026-06-01T22:30:00Z", "2026-06-12T22:00:00Z", "2026-06-12T22:00:00Z"),
        ("mdr-87-8-action", "2026-06-01T08:00:00Z", "2026-06-01T08:00:00Z", "2026-06-01T08:00:00Z"),
    ]);
}

#[test]
fn pmk_18_cyber_resilience_act_and_the_proposed_article_87a() {
    check(&[
        // The hour of the event does not count; nights and weekends do.
        ("cra-14-24h", "2026-10-02T09:20:30Z", "2026-10-03T09:20:30Z", "2026-10-03T10:00:00Z"),
        ("cra-14-72h", "2026-10-02T09:20:30Z", "2026-10-05T09:20:30Z", "2026-10-05T10:00:00Z"),
        ("cra-14-14d", "2026-10-01T09:00:00Z", "2026-10-15T22:00:00Z", "2026-10-15T22:00:00Z"),
        (
            "cra-14-incident-24h",
            "2026-10-02T10:00:00Z",
            "2026-10-03T10:00:00Z",
            "2026-10-03T11:00:00Z",
        ),
        (
            "cra-14-incident-72h",
            "2026-10-02T10:00:00Z",
            "2026-10-05T10:00:00Z",
            "2026-10-05T11:00:00Z",
        ),
        // A month from 30 January ends on the last of February.
        (
            "cra-14-incident-month",
            "2026-01-30T10:00:00Z",
            "2026-02-28T23:00:00Z",
            "2026-03-02T23:00:00Z",
        ),
        ("mdr-87a-30", "2026-06-01T08:00:00Z", "2026-07-01T22:00:00Z", "2026-07-01T22:00:00Z"),
    ]);
    assert_eq!(Table::shipped().row("mdr-87a-30").unwrap().status, Legal::Proposal);
}

#[test]
fn pmk_19_hospitals_and_data_protection() {
    check(&[
        ("nis2-23-24h", "2026-06-01T08:30:00Z", "2026-06-02T08:30:00Z", "2026-06-02T09:00:00Z"),
        ("nis2-23-72h", "2026-06-01T08:30:00Z", "2026-06-04T08:30:00Z", "2026-06-04T09:00:00Z"),
        ("nis2-23-month", "2026-06-04T08:30:00Z", "2026-07-04T22:00:00Z", "2026-07-06T22:00:00Z"),
        // Over the change to winter time, 25 October 2026: 72 hours are 72 hours.
        ("gdpr-33-72h", "2026-10-23T10:15:00Z", "2026-10-26T10:15:00Z", "2026-10-26T11:00:00Z"),
    ]);
}

#[test]
fn pmk_01_own_policy_for_reports_of_finders() {
    check(&[
        ("own-triage", "2026-06-05T08:00:00Z", "2026-06-09T22:00:00Z", "2026-06-09T22:00:00Z"),
        (
            "own-cvd-acknowledge",
            "2026-04-30T08:00:00Z",
            "2026-05-08T22:00:00Z",
            "2026-05-08T22:00:00Z",
        ),
        ("own-cvd-status", "2026-06-01T08:00:00Z", "2026-07-01T22:00:00Z", "2026-07-01T22:00:00Z"),
        ("own-cvd-publish", "2026-06-01T08:00:00Z", "2026-08-30T22:00:00Z", "2026-08-30T22:00:00Z"),
        ("coordinator-45", "2026-06-01T08:00:00Z", "2026-07-16T22:00:00Z", "2026-07-16T22:00:00Z"),
    ]);
}

#[test]
fn pmk_09_every_row_is_tested_and_names_its_paragraph() {
    let source: String = include_str!("tests.rs").split_whitespace().collect();
    for row in Table::shipped().rows {
        assert!(source.matches(&format!("(\"{}\",\"2026", row.id)).count() >= 1, "{}", row.id);
        assert!(matches!(row.basis.as_str(), "text" | "knowledge"));
    }
}

#[test]
fn pmk_06_only_a_policy_can_be_changed() {
    let own = Table::shipped().with_policy("own-triage", Limit::WorkingDays(1)).unwrap();
    assert_eq!(own.row("own-triage").unwrap().limit, Limit::WorkingDays(1));
    let law = Table::shipped().with_policy("mdr-87-2", Limit::Days(9)).unwrap_err().to_string();
    assert_eq!(
        law,
        "clock table: mdr-87-2: found a limit that the maker does not own; expected the id of a clock that is policy"
    );
    assert!(Table::shipped().with_policy("nothing", Limit::Days(9)).is_err());
    assert!(
        Table::read("version = \"1\"\n[[clock]]\nid = 3").unwrap_err().key.starts_with("line ")
    );
}

#[test]
fn pmk_09_a_year_without_holiday_data_counts_earlier_and_says_so() {
    let row = Table::shipped().row("us-806-10").unwrap().clone();
    let found = deadline(&row, time("2031-12-20T15:00:00Z"), &calendar(&row)).unwrap();
    assert!(found.without_holidays);
    let beyond = deadline(&row, time("9999-12-30T00:00:00Z"), &calendar(&row)).unwrap_err();
    assert!(beyond.to_string().contains("before the year 9999"), "{beyond}");
    assert!(Calendar::of("Mars/Olympus", "de-national").unwrap_err().to_string().contains("IANA"));
    assert!(Calendar::of("Europe/Berlin", "mars").unwrap_err().to_string().contains("\"mars\""));
}

fn said(at: &str, reason: &str, recorded: &str) -> Start {
    Start { time: time(at), reason: reason.into(), by: "A. First".into(), recorded: time(recorded) }
}

fn running() -> Clock {
    let row = Table::shipped().row("fda-postmarket-30").unwrap().clone();
    let start = said("2026-06-01T04:00:00Z", "advisory read", "2026-06-01T05:00:00Z");
    Clock::new(row, "CVE-2026-0001").start(start).unwrap()
}

#[test]
fn pmk_04_a_clock_warns_at_half_and_at_eighty_per_cent_and_then_is_overdue() {
    let clock = running();
    let place = calendar(&clock.row);
    let word = |clock: &Clock, at: &str| match clock.state(time(at), &place).unwrap() {
        State::NotStarted => "not started",
        State::Running(_) => "running",
        State::Half(_) => "half",
        State::Late(_) => "late",
        State::Overdue(_) => "overdue",
        State::Stopped { late: false, .. } => "stopped",
        State::Stopped { late: true, .. } => "stopped late",
    };
    // 31 days to the end of 1 July: half after 15.5 days, 80 % after 24.8 days.
    for (at, expected) in [
        ("2026-06-01T04:00:00Z", "running"),
        ("2026-06-16T15:59:59Z", "running"),
        ("2026-06-16T16:00:00Z", "half"),
        ("2026-06-25T23:11:59Z", "half"),
        ("2026-06-25T23:12:00Z", "late"),
        ("2026-07-02T04:00:00Z", "late"),
        ("2026-07-02T04:00:01Z", "overdue"),
    ] {
        assert_eq!(word(&clock, at), expected, "{at}");
    }
    let stop = |at: &str| clock.clone().stop(done(at, "NOTICE-1")).unwrap();
    assert_eq!(word(&stop("2026-07-02T04:00:00Z"), "2027-01-01T00:00:00Z"), "stopped");
    assert_eq!(word(&stop("2026-07-02T04:00:01Z"), "2027-01-01T00:00:00Z"), "stopped late");
    assert_eq!(word(&Clock::new(clock.row.clone(), "x"), "2027-01-01T00:00:00Z"), "not started");
    let all = [clock.clone(), stop("2026-06-02T00:00:00Z")];
    let failing = overdue(&all, time("2026-07-03T00:00:00Z"), |_| &place).unwrap();
    assert_eq!(failing, [&clock]);
}

/// A stop that was said when it was done.
fn done(at: &str, evidence: &str) -> Stop {
    let (evidence, by) = (evidence.into(), "A. Name".into());
    Stop { time: time(at), evidence, by, recorded: time(at) }
}

#[test]
fn pmk_09_no_time_lies_in_the_future_and_no_stop_before_its_start() {
    let clock = running();
    let refused = |stop: Stop| clock.clone().stop(stop).unwrap_err().to_string();
    let early = refused(done("2026-06-01T03:59:59Z", "N-1"));
    assert!(early.contains("a stop at 2026-06-01T03:59:59Z"), "{early}");
    assert!(early.contains("a time from 2026-06-01T04:00:00Z to 2026-06-01T03:59:59Z"), "{early}");
    let ahead = Stop { time: time("2099-01-01T00:00:00Z"), ..done("2026-06-10T00:00:00Z", "N-1") };
    assert!(refused(ahead).contains("to 2026-06-10T00:00:00Z"));
    let nobody = Stop { by: " ".into(), ..done("2026-06-10T00:00:00Z", "N-1") };
    assert!(refused(nobody).contains("expected a named person"));
    let ahead = said("2026-06-11T00:00:00Z", "tomorrow", "2026-06-10T00:00:00Z");
    assert!(clock.clone().start(ahead).unwrap_err().to_string().contains("not after 2026-06-10"));
    let stopped = clock.stop(done("2026-06-10T00:00:00Z", "N-1")).unwrap();
    let after = stopped.clone().start(said("2026-06-12T00:00:00Z", "x", "2026-06-13T00:00:00Z"));
    assert!(after.unwrap_err().to_string().contains("not after its stop"));
    let before = said("2026-05-31T00:00:00Z", "it was known before", "2026-06-13T00:00:00Z");
    assert!(stopped.start(before).is_ok(), "a stopped clock can be found to have run longer");
    // What is planned lies ahead, and its report comes before it.
    let planned = Table::shipped().row("mdr-87-8-action").unwrap().clone();
    let planned = Clock::new(planned, "x");
    let planned =
        planned.start(said("2026-07-01T00:00:00Z", "plan", "2026-06-01T00:00:00Z")).unwrap();
    assert!(planned.stop(done("2026-06-20T00:00:00Z", "FSCA-1")).is_ok());
}

#[test]
fn pmk_09_awareness_can_be_corrected_with_a_reason_and_history_stays() {
    let place = calendar(&running().row);
    let earlier =
        said("2026-05-20T04:00:00Z", "a service partner knew before", "2026-06-05T00:00:00Z");
    let later = said("2026-05-28T04:00:00Z", "that was another device", "2026-06-06T00:00:00Z");
    let clock = running().start(earlier).unwrap();
    assert_eq!(clock.deadline(&place).unwrap().unwrap().due, time("2026-06-20T04:00:00Z"));
    let clock = clock.start(later).unwrap();
    assert_eq!(clock.deadline(&place).unwrap().unwrap().due, time("2026-06-28T04:00:00Z"));
    let reasons: Vec<&str> = clock.history().iter().map(|start| start.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["advisory read", "a service partner knew before", "that was another device"]
    );
    let error =
        clock.clone().start(said("2026-06-01T00:00:00Z", " ", "2026-06-07T00:00:00Z")).unwrap_err();
    assert!(error.to_string().contains("no reason or no person"), "{error}");
    assert!(
        clock.clone().start(said("2026-06-01T00:00:00Z", "x", "2026-06-01T00:00:00Z")).is_err()
    );
    let stop = |evidence: &str| clock.clone().stop(done("2026-06-10T00:00:00Z", evidence));
    assert!(stop("").unwrap_err().to_string().contains("expected the customer notice as sent"));
    let stopped = stop("N-1").unwrap();
    assert!(stopped.stop(done("2026-06-11T00:00:00Z", "N-2")).is_err());
}

fn started(change: impl Fn(&mut crate::harm::assess::Inputs), incident: Incident) -> Vec<String> {
    let mut inputs = inputs();
    change(&mut inputs);
    let record = Record::propose(inputs, &InForce::shipped(), None).unwrap();
    let now = time("2026-11-22T09:00:00Z");
    let events = happened(&record, record.class_at(now), incident, time("2026-11-20T08:00:00Z"));
    let scopes: BTreeSet<String> =
        ["us-device", "mdr", "gdpr", "own-policy"].into_iter().map(str::to_owned).collect();
    let clocks =
        start(&Table::shipped(), &events, &scopes, "CVE-2026-0001", "A. First", now).unwrap();
    clocks.into_iter().map(|clock| clock.row.id).collect()
}

const QUIET: Incident =
    Incident { attacked: false, death_or_deterioration: false, data_breached: false };

#[test]
fn pmk_04_an_uncontrolled_decision_starts_its_clocks_and_a_controlled_one_does_not() {
    assert_eq!(started(|_| {}, QUIET), ["fda-postmarket-30", "fda-postmarket-60", "own-triage"]);
    let elsewhere = |inputs: &mut crate::harm::assess::Inputs| {
        inputs.path = crate::harm::assess::tests::risk_file().path(None, "openssl");
    };
    assert_eq!(started(elsewhere, QUIET), ["own-triage"]);
}

#[test]
fn pmk_10_an_attack_on_a_life_supporting_device_is_preclassified_for_two_days() {
    let attacked = Incident { attacked: true, ..QUIET };
    let found = started(|_| {}, attacked);
    assert!(
        found.contains(&"mdr-87-2".to_owned()) && found.contains(&"mdr-87-15".to_owned()),
        "{found:?}"
    );
    let other = started(|inputs| inputs.life_supporting = false, attacked);
    assert!(
        !other.contains(&"mdr-87-2".to_owned()) && other.contains(&"mdr-87-15".to_owned()),
        "{other:?}"
    );
}

#[test]
fn pmk_18_the_cyber_resilience_act_runs_only_where_it_is_in_scope() {
    let exploited = |inputs: &mut crate::harm::assess::Inputs| {
        inputs.signs.push(Sign {
            id: "CVE-2026-0001".into(),
            kind: SignKind::KnownExploited,
            asserter: "CISA".into(),
            since: "2026-11-20".into(),
        });
    };
    assert!(started(exploited, QUIET).iter().all(|id| !id.starts_with("cra")));
    let mut given = inputs();
    exploited(&mut given);
    let record = Record::propose(given, &InForce::shipped(), None).unwrap();
    let now = time("2026-11-22T09:00:00Z");
    let scopes = BTreeSet::from(["cra".to_owned()]);
    let events = happened(&record, record.class_at(now), QUIET, now);
    let clocks = start(&Table::shipped(), &events, &scopes, "x", "A", now).unwrap();
    let ids: Vec<&str> = clocks.iter().map(|clock| clock.row.id.as_str()).collect();
    assert_eq!(ids, ["cra-14-24h", "cra-14-72h"]);
}

#[test]
fn pmk_04_clocks_are_exported_as_a_calendar() {
    let place = calendar(&running().row);
    let now = time("2026-06-02T00:00:00Z");
    let stopped = running().stop(done(&now.to_string(), "N-1")).unwrap();
    let written = ical(&[(1, stopped), (2, running())], now, |_| &place).unwrap();
    let expected = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Homeostat//post-market clocks//EN",
        "BEGIN:VEVENT",
        &format!(
            "UID:{}@homeostat",
            &crate::harm::canonical::digest(b"2\nfda-postmarket-30\nCVE-2026-0001")[..32]
        ),
        "DTSTAMP:20260602T000000Z",
        "DTSTART:20260702T040000Z",
        "SUMMARY:Due: Customers told\\, interim controls and plan named (CVE-2026-000",
        " 1)",
        "DESCRIPTION:FDA\\, Postmarket Management of Cybersecurity in Medical Devices",
        "  (2016)\\, VII.B\\; since 2026-06-01T04:00:00Z because advisory read\\; stopp",
        " ed by: the customer notice as sent\\, with date and recipients",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER;VALUE=DATE-TIME:20260616T160000Z",
        "DESCRIPTION:50 % of the time gone: Customers told\\, interim controls and pl",
        " an named",
        "END:VALARM",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER;VALUE=DATE-TIME:20260625T231200Z",
        "DESCRIPTION:80 % of the time gone: Customers told\\, interim controls and pl",
        " an named",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ];
    assert_eq!(written.split("\r\n").collect::<Vec<_>>(), expected);
}

proptest! {
    #[test]
    fn pmk_09_no_rule_shortens_a_period_and_later_starts_are_never_due_earlier(
        at in 1_767_225_600_i64..1_850_000_000, later in 0_i64..2_000_000, row in 0_usize..29
    ) {
        let rows = Table::shipped().rows;
        let row = &rows[row % rows.len()];
        let place = calendar(row);
        let of = |second| deadline(row, Timestamp::from_second(second).unwrap(), &place).unwrap();
        let (first, second) = (of(at), of(at + later));
        prop_assert!(first.due >= first.plain && first.plain.as_second() >= at);
        prop_assert!(second.due >= first.due && second.plain >= first.plain);
    }

    #[test]
    fn tst_03_any_subject_makes_a_well_formed_calendar(subject in any::<String>()) {
        let row = Table::shipped().row("own-triage").unwrap().clone();
        let place = calendar(&row);
        let start = said("2026-06-01T04:00:00Z", "read", "2026-06-01T05:00:00Z");
        let clock = Clock::new(row, subject).start(start).unwrap();
        let written = ical(&[(1, clock)], time("2026-06-02T00:00:00Z"), |_| &place).unwrap();
        prop_assert!(written.ends_with("END:VCALENDAR\r\n"));
        for line in written.split_terminator("\r\n") {
            prop_assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{:?}", line);
        }
        prop_assert_eq!(written.matches("BEGIN:").count(), written.matches("END:").count());
    }
}
