//! The post-market office as a user meets it: watch, assess, explain, clocks.

mod common;
mod gateway;

use common::{Folder, homeostat};
use gateway::{ADVISORY, LOCK};
use std::fs;

const RISKS: &str = r#"[device]
name = "gateway"
version = "1"
life-supporting = false

[[function]]
id = "clock"
name = "keeps time for the dose history"
kind = "diagnosis"

[[function.hazard]]
failure = "loss-of-loop"
id = "HAZ-7"
severity = "critical"

[[component]]
component = "pkg:cargo/time@*"
functions = ["clock"]
"#;
const OFFICE: &str = r#"[maker]
name = "A maker"
namespace = "https://maker.example"
contact = "psirt@maker.example"
scopes = ["us-device", "cra", "own-policy"]

[[product]]
name = "gateway"
risks = "risks.toml"
package = "pkg:generic/maker/gateway"

[[release]]
product = "gateway"
version = "2.4.0"
bill = "Cargo.lock"
devices = 1200
"#;
const AT: [&str; 2] = ["--at", "2026-11-22T08:00:00Z"];

/// A folder with an office file, its bill and risk file, and an advisory; and the arguments of a watch on them.
fn field(name: &str) -> (Folder, Vec<String>) {
    let folder = Folder::new(name);
    folder.file("Cargo.lock", LOCK);
    folder.file("risks.toml", RISKS);
    let (office, feed) = (folder.file("office.toml", OFFICE), folder.file("a.json", ADVISORY));
    let store = folder.path("office.db");
    let words = ["vuln", "watch", "--store", &store, "--office", &office, "--feeds", &feed];
    let words = words.iter().chain(&AT).map(|word| (*word).to_owned()).collect();
    (folder, words)
}

fn run(words: &[String]) -> (Option<i32>, String, String) {
    homeostat(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn pmk_01_a_watch_queues_what_is_new_once_and_counts_everything() {
    let (folder, watch) = field("watch");
    let (code, out, said) = run(&watch);
    assert_eq!(code, Some(1), "{out}{said}");
    for words in [
        "1 releases of 1 products, 1200 devices",
        "records   1 in = 1 taken + 0 rejected",
        "1 statements in = 1 matched by name + 0 dismissed + 0 queued",
        "F-1    opened   uncontrolled  CVE-2020-26235 in time 0.1.43 of gateway: 1 releases, 1200 devices",
        "3 started",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    assert!(said.contains("1 notices wait for a person"), "{said}");
    let (code, out, said) = run(&watch);
    assert_eq!(code, Some(0), "nothing is new\n{out}{said}");
    assert!(out.contains("0 files taken, 1 as before"), "{out}");
    assert!(out.contains("still waiting for a person: 1\nF-1    opened"), "{out}");
    let (code, out, _) =
        homeostat(&["vuln", "explain", "--waiting", "--store", &folder.path("office.db")]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("2026-11-22T08:00:00Z F-1    opened   uncontrolled"), "{out}");
    // One bad record: the rest is taken and the bad one listed.
    let two = format!(
        "{}\n{{\"id\": 7}}\n",
        ADVISORY.replace('\n', " ").replace("2023-06", "2026-06").replace("0071", "9071")
    );
    folder.file("a.json", &two);
    let (code, out, said) = run(&[watch.clone(), vec!["--json".to_owned()]].concat());
    assert_eq!(code, Some(0), "the same vulnerability by another name is no news\n{out}{said}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["records"]["in"], 2, "{out}");
    assert_eq!(json["records"]["rejected"].as_array().map(Vec::len), Some(1), "{out}");
}

#[test]
fn pmk_01_bad_input_is_named_and_what_is_good_is_taken() {
    let (folder, watch) = field("watch-bad");
    let more = OFFICE.to_owned()
        + "\n[[release]]\nproduct = \"gateway\"\nversion = \"9\"\nbill = \"broken.json\"\n";
    folder.file("office.toml", &more);
    folder.file("broken.json", "{\"bomFormat\": \"CycloneDX\"}");
    let (code, out, said) = run(&watch);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("broken.json"), "{said}");
    assert!(out.contains("F-1 "), "the others are there\n{out}");
    folder.file("office.toml", &OFFICE.replace("\"cra\"", "\"crab\""));
    let (code, _, said) = run(&watch);
    assert_eq!(code, Some(3));
    assert!(
        said.contains("[maker] scopes: crab; expected one of") && said.contains("cra,"),
        "{said}"
    );
    fs::remove_file(folder.path("risks.toml")).expect("it was there");
    folder.file("office.toml", OFFICE);
    folder.file("broken.mirror", "no archive");
    let store = ["--store", &folder.path("fresh.db"), "--mirror", &folder.path("broken.mirror")];
    let office = ["vuln", "watch", "--office", &folder.path("office.toml")];
    let (code, out, said) = homeostat(&[&office[..], &store].concat());
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("risks.toml") && said.contains("broken.mirror"), "{said}");
    assert!(out.contains("1 releases of 1 products, 1200 devices"), "the field is kept\n{out}");
    let (code, _, said) = homeostat(&["vuln", "explain", "--store", &folder.path("none.db")]);
    assert_eq!(code, Some(3));
    assert!(said.contains("no such store"), "{said}");
    let other = folder.file("other.db", &"x".repeat(4096));
    let (code, _, said) = homeostat(&["vuln", "clocks", "--store", &other]);
    assert_eq!(code, Some(3), "{said}");
}

#[test]
fn pmk_03_a_finding_is_assessed_decided_and_explained() {
    let (folder, watch) = field("assess");
    run(&watch);
    let store = folder.path("office.db");
    let assess = ["vuln", "assess", "F-1", "--store", &store];
    let (code, out, said) = homeostat(&[&assess[..], &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "uncontrolled, proposed by the rules",
        "time -> keeps time for the dose history -> loss of the loop (HAZ-7) -> harm: critical",
        "nearest",
        "risk file 1",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    let (code, _, said) = homeostat(&[&assess[..], &["--answer", "XAVN=perhaps"]].concat());
    assert_eq!(code, Some(2));
    assert!(said.contains("XAVN=perhaps"), "{said}");
    let attack = folder.file("attack.toml", "[incident]\nattacked = true\n");
    let (code, _, said) = homeostat(&[&assess[..], &["--answers", &attack]].concat());
    assert_eq!(code, Some(2));
    assert!(said.contains("[incident] learned: found nothing"), "{said}");
    let answers = folder.file(
        "answers.toml",
        "automatable = false\n[answers]\nXAVN = \"no\"\nXAVP = \"yes\"\nXACL = \"no\"\nXPRL = \"yes\"\nXPRZ = \"yes\"\nXPRS = \"yes\"\n",
    );
    let who = ["--answers", &answers, "--by", "A. Name", "--role", "product security"];
    let (code, out, said) = homeostat(&[&assess[..], &who, &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("controlled, decided by A. Name (product security)"), "{out}");
    assert!(said.contains("3 stopped; 1 notices done"), "{said}");
    let explain = ["vuln", "explain", "F-1", "--store", &store];
    let (code, out, said) = homeostat(&[&explain[..], &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "RustSec RUSTSEC-2020-0071: Potential segfault in the time crate",
        "0.1.43 lies in an affected range",
        "computed again: the same bytes",
        "chain of decisions: 1, unbroken, head ",
        "stopped 2026-11-22T08:00:00Z by decision record SHA-256",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    let head = out.lines().last().and_then(|line| line.rsplit(' ').next()).expect("the head");
    for (expected, code) in [(head, 0), (&head.replace(&head[..1], "x"), 1)] {
        let (found, _, said) = homeostat(&[&explain[..], &["--expect", expected]].concat());
        assert_eq!(found, Some(code), "{said}");
    }
    // The report of a scan shows who decided.
    let (lock, risks) = (folder.path("Cargo.lock"), folder.path("risks.toml"));
    let feed = folder.path("a.json");
    let scan =
        ["vuln", "scan", &lock, "--feeds", &feed, "--risks", &risks, "--store", &store, "--json"];
    let (_, out, said) = homeostat(&[&scan[..], &AT].concat());
    assert!(out.contains("A. Name (product security)"), "{out}{said}");
    // Another product's report does not.
    folder.file("Cargo.lock", &LOCK.replace("gateway", "monitor"));
    let (_, out, said) = homeostat(&[&scan[..], &AT].concat());
    assert!(!out.contains("A. Name"), "{out}{said}");
    let kept = folder.file("other.toml", &RISKS.replace("\"1\"", "\"2\""));
    let (code, out, said) = homeostat(&[&assess[..], &["--risks", &kept], &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("risk file 2") && said.contains("only the risk file was kept"), "{said}");
}

#[test]
fn pmk_04_clocks_warn_fail_when_overdue_and_stop_with_evidence() {
    let (folder, watch) = field("clocks");
    run(&watch);
    let (store, page) = (folder.path("office.db"), folder.path("known.html"));
    let (lock, feed) = (folder.path("Cargo.lock"), folder.path("a.json"));
    let scan = ["vuln", "scan", &lock, "--feeds", &feed, "--store", &store, "--report", &page];
    homeostat(&[&scan[..], &AT].concat());
    let page = fs::read_to_string(page).expect("the report is there");
    assert!(page.contains("Customers told, interim controls and plan named"), "{page}");
    let clocks = ["vuln", "clocks", "--store", &store];
    let calendar = folder.path("clocks.ics");
    let (code, out, said) = homeostat(&[&clocks[..], &["--ical", &calendar], &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("fda-postmarket-30") && out.contains("running"), "{out}");
    let calendar = fs::read_to_string(calendar).expect("the calendar is there");
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 3);
    let (code, out, _) = homeostat(&[&clocks[..], &["--at", "2026-12-18T00:00:00Z"]].concat());
    assert_eq!(code, Some(1), "triage is overdue");
    assert!(out.contains("OVERDUE") && out.contains("80 % gone"), "{out}");
    let file = folder.file("sent.txt", "Dear customer");
    let stop = ["--stop", "1", "--evidence-file", &file, "--by", "A. Name"];
    let (code, _, said) = homeostat(&[&clocks[..], &stop, &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("sent.txt, SHA-256"), "{said}");
    let (code, _, said) = homeostat(&[&clocks[..], &stop, &AT].concat());
    assert_eq!(code, Some(3), "it is stopped already: {said}");
    let start = [
        "--start",
        "aware-of-severe-incident",
        "--finding",
        "F-1",
        "--reason",
        "call 17",
        "--by",
        "A. Name",
    ];
    let (code, _, said) = homeostat(&[&clocks[..], &start, &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 clocks started"), "{said}");
    let (code, _, said) = homeostat(&[&clocks[..], &start, &AT].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("nothing is started"), "{said}");
    let why = ["--reason", "the first call was earlier", "--by", "A. Name"];
    let correct = [&clocks[..], &["--correct", "4", "--at", "2026-11-21T08:00:00Z"], &why].concat();
    let (code, _, said) = homeostat(&correct);
    assert_eq!(code, Some(0), "{said}");
    let (_, out, said) = homeostat(&["vuln", "explain", "F-1", "--store", &store]);
    let corrected =
        "corrected to 2026-11-21T08:00:00Z because the first call was earlier; said by A. Name";
    assert!(out.contains("because call 17") && out.contains(corrected), "{out}{said}");
}

#[test]
fn pmk_01_a_watch_at_intervals_goes_on_and_a_second_one_is_held_off() {
    let (folder, watch) = field("interval");
    let mut words: Vec<String> =
        watch.into_iter().filter(|word| !AT.contains(&word.as_str())).collect();
    words.extend(["--every", "10ms", "--rounds", "3"].map(str::to_owned));
    let (code, out, said) = run(&words);
    assert_eq!(code, Some(1), "the first round found something new, and the worst counts\n{said}");
    assert_eq!(out.matches("field ").count(), 3, "{out}");
    let lock = folder.path("office.db.lock");
    let held = fs::File::create(lock).expect("the lock file");
    held.lock().expect("nobody holds it");
    let (code, _, said) = run(&words);
    assert_eq!(code, Some(3));
    assert!(said.contains("another watch"), "{said}");
}

const NOTICE: &str = r#"id = "MAKER-2026-001"
title = "A crash in the clock of the gateway"
product-purl = "pkg:generic/maker/gateway@2.4.0"
description = "A crafted environment can stop the gateway."
action = "Install 2.4.1."
fixed-in = "2.4.1"

[[revision]]
time = "2026-11-22T08:00:00Z"
summary = "First"

[letter]
efforts = "A fix is validated."
compensating-controls = "Keep the cabinet locked."
coming-fix = "2.4.1 in December."

[security-txt]
contact = ["mailto:psirt@maker.example"]
expires = "2027-06-01T00:00:00Z"

[incident]
"incident.description" = "the gateway stood still"
"#;

#[test]
fn pmk_03_the_makers_own_signed_table_comes_into_force_and_odd_names_are_told() {
    let (folder, watch) = field("own-table");
    let shipped = include_str!("../../postmarket/src/harm/matrix.toml");
    let table = folder.file("table.toml", &shipped.replace("\"controlled\"", "\"uncontrolled\""));
    let secret = folder.file("secret.key", &"07".repeat(32));
    let (code, _, said) = homeostat(&["vuln", "sign", &table, "--key", &secret]);
    assert_eq!(code, Some(0), "{said}");
    let public = said.trim().rsplit(' ').next().expect("the public half").to_owned();
    let own = format!("{OFFICE}\n[matrix]\nfile = \"table.toml\"\nkey = \"{public}\"\n");
    folder.file("office.toml", &own.replace("name = \"gateway\"", "name = \"gatewya\""));
    let (code, _, said) = run(&watch);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("called \"gateway\": the worst is taken for it"), "{said}");
    assert!(said.contains("of the product \"gatewya\""), "{said}");
    let explain = ["vuln", "explain", "F-1", "--store", &folder.path("office.db")];
    let (_, out, said) = homeostat(&[&explain[..], &AT].concat());
    let digest = |out: &str| {
        let line = out.lines().find(|line| line.contains(" matrix ")).map(str::to_owned);
        line.unwrap_or_else(|| panic!("{out}{said}"))
    };
    let by_own = digest(&out);
    // A changed table is not taken, and the one in force stays.
    folder.file("table.toml", shipped);
    let (code, _, said) = run(&watch);
    assert!(code == Some(3) && said.contains("signature: it does not hold"), "{said}");
    assert_eq!(digest(&homeostat(&[&explain[..], &AT].concat()).1), by_own);
    // A laxer one cannot be signed.
    let laxer = folder.file("laxer.toml", &shipped.replace("\"uncontrolled\"", "\"controlled\""));
    let (code, _, said) = homeostat(&["vuln", "sign", &laxer, "--key", &secret]);
    assert!(code == Some(3) && said.contains("laxer than the shipped table"), "{said}");
    folder.file("office.toml", OFFICE);
    let (_, _, said) = run(&watch);
    assert!(!said.contains("note: "), "{said}");
    assert_ne!(digest(&homeostat(&[&explain[..], &AT].concat()).1), by_own);
}

#[test]
fn pmk_05_one_decision_is_published_whole_or_not_at_all() {
    let (folder, watch) = field("publish");
    run(&watch);
    let (store, out) = (folder.path("office.db"), folder.path("published"));
    let notice = folder.file("notice.toml", NOTICE);
    let publish = ["vuln", "publish", "F-1", "--store", &store, "--notice", &notice, "--out", &out];
    let publish = [&publish[..], &AT].concat();
    let (code, _, said) = homeostat(&publish);
    assert_eq!(code, Some(1), "nobody has decided: {said}");
    let who = ["--by", "A. Name", "--role", "product security"];
    homeostat(&[&["vuln", "assess", "F-1", "--store", &store], &who[..], &AT].concat());
    folder.file(
        "notice.toml",
        &NOTICE.replace("efforts = \"A fix is validated.\"", "").replace("mailto:", ""),
    );
    let (code, _, said) = homeostat(&publish);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("efforts is missing") && said.contains("security.txt: line 1"), "{said}");
    assert!(fs::metadata(&out).is_err(), "nothing is written");
    folder.file("notice.toml", NOTICE);
    let mut before = String::new();
    for round in 0..2 {
        let (code, list, said) = homeostat(&publish);
        assert_eq!(code, Some(0), "round {round}: {said}");
        assert_eq!(list.lines().count(), 12, "{list}");
        let index = fs::read_to_string(format!("{out}/published.json")).expect("the index");
        assert!(before.is_empty() || before == index, "the same bytes");
        before = index;
    }
    // What was written is read by the adapters of the feeds.
    let written = [
        "openvex.json",
        "cyclonedx-vex.json",
        "csaf-2.0/vex/maker-2026-001.json",
        "csaf-2.1/advisory/maker-2026-001.json",
    ];
    for file in written {
        let mirror = folder.path("own.mirror");
        let file = format!("{out}/{file}");
        let (code, _, said) = homeostat(&["vuln", "update", &file, "--mirror", &mirror]);
        assert_eq!(code, Some(0), "{file}: {said}");
        assert!(said.contains(" 0 records not read"), "{file}: {said}");
    }
    // About another product or release nothing is written.
    for purl in ["pkg:npm/left-pad@2.4.0", "pkg:generic/maker/gateway@9.9.9"] {
        folder.file("notice.toml", &NOTICE.replace("pkg:generic/maker/gateway@2.4.0", purl));
        let (code, _, said) = homeostat(&publish);
        assert_eq!(code, Some(3), "{purl}: {said}");
        assert!(said.contains("expected pkg:generic/maker/gateway@2.4.0"), "{said}");
    }
    let letter = fs::read_to_string(format!("{out}/letter.md")).expect("the letter");
    assert!(letter.contains("Worst credible harm: Critical (hazard HAZ-7)"), "{letter}");
}

#[test]
fn pmk_07_a_decision_is_used_again_for_a_later_release_until_its_evidence_lapses() {
    let (folder, watch) = field("reuse");
    run(&watch);
    let (store, out) = (folder.path("office.db"), folder.path("published"));
    let calls = "no call of localtime_r while threads run\n";
    folder.file("calls.txt", calls);
    folder.file("later.lock", &LOCK.replace("2.4.0", "2.5.0"));
    folder.file("settings.toml", "clock = \"utc\"\n");
    let decide = [
        "vuln",
        "assess",
        "F-1",
        "--store",
        &store,
        "--not-affected",
        "vulnerable_code_not_in_execute_path",
        "--evidence",
        "calls.txt",
        "--by",
        "A. Name",
        "--role",
        "product security",
    ];
    let (code, _, said) = homeostat(&[&decide[..], &AT].concat());
    assert_eq!(code, Some(0), "{said}");
    let notice = r#"id = "MAKER-2026-002"
title = "The clock of the gateway"
product-purl = "pkg:generic/maker/gateway@2.5.0"
description = "A crafted environment can stop other products with this crate."

[[revision]]
time = "2026-11-22T08:00:00Z"
summary = "First"

[reuse]
release = "2.5.0"
bill = "later.lock"
settings = "settings.toml"
versions = "vers:cargo/>=0.1.40|<0.2.0"
releases = "vers:semver/>=2.4.0|<3.0.0"
configuration = { clock = "utc" }

[reuse.evidence]
"calls.txt" = "DIGEST"
"#;
    let digest = "6e2d0a8d1c7c5a30";
    let publish = |digest: &str| {
        let file = folder.file("notice.toml", &notice.replace("DIGEST", digest));
        let words = ["vuln", "publish", "F-1", "--store", &store, "--notice", &file, "--out", &out];
        homeostat(&[&words[..], &AT].concat())
    };
    let (code, _, said) = publish(digest);
    assert_eq!(code, Some(1), "{said}");
    let found = said.split("evidence calls.txt was 6e2d0a8d1c7c5a30 and is ").nth(1);
    let digest = found.expect(&said).trim().to_owned();
    let (code, list, said) = publish(&digest);
    assert_eq!(code, Some(0), "{said}");
    assert!(list.contains("openvex.json"), "{list}");
    let other = notice.replace("gateway@2.5.0", "gateway@2.4.0").replace("DIGEST", &digest);
    let file = folder.file("notice.toml", &other);
    let words = ["vuln", "publish", "F-1", "--store", &store, "--notice", &file, "--out", &out];
    let (code, _, said) = homeostat(&[&words[..], &AT].concat());
    assert!(code == Some(3) && said.contains("gateway@2.5.0"), "{said}");
    let vex = fs::read_to_string(format!("{out}/cyclonedx-vex.json")).expect("written");
    assert!(vex.contains("\"version\": \"2.5.0\"") && !vex.contains("2.4.0"), "{vex}");
    // Each of what it rests on may change, and then it is not used again.
    folder.file("calls.txt", "one call, from the logger\n");
    let (code, _, said) = publish(&digest);
    assert!(code == Some(1) && said.contains("evidence calls.txt was "), "{said}");
    folder.file("calls.txt", calls);
    folder.file("settings.toml", "clock = \"local\"\n");
    let (code, _, said) = publish(&digest);
    assert!(code == Some(1) && said.contains("setting clock was utc and is local"), "{said}");
    folder.file("settings.toml", "clock = \"utc\"\n");
    folder.file("later.lock", &LOCK.replace("0.1.43", "0.2.10"));
    let (code, _, said) = publish(&digest);
    assert!(code == Some(1) && said.contains("component version 0.2.10"), "{said}");
}

#[test]
fn pmk_05_a_decision_that_is_not_in_force_any_more_is_not_published() {
    let (folder, watch) = field("publish-past");
    run(&watch);
    let (store, out) = (folder.path("office.db"), folder.path("published"));
    let who = ["--by", "A. Name", "--role", "product security"];
    homeostat(&[&["vuln", "assess", "F-1", "--store", &store], &who[..], &AT].concat());
    let gone = ADVISORY
        .replace("2023-06", "2026-06")
        .replace("\"aliases\"", "\"withdrawn\": \"2026-06-13T13:10:24Z\", \"aliases\"");
    folder.file("a.json", &gone);
    let (_, list, said) = run(&watch);
    assert!(list.contains("closed"), "{list}{said}");
    let notice = folder.file("notice.toml", NOTICE);
    let publish = ["vuln", "publish", "F-1", "--store", &store, "--notice", &notice, "--out", &out];
    let (code, _, said) = homeostat(&[&publish[..], &AT].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("not in force any more: decide again"), "{said}");
    assert!(fs::metadata(&out).is_err(), "nothing is written");
}

#[test]
fn pmk_18_an_attack_that_was_said_by_mistake_is_withdrawn_with_a_reason() {
    let (folder, watch) = field("withdraw");
    run(&watch);
    let store = folder.path("office.db");
    let attack = folder
        .file("attack.toml", "[incident]\nattacked = true\nlearned = \"2026-11-22T06:00:00Z\"\n");
    let assess = ["vuln", "assess", "F-1", "--store", &store, "--by", "A. Name", "--role", "PSIRT"];
    let decide = |more: &[&str]| homeostat(&[&assess[..], more, &AT].concat());
    let (code, out, said) = decide(&["--answers", &attack]);
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("Attacked for CVE-2020-26235, says A. Name"), "{out}");
    // The clocks of the finding, triage too, ran since the feed was read; the maker learned of it before.
    assert!(said.contains("3 corrected to an earlier start"), "{said}");
    let not_affected = ["--not-affected", "vulnerable_code_not_present", "--evidence", "CG-3"];
    let (code, _, said) = decide(&not_affected);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("withdrawn with its reason") && said.contains("--withdraw"), "{said}");
    let withdraw = ["--withdraw-attack", "it was a drill"];
    let (code, _, said) = decide(&[&withdraw[..], &["--said-by", "B. Name"]].concat());
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("one who said it: A. Name"), "{said}");
    let (code, out, said) = decide(&[&withdraw[..], &not_affected].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("withdrawn by A. Name: it was a drill"), "{out}");
    let (code, out, said) = homeostat(&["vuln", "explain", "F-1", "--store", &store]);
    assert_eq!(code, Some(0), "{said}");
    for words in ["it was attacked", "the attack is withdrawn: it was a drill", "decisions: 2"] {
        assert!(out.contains(words), "{words}\n{out}");
    }
}
