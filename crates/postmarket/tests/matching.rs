//! What concerns what: single questions, the life of a finding, and the proof that both directions give one set.

mod real;

use homeostat_postmarket::feed::{
    Advisory, Affected, Event, Intake, Origin, Package, Place, Sink, Status, read,
};
use homeostat_postmarket::matching::{
    Answer, Change, Confidence, ProductTable, Rule, Verdict, Watch, affects,
};
use homeostat_postmarket::sbom::{self, Bill, Component};
use homeostat_postmarket::version::{Bound, Interval, Range};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// An empty bill, and a component with nothing but a name, as the reader makes them.
fn template() -> (Bill, Component) {
    let text = b"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\
        \"components\":[{\"type\":\"library\",\"name\":\"made\"}]}";
    let mut bill = sbom::read("made.json", text, &sbom::Limits::default()).expect("a bill");
    let component = bill.components.remove(0);
    (bill, component)
}

fn component(name: &str, version: Option<&str>, purl: Option<&str>) -> Component {
    Component {
        reference: name.into(),
        name: name.into(),
        version: version.map(str::to_owned),
        purl: purl.map(str::to_owned),
        ..template().1
    }
}

fn krate(name: &str, version: &str) -> Component {
    component(name, Some(version), Some(&format!("pkg:cargo/{name}@{version}")))
}

fn bill(digest: &str, components: Vec<Component>) -> Bill {
    Bill { digest: digest.into(), components, ..template().0 }
}

fn place() -> Place {
    Place { file: "made".into(), pointer: String::new() }
}

fn statement(package: Package, lower: Option<&str>, upper: Option<&str>) -> Affected {
    let interval =
        Interval { lower: lower.map(Bound::including), upper: upper.map(Bound::excluding) };
    Affected {
        package,
        status: Status::Affected,
        default_status: Status::Unaffected,
        versions: Vec::new(),
        ranges: vec![Range { intervals: vec![interval] }],
        scheme: None,
        program_files: Vec::new(),
        functions: Vec::new(),
        platforms: Vec::new(),
        prose: None,
    }
}

fn ecosystem(ecosystem: &str, name: &str) -> Package {
    Package::Ecosystem { ecosystem: ecosystem.into(), name: name.into() }
}

fn words(vendor: &str, product: &str) -> Package {
    Package::VendorProduct { vendor: vendor.into(), product: product.into() }
}

fn advisory(id: &str, modified: &str, affected: Vec<Affected>) -> Advisory {
    let mut advisory = Advisory::new(Origin::Osv, id, place());
    advisory.modified = modified.into();
    advisory.affected = affected;
    advisory
}

fn intake(advisories: Vec<Advisory>) -> impl FnOnce(&mut Sink<'_>) -> Intake {
    let events: Vec<_> = advisories.into_iter().map(|one| Event::Advisory(Box::new(one))).collect();
    move |to| {
        let counts = Intake { records: events.len(), taken: events.len(), rejected: Vec::new() };
        events.into_iter().for_each(to);
        counts
    }
}

fn table() -> ProductTable {
    ProductTable::built_in().expect("the table that comes with the crate")
}

fn ask(affected: Affected, component: &Component) -> (Answer, Rule) {
    let verdict = affects(&advisory("A", "1", vec![affected]), component, &table());
    (verdict.answer, verdict.rule)
}

#[test]
fn a_version_that_cannot_be_ordered_is_unknown_and_never_unaffected() {
    let range = || statement(ecosystem("crates.io", "a"), Some("1.0.0"), Some("2.0.0"));
    assert_eq!(ask(range(), &krate("a", "1.5.0")), (Answer::Affected, Rule::InRange));
    assert_eq!(ask(range(), &krate("a", "2.0.0")), (Answer::NotAffected, Rule::Default));
    assert_eq!(ask(range(), &krate("a", "nightly")), (Answer::Unknown, Rule::Unordered));
    let without = component("a", None, Some("pkg:cargo/a"));
    assert_eq!(ask(range(), &without), (Answer::Unknown, Rule::NoVersion));
    assert_eq!(ask(range(), &krate("b", "1.5.0")), (Answer::NotAffected, Rule::OtherProduct));
    let mut prose = statement(ecosystem("crates.io", "a"), None, None);
    prose.ranges.clear();
    prose.prose = Some("the red ones".into());
    assert_eq!(ask(prose, &krate("a", "1.5.0")), (Answer::Unknown, Rule::Prose));
}

#[test]
fn what_a_feed_leaves_open_stays_open() {
    let mut range = statement(words("Denx", "U-Boot"), None, Some("2022.04"));
    range.default_status = Status::Unknown;
    let boot = |version: &str| component("u-boot", Some(version), None);
    assert_eq!(ask(range.clone(), &boot("2021.01")), (Answer::Affected, Rule::InRange));
    assert_eq!(ask(range.clone(), &boot("2023.01")), (Answer::Unknown, Rule::NotStated));
    range.default_status = Status::Affected;
    range.status = Status::Unaffected;
    assert_eq!(ask(range.clone(), &boot("2023.01")), (Answer::Affected, Rule::Default));
    assert_eq!(ask(range, &boot("2021.01")), (Answer::NotAffected, Rule::InRange));
}

#[test]
fn the_surest_name_that_knows_decides() {
    let mut one = krate("openssl", "3.0.0");
    one.purl = Some("pkg:generic/openssl@3.0.0".into());
    one.cpes = vec!["cpe:2.3:a:openssl:openssl:3.0.0:*:*:*:*:*:*:*".into()];
    let by_purl = statement(Package::Purl("pkg:generic/openssl".into()), None, Some("2.0.0"));
    let cpe = "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*";
    let by_cpe = statement(Package::Cpe(cpe.into()), None, Some("3.0.7"));
    let both = affects(&advisory("A", "1", vec![by_cpe.clone(), by_purl]), &one, &table());
    assert_eq!((both.answer, both.confidence), (Answer::NotAffected, Confidence::Package));
    let alone = affects(&advisory("A", "1", vec![by_cpe]), &one, &table());
    assert_eq!((alone.answer, alone.confidence), (Answer::Affected, Confidence::Cpe));
    let said = statement(words("OpenSSL Software Foundation", "OpenSSL"), None, Some("3.0.7"));
    let bare = component("openssl", Some("3.0.0"), None);
    let by_table = affects(&advisory("A", "1", vec![said]), &bare, &table());
    assert_eq!((by_table.answer, by_table.confidence), (Answer::Affected, Confidence::Table));
}

#[test]
fn names_are_normalised_by_the_rules_of_their_registry() {
    let pairs = [
        (ecosystem("PyPI", "Made_Up.Thing"), "pkg:pypi/made-up-thing@1.0"),
        (ecosystem("Maven", "org.made:up"), "pkg:maven/org.made/up@1.0"),
        (ecosystem("npm", "@made/up"), "pkg:npm/%40made/up@1.0"),
        (ecosystem("Go", "github.com/Made/Up"), "pkg:golang/github.com/made/up@1.0"),
        (ecosystem("Debian:12", "up"), "pkg:deb/debian/libup1@1.0?distro=debian-12&upstream=up"),
        (ecosystem("Rocky Linux:9", "up"), "pkg:rpm/rocky/up@1.0?distro=rocky-9.2"),
    ];
    for (package, purl) in pairs {
        let one = component("up", None, Some(purl));
        let found = ask(statement(package, None, Some("2.0")), &one);
        assert_eq!(found, (Answer::Affected, Rule::InRange), "{purl}");
    }
    let package = ecosystem("Debian:12", "up");
    let other = component("up", None, Some("pkg:deb/debian/up@1.0?distro=debian-11"));
    assert_eq!(ask(statement(package.clone(), None, None), &other).0, Answer::NotAffected);
    let silent = component("up", None, Some("pkg:deb/debian/up@1.0"));
    let unknown = (Answer::Unknown, Rule::ReleaseUnknown);
    assert_eq!(ask(statement(package, None, None), &silent), unknown);
    let rpm = component("up", None, Some("pkg:rpm/rocky/up@1.0-1?epoch=2&distro=rocky-9"));
    let range = statement(ecosystem("Rocky Linux:9", "up"), Some("2:0.5-1"), Some("2:1.0-2"));
    assert_eq!(ask(range, &rpm), (Answer::Affected, Rule::InRange));
}

#[test]
fn what_stands_against_an_affected_version() {
    let range = || statement(ecosystem("crates.io", "a"), None, None);
    let mut forked = krate("a", "1.0.0");
    forked.purl = Some("pkg:cargo/a@1.0.0?vcs_url=git%2Bhttps://example.org/a".into());
    assert_eq!(ask(range(), &forked), (Answer::Unknown, Rule::OtherSource));
    let mut patched = krate("a", "1.0.0");
    patched.patched = vec!["A".into()];
    assert_eq!(ask(range(), &patched), (Answer::NotAffected, Rule::Patched));
    let mut kernel = component("linux", Some("6.1"), Some("pkg:generic/linux@6.1"));
    kernel.compiled_files = vec!["drivers/net/a.c".into()];
    let mut flaw = statement(words("Linux", "Linux"), None, None);
    flaw.program_files = vec!["drivers/usb/b.c".into()];
    assert_eq!(ask(flaw.clone(), &kernel), (Answer::NotAffected, Rule::NotCompiled));
    flaw.program_files.push("drivers/net/a.c".into());
    assert_eq!(ask(flaw, &kernel), (Answer::Affected, Rule::InRange));
}

#[test]
fn a_kernel_record_is_answered_from_its_versions() {
    let bytes = include_bytes!("../testdata/feeds/cve5.json");
    let mut watch = Watch::new(table());
    watch.take(|to| read(bytes, "cve5.json", to), "2026-05-01");
    let answer = |version: &str| {
        let kernel =
            component("linux", Some(version), Some(&format!("pkg:generic/linux@{version}")));
        let scan = watch.scan(&bill("b", vec![kernel]));
        let by_authority = scan.findings.iter().find(|one| one.advisory.0 == 0);
        by_authority.map(|one| (one.verdict.answer, one.verdict.rule))
    };
    assert_eq!(answer("4.14"), None);
    assert_eq!(answer("4.15"), Some((Answer::Affected, Rule::Listed)));
    assert_eq!(answer("5.4"), Some((Answer::Affected, Rule::Default)));
    assert_eq!(answer("5.10.210"), Some((Answer::Affected, Rule::Default)));
    assert_eq!(answer("5.10.211"), None);
    assert_eq!(answer("5.11"), Some((Answer::Affected, Rule::Default)));
    assert_eq!(answer("6.8.1"), None);
}

#[test]
fn pmk_a_kernel_advisory_about_files_that_were_not_compiled_is_no_finding() {
    let mut watch = Watch::new(table());
    let records = include_bytes!("../testdata/kernel/cve-records.json");
    let taken = watch.take(|to| read(records, "cve-records.json", to), "2026-05-01");
    assert_eq!((taken.records, taken.new, taken.rejected.len()), (2, 2, 0));
    let list = include_bytes!("../testdata/kernel/compile_commands.json");
    let compiled =
        sbom::compiled_sources("compile_commands.json", list, &sbom::Limits::default()).unwrap();
    let found = |compiled: &[String], cpe: Option<&str>| -> Vec<String> {
        let mut kernel = component("linux", Some("6.1.80"), Some("pkg:generic/linux@6.1.80"));
        kernel.cpes.extend(cpe.map(str::to_owned));
        kernel.compiled_files = compiled.to_vec();
        let scan = watch.scan(&bill("b", vec![kernel]));
        let id = |one: &homeostat_postmarket::matching::Finding| {
            watch.book().advisory(one.advisory).map(|advisory| advisory.id.clone())
        };
        scan.findings.iter().filter_map(id).collect()
    };
    for cpe in [None, Some("cpe:2.3:o:linux:linux_kernel:6.1.80:*:*:*:*:*:*:*")] {
        // 6.1.80 lies below both fixes; only one of the two files is in the build.
        assert_eq!(found(&[], cpe), ["CVE-2024-35848", "CVE-2024-35955"], "{cpe:?}");
        assert_eq!(found(&compiled, cpe), ["CVE-2024-35955"], "{cpe:?}");
        let without: Vec<String> =
            compiled.iter().filter(|file| !file.ends_with("kprobes.c")).cloned().collect();
        assert_eq!(found(&without, cpe), Vec::<String>::new(), "{cpe:?}");
    }
}

fn changes(watch: &Watch) -> Vec<(Change, Rule, String)> {
    let events = watch.ledger().events().iter();
    events.map(|one| (one.change, one.verdict.rule, one.revision.to_string())).collect()
}

#[test]
fn findings_open_change_close_and_reopen_and_their_history_stays() {
    let mut watch = Watch::new(table());
    let range = |upper| statement(ecosystem("crates.io", "a"), None, upper);
    let release = watch.add_release("r", &bill("d1", vec![krate("a", "1.0.0")]), "t0");
    let release = release.expect("room");
    for device in ["one", "two"] {
        assert!(watch.install(device, release));
    }
    let first =
        watch.take(intake(vec![advisory("A", "2026-01-01", vec![range(Some("2.0.0"))])]), "t1");
    assert_eq!((first.deltas[0].affected.devices, first.deltas[0].unknown.devices), (2, 0));
    // The same again says nothing; an older revision neither.
    let same =
        watch.take(intake(vec![advisory("A", "2026-01-01", vec![range(Some("2.0.0"))])]), "t2");
    assert_eq!((same.same, same.deltas.len()), (1, 0));
    let old =
        watch.take(intake(vec![advisory("A", "2025-01-01", vec![range(Some("0.1.0"))])]), "t2");
    assert_eq!((old.stale, old.deltas.len()), (1, 0));
    let mut listed = range(Some("0.5.0"));
    listed.versions = vec!["1.0.0".into()];
    watch.take(intake(vec![advisory("A", "2026-01-02", vec![listed])]), "t3");
    watch.take(intake(vec![advisory("A", "2026-01-03", vec![range(Some("0.9.0"))])]), "t4");
    watch.take(intake(vec![advisory("A", "2026-01-04", vec![range(Some("1.0.1"))])]), "t5");
    let mut withdrawn = advisory("A", "2026-01-05", vec![range(Some("1.0.1"))]);
    withdrawn.withdrawn = Some("2026-01-05".into());
    let last = watch.take(intake(vec![withdrawn]), "t6");
    assert_eq!(last.deltas[0].affected.devices, 0);
    let expected = [
        (Change::Opened, Rule::InRange, "2026-01-01"),
        (Change::Changed, Rule::Listed, "2026-01-02"),
        (Change::Closed, Rule::Default, "2026-01-03"),
        (Change::Reopened, Rule::InRange, "2026-01-04"),
        (Change::Closed, Rule::Withdrawn, "2026-01-05"),
    ];
    let expected = expected.map(|(change, rule, revision)| (change, rule, revision.to_owned()));
    assert_eq!(changes(&watch), expected);
}

#[test]
fn a_document_that_drops_a_part_withdraws_it() {
    let mut watch = Watch::new(table());
    let release = bill("d1", vec![krate("a", "1.0.0")]);
    watch.add_release("r", &release, "t0").expect("room");
    let part = |name: &str, modified: &str| {
        let range = statement(ecosystem("crates.io", "a"), None, None);
        let mut one = advisory(&format!("D:{name}"), modified, vec![range]);
        one.document = Some("D".into());
        one
    };
    watch.take(intake(vec![part("1", "2026-01-01"), part("2", "2026-01-01")]), "t1");
    assert_eq!(watch.scan(&release).findings.len(), 2);
    let taken = watch.take(intake(vec![part("1", "2026-01-02")]), "t2");
    assert_eq!(taken.changed, 2);
    assert_eq!(watch.scan(&release).findings.len(), 1);
    let closed = watch.ledger().events().iter().filter(|one| one.change == Change::Closed);
    assert_eq!(closed.count(), 1);
}

#[test]
fn every_product_is_matched_dismissed_or_queued() {
    let mut names = table();
    let own = "[[dismissed]]\nwords = \"Made/Toy\"\nby = \"R. Reviewer\"\non = \"2026-01-01\"\nreason = \"no toys\"";
    names.add(own, "own.toml").expect("a table");
    let mut watch = Watch::new(names);
    let mut pump = component("Pump", Some("2.1"), None);
    pump.supplier = Some("Made Inc.".into());
    watch.add_release("r", &bill("d1", vec![pump]), "t0").expect("room");
    let all = |package| statement(package, None, None);
    let products = vec![
        all(words("Made", "pump")),
        all(words("Made", "Toy")),
        all(words("Made", "Ventilator X")),
        all(words("BusyBox", "BusyBox")),
        all(Package::Purl("no purl".into())),
    ];
    let taken = watch.take(intake(vec![advisory("A", "1", products)]), "t1");
    let tally = taken.products;
    assert_eq!((tally.products, tally.matched, tally.dismissed, tally.queued), (5, 2, 1, 2));
    assert_eq!(taken.deltas[0].events.len(), 1);
    assert_eq!(taken.deltas[0].events[0].verdict.confidence, Confidence::Words);
    let waiting = watch.waiting(watch.table());
    let waiting: Vec<_> = waiting.iter().map(|one| &*one.product).collect();
    assert_eq!(waiting, ["no purl", "Ventilator X"]);
    let mut ventilator = component("Ventilator X", Some("1"), None);
    ventilator.manufacturer = Some("made".into());
    watch.add_release("v", &bill("d2", vec![ventilator]), "t2").expect("room");
    assert_eq!(watch.waiting(watch.table()).len(), 1);
}

const VERSIONS: [&str; 7] = ["0.9.0", "1.0.0-rc.1", "1.0.0", "1.5.2", "2.0.0", "weird", ""];

fn any_component() -> impl Strategy<Value = Component> {
    (0..5_usize, 0..VERSIONS.len(), any::<bool>()).prop_map(|(name, version, elsewhere)| {
        let version = VERSIONS[version];
        let name = ["a", "b", "openssl", "linux", "c"][name];
        let tail = if elsewhere { "?vcs_url=git%2Bhttps://example.org" } else { "" };
        match name {
            "openssl" | "linux" => component(name, Some(version), None),
            _ => component(name, Some(version), Some(&format!("pkg:cargo/{name}@{version}{tail}"))),
        }
    })
}

fn any_affected() -> impl Strategy<Value = Affected> {
    let status = || {
        prop_oneof![
            4 => Just(Status::Affected),
            2 => Just(Status::Unaffected),
            1 => Just(Status::Fixed),
            1 => Just(Status::Unknown)
        ]
    };
    let end = || proptest::option::of(0..VERSIONS.len() - 1);
    (0..6_usize, end(), end(), end(), status(), status(), any::<bool>()).prop_map(
        |(name, lower, upper, listed, status, default_status, ranged)| {
            let package = match name {
                0 => ecosystem("crates.io", "a"),
                1 => ecosystem("crates.io", "b"),
                2 => words("openssl", "openssl"),
                3 => Package::Cpe("cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*".into()),
                4 => Package::Purl("pkg:cargo/a".into()),
                _ => words("nobody", "nothing"),
            };
            let text = |index: Option<usize>| index.map(|index| VERSIONS[index]);
            let mut one = statement(package, text(lower), text(upper));
            if !ranged {
                one.ranges.clear();
            }
            one.versions.extend(text(listed).map(str::to_owned));
            one.status = status;
            one.default_status = default_status;
            one
        },
    )
}

/// One step in the life of a watch.
#[derive(Clone, Debug)]
enum Step {
    Release(Vec<Component>),
    Advise { id: usize, withdrawn: bool, affected: Vec<Affected> },
}

fn any_step() -> impl Strategy<Value = Step> {
    let components = proptest::collection::vec(any_component(), 1..6);
    let affected = proptest::collection::vec(any_affected(), 1..4);
    prop_oneof![
        components.prop_map(Step::Release),
        (0..4_usize, prop::bool::weighted(0.2), affected)
            .prop_map(|(id, withdrawn, affected)| Step::Advise { id, withdrawn, affected }),
    ]
}

proptest! {
    #[test]
    fn forward_and_inverse_give_the_same_set(steps in proptest::collection::vec(any_step(), 1..14)) {
        let mut watch = Watch::new(table());
        let mut bills = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let time = format!("2026-01-{:02}", number + 1);
            match step {
                Step::Release(components) => {
                    let bill = bill(&format!("d{number}"), components);
                    let id = watch.add_release("r", &bill, &time).expect("room");
                    bills.push((id, bill));
                }
                Step::Advise { id, withdrawn, affected } => {
                    let mut one = advisory(&format!("A{id}"), &time, affected);
                    one.withdrawn = withdrawn.then(|| time.clone());
                    watch.take(intake(vec![one]), &time);
                }
            }
        }
        let open: BTreeSet<_> = watch.ledger().open().collect();
        let derived: BTreeSet<_> = watch.derive().into_iter().collect();
        prop_assert_eq!(&open, &derived);
        for (id, bill) in &bills {
            let forward: BTreeSet<(u32, String, Verdict)> = watch
                .scan(bill)
                .findings
                .iter()
                .map(|one| {
                    let subject = homeostat_postmarket::matching::Subject::of(
                        &bill.components[one.component],
                        watch.table(),
                    );
                    (one.advisory.0, subject.label, one.verdict)
                })
                .collect();
            let label = |id| watch.catalogue().subject(id).expect("known").label.clone();
            let inverse: BTreeSet<_> = watch
                .findings_of(*id)
                .into_iter()
                .map(|(advisory, component, verdict)| (advisory.0, label(component), verdict))
                .collect();
            prop_assert_eq!(forward, inverse);
        }
        // The events tell the same story as the state.
        for (advisory, component, verdict) in &open {
            let last = watch.ledger().history(*advisory, *component).last().expect("an event");
            prop_assert_eq!(last.verdict, *verdict);
            prop_assert!(last.change != Change::Closed);
        }
    }
}

#[test]
fn advisories_of_one_vulnerability_are_one_row() {
    let mut watch = Watch::new(table());
    let one = |id: &str, upper: &str, aliases: &[&str]| {
        let range = statement(ecosystem("crates.io", "a"), None, Some(upper));
        let mut one = advisory(id, "2026-01-01", vec![range]);
        one.aliases = aliases.iter().map(|&alias| alias.to_owned()).collect();
        one
    };
    let all = vec![
        one("GHSA-aaaa-bbbb-cccc", "2.0.0", &["CVE-2026-0001"]),
        one("RUSTSEC-2026-0001", "9.weird", &["CVE-2026-0001"]),
        one("RUSTSEC-2026-0002", "2.0.0", &[]),
    ];
    watch.take(intake(all), "t1");
    let mut scan = watch.scan(&bill("b", vec![krate("a", "1.0.0")]));
    let rows = scan.grouped(watch.book());
    let said: Vec<_> = rows.map(|row| (row.id, row.verdict.answer, row.findings.len())).collect();
    let expected =
        [("CVE-2026-0001", Answer::Affected, 2), ("RUSTSEC-2026-0002", Answer::Affected, 1)];
    assert_eq!(said, expected);
}

#[test]
fn every_medical_product_is_matched_or_queued() {
    let Some(folder) = real::advisories() else { return };
    let mut watch = Watch::new(table());
    let (mut products, mut queued, mut matched, mut files) = (0, 0, 0, 0);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with("icsma-") {
            continue;
        }
        files += 1;
        let bytes = std::fs::read(entry.path()).expect("an advisory");
        let tally = watch.take(|to| read(&bytes, &name, to), "2026-01-01").products;
        products += tally.products;
        matched += tally.matched;
        queued += tally.queued;
        assert_eq!(tally.products, tally.matched + tally.dismissed + tally.queued, "{name}");
    }
    assert!(files > 0 && products > 0);
    let rows = watch.waiting(watch.table()).len();
    eprintln!(
        "{files} files, {products} products: {matched} matched, {queued} queued in {rows} rows"
    );
}
