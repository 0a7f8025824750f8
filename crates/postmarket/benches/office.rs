//! From a feed file that is seen to notices that wait, at the size of a fleet: 10,000 releases of 300 components in 100
//! products, 1,000,000 devices, 8,000 advisories known. Wall time, with the store on disk.
//!
//! `cargo bench -p homeostat-postmarket --bench office`. Everything is made up from a seed.

use homeostat_postmarket::feed::mirror::Listed;
use homeostat_postmarket::feed::{Sink, read};
use homeostat_postmarket::harm::canonical::digest;
use homeostat_postmarket::matching::ProductTable;
use homeostat_postmarket::office::{NewRelease, Office, Round, Rules};
use homeostat_postmarket::sbom::{Bill, Component};
use homeostat_postmarket::store::Store;
use rustix::time::{ClockId, clock_gettime};
use std::path::Path;

const RELEASES: usize = 10_000;
const PRODUCTS: usize = 100;
const COMPONENTS: usize = 300;
const DEVICES_A_RELEASE: u64 = 100;
const NAMES: usize = 4_000;
const ADVISORIES: usize = 8_000;
const NOW: &str = "2026-11-22T08:00:00Z";

/// SplitMix64: the same numbers everywhere from one seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) % bound as u64) as usize
    }

    /// Small numbers far more often than large ones, as names are.
    fn skewed(&mut self, bound: usize) -> usize {
        let (a, b) = (self.below(bound), self.below(bound));
        a * b / bound
    }
}

fn seconds() -> f64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

fn releases(numbers: &mut Numbers) -> impl Iterator<Item = NewRelease> + '_ {
    (0..RELEASES).map(|number| {
        let mut bill = Bill { digest: format!("{number:064x}"), ..Bill::default() };
        for _ in 0..COMPONENTS {
            let name = format!("made-{:04}", numbers.skewed(NAMES));
            let version = format!("{}.{}.0", numbers.below(3), numbers.below(4));
            bill.components.push(Component {
                purl: Some(format!("pkg:cargo/{name}@{version}")),
                reference: format!("{name}@{version}"),
                version: Some(version),
                name,
                ..Component::default()
            });
        }
        NewRelease {
            product: format!("product-{:02}", number % PRODUCTS),
            version: format!("1.{number}"),
            file: "made up".to_owned(),
            bill,
            bytes: Vec::new(),
            devices: DEVICES_A_RELEASE,
        }
    })
}

fn record(id: usize, name: usize, fixed: &str) -> String {
    format!(
        "{{\"id\":\"MADE-{id}\",\"modified\":\"2026-11-22T00:00:00Z\",\"severity\":[{{\"type\":\"CVSS_V3\",\"score\":\
         \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}}],\"affected\":[{{\"package\":{{\"ecosystem\":\"crates.io\",\
         \"name\":\"made-{name:04}\"}},\"ranges\":[{{\"type\":\"SEMVER\",\"events\":[{{\"introduced\":\"0\"}},\
         {{\"fixed\":\"{fixed}\"}}]}}]}}]}}\n"
    )
}

/// A file is seen: read, matched, written, settled. Gives how many notices wait.
fn seen(office: &mut Office, name: &str, text: &str) -> usize {
    let listed = Listed {
        name: name.to_owned(),
        origin: name.to_owned(),
        fetched: NOW.to_owned(),
        bytes: text.len(),
        sha256: digest(text.as_bytes()),
    };
    let mut round = Round::default();
    assert!(!office.has_taken(&listed).expect("the store is read"));
    let read = |to: &mut Sink<'_>| read(text.as_bytes(), name, to);
    office.take(&listed, read, (NOW, NOW), &mut round).expect("the store is written");
    assert_eq!(round.taken.rejected.len(), 0);
    let now = NOW.parse().expect("a time");
    office.settle(now).expect("it is settled").notices.len()
}

fn open(path: &Path) -> Office {
    let rules = Rules { table: ProductTable::default(), mark: "bench".to_owned() };
    let now = NOW.parse().expect("a time");
    Office::open(Store::open(path).expect("a store"), rules, now).expect("an office")
}

fn main() {
    let folder =
        std::env::temp_dir().join(format!("homeostat-office-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("office.db");
    let numbers = &mut Numbers(20_261_122);
    let begin = seconds();
    let mut office = open(&path);
    office.put_releases(releases(numbers), NOW).expect("the releases are kept");
    let (count, products, devices) = office.extent();
    println!(
        "field: {count} releases of {products} products, {devices} devices: {:.1} s",
        seconds() - begin
    );

    let begin = seconds();
    // Most of what feeds say is about what nobody here has; one in twenty is about a rare component of ours.
    let name = |id: usize| if id.is_multiple_of(20) { NAMES / 2 + id / 20 } else { NAMES + id };
    let known: String = (0..ADVISORIES).map(|id| record(id, name(id), "0.1.0")).collect();
    let notices = seen(&mut office, "known.jsonl", &known);
    println!("past: {ADVISORIES} advisories, {notices} notices: {:.1} s", seconds() - begin);

    let cases = [
        ("one, in a component that most products hold", 0, 1),
        ("one, in a usual component", 300, 1),
        ("a file of 5", 100, 5),
    ];
    for (index, (what, first, number)) in cases.into_iter().enumerate() {
        let text: String = (0..number)
            .map(|one| record(100_000 + index * 1_000 + one, first + one * 7, "2.1.0"))
            .collect();
        let begin = seconds();
        let notices = seen(&mut office, &format!("new-{index}.jsonl"), &text);
        println!(
            "{what}: seen -> {notices} notices queued: {:.3} s (must: 5 s)",
            seconds() - begin
        );
    }
    drop(office);
    let begin = seconds();
    let mut office = open(&path);
    let opened = seconds() - begin;
    let notices = seen(&mut office, "later.jsonl", &record(200_000, 3, "2.1.0"));
    let all = seconds() - begin;
    println!(
        "a new process: opened in {opened:.3} s, seen -> {notices} notices queued in {all:.3} s in all (must: 5 s)"
    );
    let size = std::fs::metadata(&path).map_or(0, |found| found.len());
    println!("store: {size} bytes");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
