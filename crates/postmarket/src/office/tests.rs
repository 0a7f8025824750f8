//! A small field and a few advisories through all their life.

use super::*;
use crate::clock::{Happened, Incident, State};
use crate::feed::mirror::Listed;
use crate::feed::{Sink, read as read_feed};
use crate::harm::assess::Justification;
use crate::harm::canonical::digest;
use crate::harm::decision::Approval;
use crate::harm::function_map;
use crate::harm::matrix::Class;
use crate::harm::rubric::{Answer as Said, Question};
use crate::sbom;
use proptest::prelude::*;
use std::io::Read as _;

const RISKS: &str = r#"
[device]
name = "pump"
version = "7"
life-supporting = true
[[function]]
id = "dose"
name = "delivers insulin"
kind = "therapy"
fallback = "unaided"
[[function.hazard]]
failure = "over-delivery"
id = "HAZ-1"
severity = "critical"
[[function]]
id = "clock"
name = "shows the time"
kind = "support"
[[function.hazard]]
failure = "loss-of-loop"
id = "HAZ-2"
severity = "negligible"
[[component]]
component = "pkg:cargo/time@*"
functions = ["clock"]
"#;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2026-11-22T08:00:00Z")
}

fn release(product: &str, version: &str, components: &[(&str, &str)]) -> NewRelease {
    let each: Vec<String> = components
        .iter()
        .map(|(name, version)| {
            format!(
                r#"{{"type":"library","bom-ref":"{name}","name":"{name}","version":"{version}","purl":"pkg:cargo/{name}@{version}"}}"#
            )
        })
        .collect();
    let text = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{{"component":{{"type":"firmware","bom-ref":"p","name":"{product}","version":"{version}"}}}},"components":[{}]}}"#,
        each.join(",")
    );
    let bill = sbom::read("made.json", text.as_bytes(), &sbom::Limits::default()).unwrap();
    NewRelease {
        product: product.into(),
        version: version.into(),
        file: "made.json".into(),
        bill,
        bytes: text.into_bytes(),
        devices: 100,
    }
}

fn osv(modified: &str, more: &str) -> String {
    format!(
        r#"{{"id":"RUSTSEC-2020-0071","modified":"{modified}","aliases":["CVE-2020-26235"],"summary":"Segfault"{more},
        "severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}}],
        "affected":[{{"package":{{"ecosystem":"crates.io","name":"time"}},
        "ranges":[{{"type":"SEMVER","events":[{{"introduced":"0.0.0-0"}},{{"fixed":"0.2.23"}}]}}]}}]}}"#
    )
}

const KEV: &str = r#"{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2020-26235","dateAdded":"2026-11-20",
  "vendorProject":"time","product":"time","vulnerabilityName":"x","shortDescription":"x","requiredAction":"x",
  "dueDate":"2026-12-01","knownRansomwareCampaignUse":"Unknown"}]}"#;

fn listed(name: &str, text: &str, fetched: &str) -> Listed {
    Listed {
        name: name.into(),
        origin: name.into(),
        fetched: fetched.into(),
        bytes: text.len(),
        sha256: digest(text.as_bytes()),
    }
}

fn take(office: &mut Office, name: &str, text: &str, fetched: &str) -> Round {
    take_at(office, name, text, (fetched, "2026-11-22T08:00:00Z"))
}

/// Takes a file that was fetched at a time, now.
fn take_at(office: &mut Office, name: &str, text: &str, (fetched, now): (&str, &str)) -> Round {
    let listed = listed(name, text, fetched);
    let mut round = Round::default();
    assert!(!office.has_taken(&listed).unwrap());
    let read = |to: &mut Sink<'_>| read_feed(text.as_bytes(), name, to);
    office.take(&listed, read, (fetched, now), &mut round).unwrap();
    // What lies ahead is read again.
    assert_eq!(office.has_taken(&listed).unwrap(), round.taken.ahead == 0);
    round
}

fn rules(mark: &str) -> Rules {
    Rules { table: ProductTable::default(), mark: mark.into() }
}

/// Another process on the same store.
fn reopened(office: Office) -> Result<Office, StoreError> {
    let Office { store, .. } = office;
    Office::open(store, rules("1"), now())
}

/// What a newer program reads of the same store.
fn updated(office: Office) -> Office {
    let Office { store, .. } = office;
    Office::open(store, rules("2"), now()).unwrap()
}

fn office() -> Office {
    let mut office = Office::open(Store::in_memory().unwrap(), rules("1"), now()).unwrap();
    let releases = [
        release("pump", "1.0", &[("time", "0.1.43"), ("serde", "1.0.1")]),
        release("pump", "1.1", &[("time", "0.1.43")]),
        release("gateway", "2.0", &[("time", "0.3.0")]),
    ];
    let put = office.put_releases(releases, "2026-01-01T00:00:00Z").unwrap();
    assert_eq!((put.new, put.known), (3, 0));
    office
}

/// The products are no medical devices, and so under the Cyber Resilience Act.
fn under_cra(office: &mut Office) {
    let scopes = ["us-device", "cra", "gdpr", "own-policy"].map(str::to_owned).into();
    let maker = Maker { scopes, ..Maker::default() };
    office.put_maker(&Field { maker, ..Field::default() }).unwrap();
}

fn with_risks(office: &mut Office) {
    let risks = function_map::read("risks.toml", RISKS.as_bytes()).unwrap();
    let file = ("risks.toml", RISKS.as_bytes());
    office.put_risks("pump", file, risks, "2026-01-01T00:00:00Z").unwrap();
}

fn settle(office: &mut Office, at: &str) -> Settled {
    office.settle(time(at)).unwrap()
}

fn person() -> Approval {
    Approval { name: "R. Example".into(), role: "PSIRT".into(), time: now().to_string() }
}

#[test]
fn pmk_01_an_advisory_becomes_a_finding_a_class_clocks_and_a_notice() {
    let mut office = office();
    let round =
        take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    assert_eq!((round.taken.records, round.taken.new, round.taken.rejected.len()), (1, 1, 0));
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    let [notice] = settled.notices.as_slice() else { panic!("{settled:?}") };
    assert_eq!((notice.change.as_str(), notice.product.as_str()), ("opened", "pump"));
    assert_eq!((notice.told.releases, notice.told.devices), (2, 200));
    // Without a risk file nobody knows, and the worse is taken.
    assert_eq!(notice.told.class, Class::Uncontrolled);
    assert!(notice.reason.contains("no risk file"), "{}", notice.reason);
    let clocks = office.clocks(None, now()).unwrap();
    let rows: Vec<&str> = clocks.iter().map(|one| one.running.clock.row.id.as_str()).collect();
    assert_eq!(rows, ["own-triage", "fda-postmarket-30", "fda-postmarket-60"]);
    let start = clocks[0].running.clock.history()[0].time;
    assert_eq!(start, time("2026-11-21T06:00:00Z"), "the file was there since then");
    // Nothing new: nobody is woken.
    assert_eq!(settle(&mut office, "2026-11-22T09:00:00Z"), Settled::default());
    assert_eq!(office.waiting().unwrap(), settled.notices);
}

#[test]
fn pmk_01_signs_raise_withdrawal_closes_and_what_comes_back_is_reopened() {
    let mut office = office();
    under_cra(&mut office);
    with_risks(&mut office);
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Controlled, "support, negligible harm");
    let gone = osv("2026-11-21T00:00:00Z", r#","withdrawn":"2026-11-21T00:00:00Z""#);
    take(&mut office, "a.json", &gone, "2026-11-22T06:00:00Z");
    let settled = settle(&mut office, "2026-11-22T09:00:00Z");
    assert_eq!((settled.notices[0].change.as_str(), settled.stopped), ("closed", 1));
    take(&mut office, "a.json", &osv("2026-11-22T00:00:00Z", ""), "2026-11-22T07:00:00Z");
    let settled = settle(&mut office, "2026-11-22T10:00:00Z");
    assert_eq!((settled.notices[0].change.as_str(), settled.started), ("reopened", 1));
    // A dose function on the path makes an exploited one uncontrolled, and starts the clocks of it.
    let text = RISKS.replace("functions = [\"clock\"]", "functions = [\"clock\", \"dose\"]");
    let risks = function_map::read("r", text.as_bytes()).unwrap();
    office.put_risks("pump", ("r", text.as_bytes()), risks, "2026-11-22T11:00:00Z").unwrap();
    take(&mut office, "kev.json", KEV, "2026-11-22T11:00:00Z");
    let settled = settle(&mut office, "2026-11-22T12:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Uncontrolled);
    assert_eq!(settled.started, 4, "FDA's two, and CRA's two for exploitation");
    let life: Vec<String> =
        office.history(FindingId(1)).unwrap().into_iter().map(|e| e.change).collect();
    assert_eq!(life, ["opened", "closed", "reopened", "changed"]);
}

#[test]
fn pmk_03_a_decision_is_kept_replays_to_the_same_bytes_and_stops_its_clocks() {
    let mut office = office();
    with_risks(&mut office);
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    settle(&mut office, "2026-11-22T08:00:00Z");
    let id = FindingId(1);
    let both = (now(), now());
    let proposal = office.assess(id, &Given::default()).unwrap();
    assert!(!proposal.record.is_decision() && !proposal.record.nearest.is_empty());
    let refused = office.decide(id, &Given::default(), both).unwrap_err();
    assert!(refused.to_string().contains("a proposal is not kept"), "{refused}");
    let mut given = Given { person: Some(person()), ..Given::default() };
    given.answers = vec![(Question::XAVN, Said::No)];
    let decided = office.decide(id, &given, both).unwrap();
    assert_eq!((decided.stopped, decided.done), (1, 1), "triage is done, and its notice");
    assert!(office.waiting().unwrap().is_empty());
    given.answers.clear();
    given.not_affected =
        Some((Justification::VulnerableCodeNotInExecutePath, "call graph CG-3".into()));
    let second = office.decide(id, &given, both).unwrap().record;
    assert_eq!(second.inputs.answers.get(Question::XAVN), Said::No, "answers stay");
    assert_eq!(office.finding(id).unwrap().told.class, Class::NotAffected);
    let all = office.decisions(id).unwrap();
    assert!(all.len() == 2 && all.iter().all(|one| one.differs.is_none()), "{all:?}");
    let head = office.decisions(id).unwrap().pop().map(|last| last.digest);
    assert_eq!(office.check_decisions().unwrap(), Chain { count: 2, head });
}

#[test]
fn pmk_04_clocks_are_started_and_stopped_by_hand_with_evidence() {
    let mut office = office();
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    settle(&mut office, "2026-11-22T08:00:00Z");
    let happened =
        |event: &str| Happened { event: event.into(), time: now(), reason: "call".into() };
    let by = "R. Example";
    let id = FindingId(1);
    let started =
        office.start_clocks(id, &happened("aware-of-serious-incident"), by, now()).unwrap();
    assert_eq!(started, 1);
    let unknown = office.start_clocks(id, &happened("full moon"), by, now()).unwrap_err();
    assert!(unknown.to_string().contains("expected aware-of-"), "{unknown}");
    let clocks = office.clocks(Some(id), now()).unwrap();
    let mdr = clocks.iter().find(|one| one.running.clock.row.id == "mdr-87-15").unwrap();
    assert_eq!(mdr.word(), "running");
    let number = mdr.running.id;
    assert!(office.stop_clock(number, (now(), " ", by), now()).is_err(), "no evidence");
    office.stop_clock(number, (now(), "MIR 2026-17, acknowledged", by), now()).unwrap();
    assert!(office.stop_clock(number, (now(), "again", by), now()).is_err());
    let late = office.clocks(Some(id), time("2027-03-01T00:00:00Z")).unwrap();
    let overdue = late.iter().filter(|one| matches!(one.state, State::Overdue(_))).count();
    assert_eq!(overdue, 3, "all but the one that was stopped");
    assert!(office.ical(now()).unwrap().matches("BEGIN:VEVENT").count() == 3);
}

#[test]
fn pmk_01_what_a_killed_process_left_goes_on_where_it_stood() {
    let folder = std::env::temp_dir().join(format!("homeostat-killed-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("office.db");
    let mut office = Office::open(Store::open(&path).unwrap(), rules("1"), now()).unwrap();
    let releases = [release("pump", "1.0", &[("time", "0.1.43")])];
    office.put_releases(releases, "2026-01-01T00:00:00Z").unwrap();
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    // The files as they stand while the process is at work: what a kill leaves.
    let image = folder.join("image.db");
    for ending in ["", "-wal"] {
        let from = folder.join(format!("office.db{ending}"));
        std::fs::copy(from, folder.join(format!("image.db{ending}"))).unwrap();
    }
    let mut again = Office::open(Store::open(&image).unwrap(), rules("1"), now()).unwrap();
    let bill = again.memory.watch.catalogue().releases().next().unwrap().1.digest.clone();
    let deflated: Vec<u8> = again
        .store
        .read(|database| Ok(database.query_row("SELECT bill FROM release", [], |row| row.get(0))?))
        .unwrap();
    let mut bytes = Vec::new();
    flate2::read::DeflateDecoder::new(&*deflated).read_to_end(&mut bytes).unwrap();
    assert_eq!(digest(&bytes), bill, "the original bytes are kept");
    let settled = again.settle(now()).unwrap();
    assert_eq!(settled, office.settle(now()).unwrap());
    assert_eq!(settled.notices.len(), 1);
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn pmk_01_a_release_that_comes_later_has_its_own_finding_and_other_rules_ask_everything_again() {
    let folder = std::env::temp_dir().join(format!("homeostat-rules-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("office.db");
    let mut office = Office::open(Store::open(&path).unwrap(), rules("1"), now()).unwrap();
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-01T06:00:00Z");
    assert!(settle(&mut office, "2026-11-01T08:00:00Z").notices.is_empty());
    office
        .put_releases([release("pump", "1.0", &[("time", "0.1.43")])], "2026-11-20T00:00:00Z")
        .unwrap();
    assert_eq!(settle(&mut office, "2026-11-20T08:00:00Z").notices[0].change, "opened");
    let clocks = office.clocks(None, now()).unwrap();
    assert_eq!(clocks[0].running.clock.history()[0].time, time("2026-11-20T00:00:00Z"));
    drop(office);
    let mut office = Office::open(Store::open(&path).unwrap(), rules("2"), now()).unwrap();
    assert!(settle(&mut office, "2026-11-21T08:00:00Z").notices.is_empty(), "the same answers");
    let other = release("monitor", "3", &[("time", "0.1.43"), ("log", "0.4.0")]);
    let mut shared = other.clone();
    shared.version = "3.1".into();
    let put = office.put_releases([other, shared], "2026-11-21T09:00:00Z").unwrap();
    assert_eq!((put.new, put.known), (2, 0));
    let settled = settle(&mut office, "2026-11-21T10:00:00Z");
    let told: Vec<_> = settled.notices.iter().map(|one| (&*one.change, &*one.product)).collect();
    assert_eq!(told, [("opened", "monitor")], "and the pump's stands as it was");
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn pmk_01_the_files_that_the_book_shows_are_read() {
    let page = include_str!("../../../../docs/book/post-market.md");
    let block = |holds: &str| {
        let mut blocks =
            page.split("```toml\n").skip(1).filter_map(|part| part.split("```").next());
        blocks.find(|text| text.contains(holds)).unwrap().to_owned()
    };
    let field = Field::read("office.toml", &block("# office.toml")).unwrap();
    assert_eq!((field.releases.len(), field.products.len()), (1, 1));
    let risks = function_map::read("risks.toml", block("[device]").as_bytes()).unwrap();
    assert_eq!(risks.path(Some("pkg:cargo/time@0.1.43"), "time").functions.len(), 1);
    let words = crate::publish::Words::read("notice.toml", &block("# notice.toml")).unwrap();
    assert!(words.letter.is_some() && words.incident.is_some());
}

mod attacks;
mod clocks;
mod decisions;
mod life;
mod makers;
mod releases;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever order releases and revisions come in, with or without a new process between any two, the same
    /// findings are open at the end.
    #[test]
    fn pmk_01_the_order_and_restarts_change_no_finding(
        steps in proptest::collection::vec((0_usize..4, 0_usize..3), 1..8)
    ) {
        let folder = std::env::temp_dir().join(format!("homeostat-order-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let open = || Office::open(Store::open(&folder.join("o.db")).unwrap(), rules("1"), now()).unwrap();
        let mut kept = open();
        let mut fresh = Office::open(Store::in_memory().unwrap(), rules("1"), now()).unwrap();
        for (number, (what, component)) in steps.into_iter().enumerate() {
            let versions = ["0.1.43", "0.2.22", "0.3.0"];
            kept = { drop(kept); open() };
            for office in [&mut kept, &mut fresh] {
                if what < 2 {
                    let one = release("pump", &number.to_string(), &[("time", versions[component])]);
                    office.put_releases([one], "2026-01-01T00:00:00Z").unwrap();
                } else {
                    let gone = if what == 3 { r#","withdrawn":"2026-11-21T00:00:00Z""# } else { "" };
                    let text = osv(&format!("2026-11-{:02}T00:00:00Z", number + 1), gone);
                    take(office, "a.json", &text, "2026-11-21T06:00:00Z");
                }
            }
            prop_assert_eq!(settle(&mut kept, "2026-11-22T08:00:00Z"), settle(&mut fresh, "2026-11-22T08:00:00Z"));
            let derived: Vec<_> = fresh.memory.watch.derive();
            let open: Vec<_> = fresh.memory.watch.ledger().open().collect();
            prop_assert_eq!(derived, open);
        }
        prop_assert_eq!(kept.findings().unwrap(), fresh.findings().unwrap());
        let _ = std::fs::remove_dir_all(&folder);
    }
}
