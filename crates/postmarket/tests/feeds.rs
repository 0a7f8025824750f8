//! Every adapter over a small file made for the purpose, and over the real feeds where these are present.

mod real;

use homeostat_postmarket::feed::{
    Advisory, Assertion, AssertionStatus, Event, Form, Intake, Origin, Package, Rejected, Signal,
    SignalKind, Status, detect, gather, read,
};
use homeostat_postmarket::version::{Bound, Interval, Range};
use std::fs;
use std::path::{Path, PathBuf};

/// What was made of a file that is small.
#[derive(Debug)]
struct Whole {
    records: usize,
    taken: usize,
    rejected: Vec<Rejected>,
    events: Vec<Event>,
}

fn whole(bytes: &[u8], name: &str) -> Whole {
    let (Intake { records, taken, rejected }, events) = gather(|to| read(bytes, name, to));
    assert_eq!(records, taken + rejected.len(), "{name}");
    Whole { records, taken, rejected, events }
}

fn made(name: &str) -> (Vec<u8>, Whole) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/feeds").join(name);
    let bytes = fs::read(path).expect("a file of testdata");
    let intake = whole(&bytes, name);
    (bytes, intake)
}

fn advisories(intake: &Whole) -> Vec<&Advisory> {
    intake
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Advisory(advisory) => Some(&**advisory),
            Event::Signal(_) | Event::Assertion(_) => None,
        })
        .collect()
}

fn signals(intake: &Whole) -> Vec<&Signal> {
    intake
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Signal(signal) => Some(signal),
            Event::Advisory(_) | Event::Assertion(_) => None,
        })
        .collect()
}

fn assertions(intake: &Whole) -> Vec<&Assertion> {
    intake
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Assertion(assertion) => Some(assertion),
            Event::Advisory(_) | Event::Signal(_) => None,
        })
        .collect()
}

fn rejections(intake: &Whole) -> Vec<(&str, &str)> {
    intake.rejected.iter().map(|one| (&*one.place.pointer, &*one.reason)).collect()
}

fn between(lower: Option<Bound>, upper: Option<Bound>) -> Interval {
    Interval { lower, upper }
}

fn vendor_product(vendor: &str, product: &str) -> Package {
    Package::VendorProduct { vendor: vendor.into(), product: product.into() }
}

#[test]
fn content_says_which_adapter_reads_a_file() {
    let forms = [
        ("osv.jsonl", Form::Osv),
        ("ghsa.json", Form::Osv),
        ("rustsec.md", Form::RustSec),
        ("cve5.json", Form::Cve5),
        ("nvd.json", Form::Nvd),
        ("kev.json", Form::Kev),
        ("kev.csv", Form::KevCsv),
        ("epss.csv", Form::Epss),
        ("csaf.json", Form::Csaf),
        ("csaf-vex.json", Form::Csaf),
        ("openvex.json", Form::OpenVex),
        ("cyclonedx-vex.json", Form::CycloneDxVex),
    ];
    for (name, form) in forms {
        assert_eq!(detect(&made(name).0), Some(form), "{name}");
    }
    let intake = whole(b"{\"hello\": 1}", "other.json");
    assert_eq!((intake.records, intake.taken), (1, 0));
    assert!(intake.rejected[0].reason.contains("found \"{\\\"hello\\\": 1}\""));
}

#[test]
fn records_before_a_broken_end_are_taken_and_the_break_is_named() {
    let nvd = |id: usize| format!("{{\"cve\":{{\"id\":\"CVE-2026-{id:04}\"}}}}");
    let text = format!(
        "{{\"totalResults\":2,\n\"vulnerabilities\":[\n{},\n{}\n],\n\"after\":{{\"deep\":[1]}}}}",
        nvd(1),
        nvd(2)
    );
    let intake = whole(text.as_bytes(), "nvd.json");
    assert_eq!((intake.records, intake.taken), (2, 2));
    assert_eq!(&*advisories(&intake)[1].place.pointer, "/vulnerabilities/1/cve");
    let cut = whole(&text.as_bytes()[..text.len() - 40], "nvd.json");
    assert_eq!((cut.records, cut.taken), (2, 1), "{:?}", rejections(&cut));
    assert!(rejections(&cut)[0].1.starts_with("expected JSON, found: EOF"), "{:?}", cut.rejected);
    let wrong = whole(b"{\"totalResults\":1,\"vulnerabilities\":{\"cve\":1}}", "nvd.json");
    assert_eq!((wrong.records, wrong.taken), (1, 0));
    assert!(rejections(&wrong)[0].1.contains("expected an array of records"), "{wrong:?}");
    // An answer without advisories is an answer.
    let none = whole(b"{\"totalResults\":0,\"vulnerabilities\":[]}", "nvd.json");
    assert_eq!((none.records, none.rejected.len()), (0, 0));
}

#[test]
fn one_bad_line_of_osv_does_not_lose_the_others() {
    let (_, intake) = made("osv.jsonl");
    assert_eq!((intake.records, intake.taken), (4, 2));
    let rejected = rejections(&intake);
    assert_eq!(rejected[0].0, "line 2/affected/0/ranges");
    assert_eq!(rejected[0].1, "expected an array, found the text \"none\"");
    assert_eq!(rejected[1].0, "line 4");
    let found = advisories(&intake);
    assert_eq!(found[0].aliases, ["CVE-2026-0001"]);
    assert_eq!(found[0].affected[0].versions, ["1.0", "2.1"]);
    let range = Range {
        intervals: vec![
            between(None, Some(Bound::excluding("1.5"))),
            between(Some(Bound::including("2.0")), Some(Bound::including("2.3"))),
        ],
    };
    assert_eq!(found[0].affected[0].ranges, [range]);
    // Two CVE ids are two vulnerabilities: neither is another name of the advisory.
    assert!(found[1].aliases.is_empty());
    assert_eq!(found[1].related, ["CVE-2026-0002", "CVE-2026-0003"]);
    let commits = &found[1].affected[0];
    assert_eq!(commits.package, Package::Purl("pkg:github/made/up".into()));
    assert!(commits.prose.as_deref().is_some_and(|prose| prose.contains("6879efc2")));
}

#[test]
fn github_adds_weakness_and_word_and_can_withdraw() {
    let (_, intake) = made("ghsa.json");
    let found = advisories(&intake)[0];
    assert_eq!(found.origin, Origin::GitHub);
    assert_eq!(found.withdrawn.as_deref(), Some("2026-02-03T04:05:06Z"));
    assert_eq!(found.weaknesses, ["CWE-79"]);
    assert_eq!(found.severities[0].vector, "moderate");
}

#[test]
fn rustsec_turns_patched_and_unaffected_into_affected() {
    let (_, intake) = made("rustsec.md");
    let found = advisories(&intake)[0];
    assert_eq!((found.id.as_str(), found.summary.as_str()), ("RUSTSEC-2026-9999", "Made up title"));
    assert_eq!(found.details, "Made up text.");
    let affected = &found.affected[0];
    assert_eq!(affected.functions, ["made_up::parse"]);
    assert_eq!(affected.platforms, ["windows"]);
    let expected = vec![
        between(Some(Bound::including("0.3.0")), Some(Bound::excluding("0.7.4"))),
        between(Some(Bound::including("0.8.0-0")), Some(Bound::excluding("1.2.0"))),
    ];
    assert_eq!(affected.ranges, [Range { intervals: expected }]);
}

#[test]
fn cve_record_and_what_others_add_keep_their_names() {
    let (_, intake) = made("cve5.json");
    let found = advisories(&intake);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].origin, found[0].id.as_str()), (Origin::Cve, "CVE-2026-0006"));
    assert_eq!((found[1].origin, found[1].id.as_str()), (Origin::CveAdp, "CVE-2026-0006:CISA-ADP"));
    assert_eq!(found[1].document.as_deref(), Some("CVE-2026-0006"));
    assert_eq!(found[1].modified, "2026-04-03T00:00:00Z");
    // Commits went where versions say the same; the files stayed.
    assert!(found[0].affected.iter().all(|one| one.program_files == ["drivers/made/up.c"]));
    let good: Vec<_> = found[0]
        .affected
        .iter()
        .filter(|one| one.status == Status::Unaffected)
        .flat_map(|one| one.ranges.iter().flat_map(|range| range.intervals.clone()))
        .collect();
    let expected = [
        between(None, Some(Bound::excluding("4.15"))),
        between(Some(Bound::including("5.10.211")), Some(Bound::excluding("5.11"))),
        between(Some(Bound::including("6.8")), None),
    ];
    assert_eq!(good, expected);
    let changes: Vec<_> =
        found[1].affected.iter().map(|one| (one.status, one.ranges.len())).collect();
    assert_eq!(changes, [(Status::Affected, 2), (Status::Unaffected, 1)]);
    let kind = SignalKind::Exploitation {
        state: "poc".into(),
        automatable: Some(false),
        impact: Some("total".into()),
    };
    assert_eq!(signals(&intake)[0].kind, kind);
}

#[test]
fn nvd_gives_products_platforms_and_the_catalogue() {
    let (_, intake) = made("nvd.json");
    assert_eq!((intake.records, intake.taken), (2, 1));
    let place = "/vulnerabilities/1/cve/configurations/0/nodes/0/cpeMatch/0";
    assert_eq!(rejections(&intake)[0].0, place);
    let found = advisories(&intake)[0];
    assert_eq!(found.details, "Made up.");
    let hardware = ["cpe:2.3:h:made:pump:-:*:*:*:*:*:*:*"];
    assert!(found.affected.iter().all(|one| one.platforms == hardware));
    let lower = Some(Bound::including("2.0"));
    let range = Range { intervals: vec![between(lower, Some(Bound::excluding("2.6")))] };
    assert_eq!(found.affected[0].ranges, [range]);
    assert_eq!(found.affected[1].versions, ["1.0-rc1"]);
    assert_eq!(signals(&intake)[0].since, "2026-05-03");
}

#[test]
fn the_catalogue_reads_the_same_as_json_and_csv() {
    let (_, json) = made("kev.json");
    let (_, csv) = made("kev.csv");
    assert_eq!((json.records, json.taken, csv.records, csv.taken), (2, 1, 2, 2));
    assert_eq!(rejections(&json)[0].0, "/vulnerabilities/1");
    let (one, same) = (signals(&json)[0], signals(&csv)[0]);
    assert_eq!((&one.id, &one.kind, &one.since), (&same.id, &same.kind, &same.since));
    assert_eq!(one.kind, SignalKind::KnownExploited { ransomware: true });
}

#[test]
fn epss_refuses_what_is_no_probability() {
    let (_, intake) = made("epss.csv");
    assert_eq!((intake.records, intake.taken), (4, 2));
    let found = signals(&intake);
    assert_eq!(found[0].kind, SignalKind::Predicted { probability: 0.25, percentile: 0.96875 });
    assert_eq!(found[0].since, "2026-01-02T12:55:00Z");
    let lines: Vec<_> = rejections(&intake).iter().map(|one| one.0).collect();
    assert_eq!(lines, ["line 4", "line 5"]);
}

#[test]
fn csaf_resolves_branches_relationships_groups_and_keeps_undefined_products() {
    let (_, intake) = made("csaf.json");
    assert_eq!((intake.records, intake.taken), (2, 1));
    assert_eq!(rejections(&intake)[0].0, "/vulnerabilities/1/product_status/known_affected");
    let found = advisories(&intake)[0];
    assert_eq!(found.id, "MADE-26-01:CVE-2026-0013");
    assert_eq!(found.aliases, ["CVE-2026-0013"]);
    let said: Vec<_> = found
        .affected
        .iter()
        .map(|one| (one.package.clone(), one.status, one.versions.clone(), one.platforms.clone()))
        .collect();
    let none = Vec::<String>::new;
    let library = Package::Purl("pkg:generic/made-library".into());
    let gateway = Package::Cpe("cpe:2.3:a:made:gateway:3.0:*:*:*:*:*:*:*".into());
    let pump = || vendor_product("Made", "Pump");
    let expected = vec![
        (pump(), Status::Affected, none(), none()),
        (library, Status::Affected, vec!["0.9".to_owned()], vec!["Made Pump 2.1".to_owned()]),
        (vendor_product("Made", "P9"), Status::Affected, none(), none()),
        (pump(), Status::Unaffected, vec!["2.1".to_owned()], none()),
        (gateway, Status::Fixed, vec!["3.0".to_owned()], none()),
    ];
    assert_eq!(said, expected);
    assert_eq!(found.remedies[0].products, ["Made Pump", "Gateway"]);
}

#[test]
fn vex_of_all_three_forms_says_the_same_four_words() {
    let csaf = made("csaf-vex.json").1;
    let said = assertions(&csaf);
    assert_eq!(said.len(), 2);
    assert_eq!(said[0].status, AssertionStatus::NotAffected);
    assert_eq!(said[0].products, ["pkg:generic/pump@1.0"]);
    assert_eq!(said[0].justification.as_deref(), Some("vulnerable_code_not_present"));
    assert_eq!(said[0].statement.as_deref(), Some("The parser is not built in."));
    assert_eq!(said[1].status, AssertionStatus::UnderInvestigation);

    let open = made("openvex.json").1;
    assert_eq!((open.records, open.taken), (3, 2));
    assert_eq!(rejections(&open)[0].0, "/statements/2/status");
    let said = assertions(&open);
    assert_eq!((said[0].id.as_str(), said[0].author.as_str()), ("CVE-2026-0015", "Made"));
    assert_eq!(said[0].subcomponents, ["pkg:cargo/made-up@1.0.0"]);
    assert_eq!(
        (said[1].status, &*said[1].time),
        (AssertionStatus::Affected, "2026-08-02T00:00:00Z")
    );

    let cyclone = made("cyclonedx-vex.json").1;
    assert_eq!((cyclone.records, cyclone.taken), (3, 2));
    let said: Vec<_> = assertions(&cyclone)
        .iter()
        .map(|one| (one.id.as_str(), one.status, one.products.join(" ")))
        .collect();
    let expected = [
        ("CVE-2026-0018", AssertionStatus::NotAffected, "pkg:cargo/made-up@1.0.0".to_owned()),
        ("CVE-2026-0019", AssertionStatus::NotAffected, "pkg:generic/pump@2.0".to_owned()),
        ("CVE-2026-0019", AssertionStatus::Affected, "pkg:generic/pump@1.0".to_owned()),
    ];
    assert_eq!(said, expected);
}

#[test]
fn truncated_files_are_refused_and_never_panic() {
    for name in ["cve5.json", "csaf.json", "nvd.json", "rustsec.md", "openvex.json", "epss.csv"] {
        let (bytes, _) = made(name);
        for end in (0..bytes.len()).step_by(7) {
            let intake = whole(&bytes[..end], name);
            assert!(intake.records > 0 || name == "epss.csv", "{name} {end}");
        }
    }
    let deep = "[".repeat(100_000);
    assert_eq!(whole(deep.as_bytes(), "deep.json").rejected.len(), 1);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths
}

#[test]
fn real_feeds_are_read_whole() {
    let Some(folder) = real::advisories() else { return };
    let mut all = files(&folder);
    all.extend(files(&folder.join("crates")));
    let mut products = 0;
    let (mut records, mut kept) = (0, 0);
    for path in all {
        let intake = whole(&fs::read(&path).expect("a feed"), &path.display().to_string());
        assert_eq!(intake.rejected, [], "{}", path.display());
        assert!(intake.records > 0);
        records += intake.records;
        for advisory in advisories(&intake).iter().filter(|one| one.origin == Origin::Csaf) {
            products += advisory.affected.len();
            kept += advisory.affected.iter().filter(|one| one.prose.is_some()).count();
        }
    }
    eprintln!("{records} records, {products} medical products, {kept} of these in prose");
}
