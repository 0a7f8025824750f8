//! Matching at the size of a fleet, in processor time of the thread: the requirements speak of single advisories and
//! of percentiles over them, which a mean does not show.
//!
//! `HOMEOSTAT_DATA=folder cargo bench -p homeostat-postmarket --bench matching`, where the folder holds RustSec's OSV
//! files in `advisories/`. What is missing to 8,000 advisories is made up from a seed, over the same names; without the
//! folder all of them are. Releases, components and devices are always made up.

#[path = "../tests/real/mod.rs"]
mod real;

use homeostat_postmarket::feed::{Event, Intake, Package, Sink, gather, osv};
use homeostat_postmarket::matching::{ProductTable, Watch};
use homeostat_postmarket::sbom::{self, Bill};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const ADVISORIES: usize = 8_000;
const RELEASES: usize = 10_000;
const COMPONENTS: usize = 300;
const DEVICES: usize = 1_000_000;
/// Different components in the field, as name and version.
const POOL: usize = 20_000;

/// SplitMix64: the same numbers everywhere from one seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Small numbers far more often than large ones, as names and devices are.
    fn skewed(&mut self, bound: usize) -> usize {
        let (a, b) = (self.below(bound), self.below(bound));
        a * b / bound
    }
}

fn microseconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

/// What was made of a file, to be handed on later: reading is not what is measured.
type Whole = (Intake, Vec<Event>);

fn handed((intake, events): Whole) -> impl FnOnce(&mut Sink<'_>) -> Intake {
    move |to| {
        events.into_iter().for_each(to);
        intake
    }
}

fn real() -> Vec<Whole> {
    let Some(folder) = real::advisories() else { return Vec::new() };
    let folder = folder.join("crates");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let files: Vec<_> = paths.iter().map(|path| fs::read(path).expect("a feed")).collect();
    let begin = microseconds();
    let read = |bytes: &Vec<u8>| gather(|to| osv::read(bytes, "real", to));
    let out: Vec<Whole> = files.iter().map(read).collect();
    println!("read {} OSV files: {:.1} ms", out.len(), (microseconds() - begin) / 1e3);
    out
}

fn names(intakes: &[Whole], numbers: &mut Numbers) -> Vec<String> {
    let mut names = BTreeSet::new();
    for event in intakes.iter().flat_map(|(_, events)| events) {
        let Event::Advisory(advisory) = event else { continue };
        for affected in &advisory.affected {
            if let Package::Ecosystem { name, .. } = &affected.package {
                names.insert(name.clone());
            }
        }
    }
    while names.len() < 4_000 {
        names.insert(format!("made-{:05}", numbers.below(100_000)));
    }
    let mut names: Vec<String> = names.into_iter().collect();
    for at in (1..names.len()).rev() {
        names.swap(at, numbers.below(at + 1));
    }
    names
}

fn version(numbers: &mut Numbers) -> String {
    format!("{}.{}.{}", numbers.below(3), numbers.below(12), numbers.below(8))
}

fn made_up(number: usize, names: &[String], numbers: &mut Numbers) -> Whole {
    let name = &names[numbers.skewed(names.len())];
    let (first, second) = (version(numbers), version(numbers));
    let text = format!(
        "{{\"id\":\"MADE-{number}\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{{\
         \"package\":{{\"ecosystem\":\"crates.io\",\"name\":\"{name}\"}},\"ranges\":[{{\"type\":\
         \"SEMVER\",\"events\":[{{\"introduced\":\"{first}\"}},{{\"fixed\":\"{second}\"}}]}}]}}]}}"
    );
    gather(|to| osv::read(text.as_bytes(), "made up", to))
}

/// A bill in CycloneDX's form.
fn written(number: usize, components: &BTreeSet<&(String, String)>) -> String {
    let each = components.iter().map(|(name, version)| {
        format!(
            "{{\"type\":\"library\",\"bom-ref\":\"{name}@{version}\",\"name\":\"{name}\",\
             \"version\":\"{version}\",\"purl\":\"pkg:cargo/{name}@{version}\"}}"
        )
    });
    format!(
        "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":{},\"components\":[{}]}}",
        number + 1,
        each.collect::<Vec<_>>().join(",")
    )
}

fn read_bill(text: &str) -> Bill {
    sbom::read("made.json", text.as_bytes(), &sbom::Limits::default()).expect("a bill")
}

fn percentiles(label: &str, mut spent: Vec<f64>, must: &str) {
    spent.sort_by(f64::total_cmp);
    let at = |part: f64| spent[((spent.len() - 1) as f64 * part) as usize];
    println!(
        "{label}: {} times, median {:.1} us, p99 {:.1} us, longest {:.1} us ({must})",
        spent.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn fleet(watch: &mut Watch, pool: &[(String, String)], numbers: &mut Numbers) {
    let begin = microseconds();
    let mut template = read_bill(&written(0, &BTreeSet::new()));
    let one = read_bill(&written(1, &pool.iter().take(1).collect())).components.remove(0);
    let mut devices = vec![0_usize; DEVICES];
    for release in 0..RELEASES {
        template.digest = format!("{release:064x}");
        template.components.clear();
        for _ in 0..COMPONENTS {
            let (name, version) = &pool[numbers.skewed(pool.len())];
            let mut component = one.clone();
            component.name.clone_from(name);
            component.version = Some(version.clone());
            component.purl = Some(format!("pkg:cargo/{name}@{version}"));
            template.components.push(component);
        }
        watch.add_release("made up", &template, "2026-01-01").expect("room");
    }
    let releases = (microseconds() - begin) / 1e6;
    for device in &mut devices {
        *device = numbers.skewed(RELEASES);
    }
    let ids: Vec<_> = watch.catalogue().releases().map(|(id, _)| id).collect();
    for (number, release) in devices.into_iter().enumerate() {
        watch.install(&format!("device-{number:07}"), ids[release]);
    }
    let all = (microseconds() - begin) / 1e6;
    println!(
        "field: {RELEASES} releases of {COMPONENTS}, {} components, {DEVICES} devices: {releases:.1} s + {:.1} s",
        watch.catalogue().subjects().count(),
        all - releases
    );
}

fn main() {
    let numbers = &mut Numbers(20_261_122);
    let mut intakes = real();
    let names = names(&intakes, numbers);
    let given = intakes.len();
    for number in intakes.len()..ADVISORIES {
        intakes.push(made_up(number, &names, numbers));
    }
    println!("advisories: {given} real, {} made up", ADVISORIES - given);
    let mut pool = BTreeSet::new();
    while pool.len() < POOL {
        pool.insert((names[numbers.skewed(names.len())].clone(), version(numbers)));
    }
    let pool: Vec<_> = pool.into_iter().collect();
    let mut watch = Watch::new(ProductTable::built_in().expect("the table"));
    fleet(&mut watch, &pool, numbers);

    let mut spent = Vec::new();
    let mut findings = 0;
    for intake in intakes {
        let begin = microseconds();
        let taken = watch.take(handed(intake), "2026-02-01");
        spent.push(microseconds() - begin);
        findings += taken.deltas.iter().map(|delta| delta.events.len()).sum::<usize>();
    }
    percentiles("new advisory -> findings, releases, devices", spent, "must: p99 1,000 us");
    let begin = microseconds();
    let derived = watch.derive();
    let took = (microseconds() - begin) / 1e3;
    println!("all {ADVISORIES} derived again: {took:.1} ms (must: 500 ms)");
    let open: BTreeSet<_> = watch.ledger().open().collect();
    assert_eq!(derived.into_iter().collect::<BTreeSet<_>>(), open);
    println!("findings {findings}, the same set both ways");

    let some: BTreeSet<_> = pool.iter().step_by(4).take(5_000).collect();
    let text = written(7, &some);
    let (mut parse, mut scan, mut count) = (Vec::new(), Vec::new(), 0);
    for _ in 0..50 {
        let begin = microseconds();
        let bill = read_bill(&text);
        let between = microseconds();
        count = watch.scan(&bill).findings.len();
        scan.push(microseconds() - between);
        parse.push(between - begin);
    }
    println!("bill of {} components, {} bytes, {count} findings", some.len(), text.len());
    percentiles("  read", parse, "warm");
    percentiles("  scan", scan, "warm");
}
