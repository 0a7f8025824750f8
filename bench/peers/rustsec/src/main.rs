//! The same advisories and the same lock files through RustSec's own engine and through ours.
//!
//! `peer-rustsec ADVISORIES LOCK...`: ADVISORIES is a folder of RustSec's OSV files. RustSec's engine reads its own
//! TOML alone: for every OSV file a TOML advisory is written whose patched and unaffected versions are exactly the
//! complement of the OSV events, and its engine turns them back into ranges. Nothing else is given to it.

use homeostat_postmarket::feed::{Event, gather, osv};
use homeostat_postmarket::matching::{ProductTable, Answer, Watch};
use homeostat_postmarket::sbom::{self, Bill, Component};
use rustsec::database::{Database, Query};
use rustsec::{Collection, Lockfile};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Found = BTreeSet<(String, String, String)>;

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().expect("a folder of OSV files");
    let locks: Vec<PathBuf> = arguments.collect();
    let work = std::env::temp_dir().join(format!("peer-rustsec-{}", std::process::id()));
    let mut watch = Watch::new(ProductTable::built_in().expect("the table"));
    let mut advisories = 0;
    for path in files(&folder) {
        let bytes = fs::read(&path).expect("an advisory");
        let (intake, events) = gather(|to| osv::read(&bytes, &path.display().to_string(), to));
        assert_eq!(intake.rejected, [], "{}", path.display());
        let Some(Event::Advisory(one)) = events.first() else { continue };
        write_toml(&work, &one.id, &serde_json::from_slice(&bytes).expect("JSON"));
        watch.take(|to| osv::read(&bytes, "", to), "2026-01-01");
        advisories += 1;
    }
    let database = Database::open(&work).expect("RustSec's database");
    fs::remove_dir_all(&work).expect("our own folder");
    assert_eq!(database.iter().count(), advisories);
    let (mut both, mut missed, mut extra, mut unknown, mut packages) = (0, 0, 0, 0, 0);
    let mut read = 0;
    for path in &locks {
        let text = fs::read_to_string(path).expect("a lock file");
        let Ok(lock) = text.parse::<Lockfile>() else { continue };
        read += 1;
        packages += lock.packages.len();
        let theirs = peer(&database, &lock);
        let (ours, unsure) = ours(&watch, &text);
        unknown += unsure;
        both += ours.intersection(&theirs).count();
        missed += theirs.difference(&ours).count();
        extra += ours.difference(&theirs).count();
        for one in theirs.difference(&ours) {
            println!("missed  {} {one:?}", path.display());
        }
        for one in ours.difference(&theirs) {
            println!("extra   {} {one:?}", path.display());
        }
    }
    println!("advisories {advisories}, lock files {read}, packages {packages}");
    println!("found by both {both}, missed by us {missed}, by us alone {extra}");
    println!("unknown to us (sources other than crates.io) {unknown}");
    std::process::exit(i32::from(both == 0 || missed + extra > 0));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("it").path());
    let mut paths: Vec<_> = entries.collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    paths
}

/// Vulnerabilities and informational advisories; the withdrawn ones are left out by RustSec's scope.
fn peer(database: &Database, lock: &Lockfile) -> Found {
    let scope = || Query::new().collection(Collection::Crates).withdrawn(false);
    let mut found = Found::new();
    for informational in [false, true] {
        let query = scope().informational(informational);
        for one in database.query_vulnerabilities(lock, &query) {
            let (name, version) = (one.package.name.to_string(), one.package.version.to_string());
            found.insert((name, version, one.advisory.id.to_string()));
        }
    }
    found
}

fn ours(watch: &Watch, text: &str) -> (Found, usize) {
    let bill = bill(text);
    let (mut found, mut unknown) = (Found::new(), 0);
    for one in watch.scan(&bill).findings {
        let component = &bill.components[one.component];
        let advisory = watch.book().advisory(one.advisory).expect("known");
        let version = component.version.clone().unwrap_or_default();
        match one.verdict.answer {
            Answer::Affected => {
                found.insert((component.name.clone(), version, advisory.id.clone()));
            }
            _ => unknown += 1,
        }
    }
    (found, unknown)
}

/// The packages of a lock file: those of crates.io by their purl, those of elsewhere said to be so, own ones bare.
fn bill(text: &str) -> Bill {
    let lock: toml::Value = toml::from_str(text).expect("TOML");
    let packages = lock.get("package").and_then(|list| list.as_array());
    let components = packages.into_iter().flatten().map(|package| {
        let field = |key: &str| package.get(key).and_then(|value| value.as_str());
        let name = field("name").unwrap_or_default().to_owned();
        let version = field("version").unwrap_or_default().to_owned();
        let purl = match field("source") {
            Some("registry+https://github.com/rust-lang/crates.io-index") => {
                Some(format!("pkg:cargo/{name}@{version}"))
            }
            Some(_) => Some(format!("pkg:cargo/{name}@{version}?vcs_url=elsewhere")),
            None => None,
        };
        component(name, version, purl)
    });
    let components = components.collect();
    Bill { components, ..template().0 }
}

/// An empty bill, and a component with nothing but a name, as the reader makes them.
fn template() -> (Bill, Component) {
    let text = b"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\
        \"components\":[{\"type\":\"library\",\"name\":\"made\"}]}";
    let mut bill = sbom::read("made.json", text, &sbom::Limits::default()).expect("a bill");
    let component = bill.components.remove(0);
    (bill, component)
}

fn component(name: String, version: String, purl: Option<String>) -> Component {
    Component { reference: name.clone(), name, version: Some(version), purl, ..template().1 }
}

/// One OSV file as RustSec's TOML in the folders that its engine expects.
fn write_toml(folder: &Path, id: &str, osv: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let affected = &osv["affected"][0];
    let package = text(&affected["package"]["name"]);
    let mut unaffected = Vec::new();
    let mut patched = Vec::new();
    for range in affected["ranges"].as_array().into_iter().flatten() {
        requirements(range["events"].as_array().expect("events"), &mut unaffected, &mut patched);
    }
    let date = |value: &Value| text(value).chars().take(10).collect::<String>();
    let mut head = toml::Table::new();
    head.insert("id".into(), id.into());
    head.insert("package".into(), package.clone().into());
    head.insert("date".into(), date(&osv["published"]).into());
    if osv["withdrawn"].is_string() {
        head.insert("withdrawn".into(), date(&osv["withdrawn"]).into());
    }
    if let Some(kind) = affected["database_specific"]["informational"].as_str() {
        head.insert("informational".into(), kind.into());
    }
    let mut versions = toml::Table::new();
    versions.insert("patched".into(), patched.into());
    versions.insert("unaffected".into(), unaffected.into());
    let mut front = toml::Table::new();
    front.insert("advisory".into(), head.into());
    front.insert("versions".into(), versions.into());
    let folder = folder.join("crates").join(&package);
    fs::create_dir_all(&folder).expect("a folder of our own");
    let title = text(&osv["summary"]).replace('\n', " ");
    let written = format!("```toml\n{front}```\n\n# {title}\n\nThe facts of the OSV file.\n");
    fs::write(folder.join(format!("{id}.md")), written).expect("a file of our own");
}

/// What lies between the affected stretches: before the first is unaffected, behind a fix is patched.
fn requirements(events: &[Value], unaffected: &mut Vec<String>, patched: &mut Vec<String>) {
    let mut fixed: Option<String> = None;
    for event in events {
        if let Some(version) = event["introduced"].as_str() {
            match fixed.take() {
                Some(fix) => patched.push(format!(">= {fix}, < {version}")),
                None if version == "0.0.0-0" || version == "0" => {}
                None => unaffected.push(format!("< {version}")),
            }
        }
        if let Some(version) = event["fixed"].as_str() {
            fixed = Some(version.to_owned());
        }
    }
    patched.extend(fixed.map(|fix| format!(">= {fix}")));
}
