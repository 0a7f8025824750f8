//! What befalls a store and a finding in a long life.

use super::*;
use crate::harm::decision::{Override, Reason};

fn sql(office: &Office, words: &str) {
    office.store.read(|database| Ok(database.execute_batch(words)?)).unwrap();
}

#[test]
fn pmk_01_after_a_failed_write_the_office_refuses_until_it_is_opened_again() {
    let mut office = office();
    sql(
        &office,
        "CREATE TRIGGER full BEFORE INSERT ON feed_file BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    let text = osv("2026-11-20T00:00:00Z", "");
    let (listed, learned) =
        (listed("a.json", &text, "2026-11-21T06:00:00Z"), "2026-11-21T06:00:00Z");
    let again = |office: &mut Office| {
        let read = |to: &mut Sink<'_>| read_feed(text.as_bytes(), "a.json", to);
        office.take(&listed, read, (learned, learned), &mut Round::default())
    };
    assert!(again(&mut office).unwrap_err().to_string().contains("disk full"));
    sql(&office, "DROP TRIGGER full");
    let error = again(&mut office).unwrap_err().to_string();
    assert!(office.is_ahead() && error.contains("open the office again"), "{error}");
    let mut office = reopened(office).unwrap();
    again(&mut office).unwrap();
    assert_eq!(settle(&mut office, "2026-11-22T08:00:00Z").notices.len(), 1);
}

#[test]
fn pmk_01_a_row_that_is_missing_is_named_and_shifts_no_other() {
    for table in ["component", "advisory", "release"] {
        let mut office = office();
        take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
        sql(&office, "DROP TRIGGER keep_release_as_it_is; PRAGMA foreign_keys = OFF");
        sql(&office, &format!("UPDATE {table} SET id = 99 WHERE id = 0"));
        let error = reopened(office).unwrap_err().to_string();
        assert!(error.contains(table) && error.contains("expected number 0 here"), "{error}");
    }
}

/// An advisory of a feed about `time`, or one that was withdrawn.
fn said(id: &str, aliases: &str, day: usize, withdrawn: bool) -> String {
    let gone = if withdrawn { r#","withdrawn":"2026-11-21T00:00:00Z""# } else { "" };
    osv(&format!("2026-11-{day:02}T00:00:00Z"), gone)
        .replace("RUSTSEC-2020-0071", id)
        .replace(r#"["CVE-2020-26235"]"#, aliases)
}

fn told(settled: &Settled) -> Vec<(&str, String)> {
    settled.notices.iter().map(|one| (&*one.change, one.finding.to_string())).collect()
}

const LEARNED: &str = "2026-11-20T06:00:00Z";

#[test]
fn pmk_01_a_finding_stays_open_when_one_of_two_linked_advisories_is_withdrawn() {
    let mut office = office();
    let linked = r#"["CVE-2020-26235"]"#;
    take(&mut office, "cve.json", &said("CVE-2020-26235", "[]", 1, false), LEARNED);
    take(&mut office, "rs.json", &said("RUSTSEC-2020-0071", linked, 1, false), LEARNED);
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!((told(&settled), settled.started), (vec![("opened", "F-1".to_owned())], 3));
    take(&mut office, "rs.json", &said("RUSTSEC-2020-0071", linked, 2, true), LEARNED);
    let settled = settle(&mut office, "2026-11-22T09:00:00Z");
    assert_eq!((told(&settled), settled.stopped), (Vec::new(), 0), "{settled:?}");
    let finding = office.finding(FindingId(1)).unwrap();
    assert!(finding.told.open && finding.names == ["CVE-2020-26235"], "{finding:?}");
    take(&mut office, "cve.json", &said("CVE-2020-26235", "[]", 2, true), LEARNED);
    assert_eq!(told(&settle(&mut office, "2026-11-22T10:00:00Z")), [("closed", "F-1".into())]);
}

#[test]
fn pmk_01_two_findings_that_become_one_leave_none_behind_and_split_again() {
    let mut office = office();
    let linked = r#"["CVE-2020-26235"]"#;
    take(&mut office, "cve.json", &said("CVE-2020-26235", "[]", 1, false), LEARNED);
    let later = "2026-11-21T06:00:00Z";
    take(&mut office, "rs.json", &said("RUSTSEC-2020-0071", "[]", 1, false), later);
    assert_eq!(settle(&mut office, "2026-11-22T08:00:00Z").notices.len(), 2);
    // Two incidents are two, also where their findings become one.
    for finding in [1, 2] {
        let event = "aware-of-serious-incident".to_owned();
        let happened = Happened { event, time: now(), reason: "call 17".to_owned() };
        office.start_clocks(FindingId(finding), &happened, "R. Example", now()).unwrap();
    }
    take(&mut office, "rs.json", &said("RUSTSEC-2020-0071", linked, 2, false), LEARNED);
    let settled = settle(&mut office, "2026-11-22T09:00:00Z");
    let [notice] = settled.notices.as_slice() else { panic!("{settled:?}") };
    assert_eq!((&*notice.change, &*notice.reason), ("closed", "it is F-1 now"));
    let all = office.findings().unwrap();
    assert_eq!(all.iter().filter(|one| one.told.open).count(), 1);
    let clocks = office.clocks(Some(FindingId(1)), now()).unwrap();
    assert_eq!((clocks.len(), settled.stopped), (8, 3), "its clocks run on, of two the first");
    let runs: Vec<&Standing> = clocks.iter().filter(|one| one.word() != "stopped").collect();
    let rows: BTreeSet<&str> = runs.iter().map(|one| &*one.running.clock.row.id).collect();
    assert_eq!((runs.len(), rows.len()), (5, 4));
    let since = |one: &&&Standing| one.running.clock.history()[0].time;
    assert_eq!(runs.iter().filter(|one| since(one) == time(LEARNED)).count(), 3);
    let calendar = office.ical(now()).unwrap();
    let uids: BTreeSet<&str> = calendar.lines().filter(|line| line.starts_with("UID:")).collect();
    assert_eq!(uids.len(), 5);
    take(&mut office, "rs.json", &said("RUSTSEC-2020-0071", "[]", 3, false), LEARNED);
    let settled = settle(&mut office, "2026-11-22T10:00:00Z");
    assert_eq!(told(&settled), [("reopened", "F-2".to_owned())]);
}

#[test]
fn pmk_02_a_vector_that_is_corrected_raises_the_class() {
    let mut office = office();
    let text = RISKS.replace("\"negligible\"", "\"critical\"");
    let risks = function_map::read("r", text.as_bytes()).unwrap();
    office.put_risks("pump", ("r", text.as_bytes()), risks, LEARNED).unwrap();
    let weak =
        osv("2026-11-20T00:00:00Z", "").replace("AV:N/AC:L/PR:N/UI:N", "AV:P/AC:H/PR:H/UI:R");
    take(&mut office, "a.json", &weak, LEARNED);
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Controlled);
    take(&mut office, "a.json", &osv("2026-11-21T00:00:00Z", ""), LEARNED);
    let settled = settle(&mut office, "2026-11-22T09:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Uncontrolled);
}

#[test]
fn pmk_02_a_name_that_comes_later_is_known_to_be_exploited() {
    let mut office = office();
    let text = RISKS.replace("functions = [\"clock\"]", "functions = [\"clock\", \"dose\"]");
    let risks = function_map::read("r", text.as_bytes()).unwrap();
    office.put_risks("pump", ("r", text.as_bytes()), risks, LEARNED).unwrap();
    let weak = |id: &str, aliases: &str, day| {
        said(id, aliases, day, false).replace("AV:N/AC:L/PR:N/UI:N", "AV:P/AC:H/PR:H/UI:R")
    };
    take(&mut office, "kev.json", KEV, LEARNED);
    take(&mut office, "rs.json", &weak("RUSTSEC-2020-0071", "[]", 1), LEARNED);
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Controlled);
    // Another feed about something else links the two names.
    let link = weak("GHSA-1", r#"["RUSTSEC-2020-0071","CVE-2020-26235"]"#, 2);
    take(&mut office, "ghsa.json", &link.replace("\"time\"", "\"other\""), LEARNED);
    let settled = settle(&mut office, "2026-11-22T09:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Uncontrolled);
}

#[test]
fn pmk_04_a_clock_that_a_person_started_outlives_the_advisory() {
    let mut office = office();
    take(&mut office, "a.json", &said("RUSTSEC-2020-0071", "[]", 1, false), LEARNED);
    settle(&mut office, "2026-11-22T08:00:00Z");
    let (event, reason) = ("aware-of-serious-incident".to_owned(), "call 17".to_owned());
    let happened = Happened { event, time: now(), reason };
    assert_eq!(office.start_clocks(FindingId(1), &happened, "R. Example", now()).unwrap(), 1);
    take(&mut office, "a.json", &said("RUSTSEC-2020-0071", "[]", 2, true), LEARNED);
    assert_eq!(settle(&mut office, "2026-11-22T09:00:00Z").stopped, 3, "those of the office");
    let clocks = office.clocks(None, now()).unwrap();
    let runs = clocks.iter().filter(|one| one.running.clock.stopped().is_none());
    let rows: Vec<&str> = runs.map(|one| one.running.clock.row.id.as_str()).collect();
    assert_eq!(rows, ["mdr-87-15"]);
}

/// Two people say that it is controlled, against the rules, until a time.
fn overridden(office: &mut Office, until: &str) {
    let second = Approval { name: "S. Example".into(), ..person() };
    let over = Override {
        class: Class::Controlled,
        reason: Reason::InterimMeasure,
        text: "the port is sealed".into(),
        second,
        expires: until.into(),
    };
    let given = Given { person: Some(person()), overridden: Some(over), ..Given::default() };
    office.decide(FindingId(1), &given, (now(), now())).unwrap();
}

#[test]
fn pmk_03_when_an_override_ends_the_class_of_the_rules_holds_again_and_its_clocks_run() {
    let mut office = office();
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), LEARNED);
    settle(&mut office, "2026-11-22T08:00:00Z");
    overridden(&mut office, "2026-12-01T00:00:00Z");
    assert_eq!(office.finding(FindingId(1)).unwrap().told.class, Class::Controlled);
    assert!(settle(&mut office, "2026-11-30T23:59:59Z").notices.is_empty());
    let settled = settle(&mut office, "2026-12-01T00:00:01Z");
    let [notice] = settled.notices.as_slice() else { panic!("{settled:?}") };
    assert_eq!((&*notice.change, notice.told.class), ("changed", Class::Uncontrolled));
    assert_eq!(settled.started, 3, "triage, and FDA's two anew");
    assert_eq!(settle(&mut office, "2026-12-02T00:00:00Z"), Settled::default());
}

fn epss(probability: &str, day: usize) -> String {
    let day = format!("2026-11-{day:02}");
    format!(
        "#model_version:v2025.03.14,score_date:{day}T00:00:00+0000\ncve,epss,percentile\nCVE-2020-26235,{probability},0.5\n"
    )
}

#[test]
fn pmk_03_predictions_of_every_day_do_not_undo_an_override_and_exploitation_does() {
    let mut office = office();
    under_cra(&mut office);
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), LEARNED);
    take(&mut office, "epss.csv", &epss("0.00100", 21), LEARNED);
    settle(&mut office, "2026-11-22T08:00:00Z");
    overridden(&mut office, "2027-01-01T00:00:00Z");
    let round = take(&mut office, "epss.csv", &epss("0.00123", 22), "2026-11-22T09:00:00Z");
    assert_eq!(round.taken.signals, 1);
    assert_eq!(settle(&mut office, "2026-11-22T10:00:00Z").notices, []);
    assert_eq!(office.finding(FindingId(1)).unwrap().told.class, Class::Controlled);
    take(&mut office, "kev.json", KEV, "2026-11-22T11:00:00Z");
    let settled = settle(&mut office, "2026-11-22T12:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Uncontrolled);
    assert_eq!(settled.started, 5, "triage, FDA's two and CRA's two");
}

#[test]
fn pmk_04_a_clock_that_was_discharged_starts_again_only_when_the_finding_rises_or_comes_back() {
    let mut office = office();
    under_cra(&mut office);
    let text = RISKS.replace("functions = [\"clock\"]", "functions = [\"clock\", \"dose\"]");
    let risks = function_map::read("r", text.as_bytes()).unwrap();
    office.put_risks("pump", ("r", text.as_bytes()), risks, LEARNED).unwrap();
    take(&mut office, "kev.json", KEV, LEARNED);
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), LEARNED);
    assert_eq!(settle(&mut office, "2026-11-22T08:00:00Z").started, 5);
    let running = |office: &Office| {
        let clocks = office.clocks(None, now()).unwrap().into_iter();
        clocks.filter(|one| one.running.clock.stopped().is_none()).count()
    };
    for clock in office.clocks(None, now()).unwrap() {
        let evidence = (now(), "filed", "R. Example");
        office.stop_clock(clock.running.id, evidence, now()).unwrap();
    }
    let one = || release("pump", "1.2", &[("time", "0.1.43")]);
    office.put_releases([one()], "2026-11-22T09:00:00Z").unwrap();
    let settled = settle(&mut office, "2026-11-22T09:30:00Z");
    assert_eq!((settled.notices.len(), settled.started, running(&office)), (1, 0, 0));
    // Deciding starts none of them either, and what happened in the field starts its own once.
    let incident = Incident { attacked: true, ..Incident::default() };
    let given = Given { person: Some(person()), incident, ..Given::default() };
    for (more, stopped) in [(3, 0), (0, 0)] {
        let both = (now(), now());
        let decided = office.decide(FindingId(1), &given, both).unwrap();
        assert_eq!((decided.started, decided.stopped), (more, stopped));
    }
    let gone = osv("2026-11-21T00:00:00Z", r#","withdrawn":"2026-11-21T00:00:00Z""#);
    take(&mut office, "a.json", &gone, "2026-11-22T10:00:00Z");
    assert_eq!(settle(&mut office, "2026-11-22T10:00:00Z").stopped, 0, "people stop theirs");
    take(&mut office, "a.json", &osv("2026-11-22T00:00:00Z", ""), "2026-11-22T11:00:00Z");
    assert_eq!(settle(&mut office, "2026-11-22T11:00:00Z").started, 5, "it came back");
}

#[test]
fn pmk_04_a_clock_starts_when_what_holds_was_first_said_and_not_when_its_words_changed() {
    let mut office = office();
    let start = |office: &Office, row: &str| {
        let clocks = office.clocks(None, now()).unwrap().into_iter().rev();
        let mut of_row = clocks.filter(|one| one.running.clock.row.id == row);
        of_row.next().unwrap().running.clock.history()[0].time
    };
    let linked = r#"["CVE-2020-26235"]"#;
    // Affected since the 2nd; on the 5th it says so otherwise, and an advisory that held on the 1st is withdrawn.
    take(&mut office, "cve.json", &said("CVE-2020-26235", "[]", 1, false), "2026-11-01T00:00:00Z");
    take(&mut office, "cve.json", &said("CVE-2020-26235", "[]", 2, true), "2026-11-01T06:00:00Z");
    let first = said("RUSTSEC-2020-0071", linked, 3, false);
    take(&mut office, "rs.json", &first, "2026-11-02T00:00:00Z");
    let listed = first.replace("\"ranges\"", "\"versions\":[\"0.1.43\"],\"ranges\"");
    let listed = listed.replace("2026-11-03", "2026-11-05");
    let round = take(&mut office, "rs.json", &listed, "2026-11-05T00:00:00Z");
    assert_eq!(round.taken.deltas[0].events.len(), 1, "the rule is another");
    settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!(start(&office, "own-triage"), time("2026-11-02T00:00:00Z"));
}

#[test]
fn pmk_02_an_older_mirror_takes_nothing_back_and_a_revision_from_the_future_holds_nothing_up() {
    let mut office = office();
    let wide = osv("2026-11-20T00:00:00Z", "");
    let narrow = |modified: &str| osv(modified, "").replace("0.2.23", "0.1.0");
    take(&mut office, "new.json", &wide, "2026-11-21T06:00:00Z");
    // A mirror from before that revision, taken after it.
    let old = narrow("2026-10-01T00:00:00Z");
    let round = take(&mut office, "old.json", &old, "2026-10-02T00:00:00Z");
    assert_eq!((round.taken.stale, round.taken.changed), (1, 0), "{round:?}");
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!(told(&settled), [("opened", "F-1".to_owned())]);
    let ahead = narrow("2999-01-01T00:00:00Z");
    take(&mut office, "ahead.json", &ahead, "2026-11-22T06:00:00Z");
    let right = osv("2026-11-21T00:00:00Z", "");
    let round = take(&mut office, "right.json", &right, "2026-11-22T06:00:00Z");
    assert_eq!((round.taken.stale, round.taken.changed), (0, 1), "{round:?}");
    // One that comes some hours before its time is not lost: the file is read again, and taken then.
    let soon = narrow("2026-11-22T12:00:00Z");
    for (now, counted) in [("2026-11-22T08:00:00Z", (1, 0)), ("2026-11-22T12:30:00Z", (0, 1))] {
        let round = take_at(&mut office, "soon.json", &soon, ("2026-11-22T07:00:00Z", now));
        assert_eq!((round.taken.ahead, round.taken.changed), counted, "{round:?}");
    }
}
