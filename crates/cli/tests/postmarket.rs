//! Bills of materials and known vulnerabilities as a user meets them: exit codes, tables, files.

mod common;
mod gateway;

use common::{Folder, homeostat};
use gateway::{ADVISORY, LOCK};
use std::fs;
use std::path::Path;

const RISKS: &str = r#"[device]
name = "gateway"
version = "1"
life-supporting = false

[[function]]
id = "clock"
name = "keeps time for the dose history"
kind = "diagnosis"

[[function.hazard]]
failure = "false-sensor-value"
id = "HAZ-7"
severity = "serious"

[[component]]
component = "pkg:cargo/time@*"
functions = ["clock"]
"#;

const OFFICE: &str = r#"[maker]
name = "A maker"
namespace = "https://maker.example"
contact = "psirt@maker.example"
scopes = ["us-device"]

[[product]]
name = "p"

"#;

#[test]
fn pmk_02_a_lock_file_is_scanned_against_a_mirror_down_to_the_patient() {
    let folder = Folder::new("vuln-scan");
    let (lock, advisory) = (folder.file("Cargo.lock", LOCK), folder.file("a.json", ADVISORY));
    let (risks, mirror) = (folder.file("risks.toml", RISKS), folder.path("feeds.mirror"));
    let at = ["--at", "2026-11-22T08:00:00Z"];
    let (code, out, said) =
        homeostat(&[&["vuln", "update", &advisory, "--mirror", &mirror], &at[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("a.json") && out.contains("1 records"), "{out}");

    let (page, log) = (folder.path("r.html"), folder.path("r.sarif"));
    let scan = ["vuln", "scan", &lock, "--mirror", &mirror, "--risks", &risks];
    let files = ["--report", &page, "--sarif", &log];
    let (code, out, said) = homeostat(&[&scan[..], &files[..], &at[..]].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(
        out.contains("CVE-2020-26235") && out.contains("6.2") && out.contains("0.2.23"),
        "{out}"
    );
    assert!(out.contains("1 findings, 0 of them uncertain"), "{out}");
    let page = fs::read_to_string(page).expect("the page is there");
    for words in ["keeps time for the dose history", "HAZ-7", "RustSec RUSTSEC-2020-0071"] {
        assert!(page.contains(words), "{words}");
    }
    let log = fs::read_to_string(log).expect("the log is there");
    assert!(log.contains("\"ruleId\": \"CVE-2020-26235\""), "{log}");

    // Loose feed files give the same as a mirror of them.
    let json = ["--json", "--at", "2026-11-22T08:00:00Z"];
    let (_, of_mirror, _) = homeostat(&[&scan[..], &json[..]].concat());
    let loose = ["vuln", "scan", &lock, "--feeds", &advisory, "--risks", &risks];
    let (_, of_files, _) = homeostat(&[&loose[..], &json[..]].concat());
    assert!(of_mirror.contains("CVE-2020-26235"), "{of_mirror}");
    assert_eq!(of_mirror, of_files);
}

#[test]
fn pmk_02_a_mirror_that_nobody_trusted_signed_or_that_was_changed_is_refused() {
    let folder = Folder::new("vuln-mirror");
    let (lock, advisory) = (folder.file("Cargo.lock", LOCK), folder.file("a.json", ADVISORY));
    let (mirror, key) = (folder.path("feeds.mirror"), folder.file("key", &"07".repeat(32)));
    let keys = folder.file("keys", &"19".repeat(32));
    let (code, _, said) =
        homeostat(&["vuln", "update", &advisory, "--mirror", &mirror, "--sign", &key]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("signed") && !said.contains("not signed"), "{said}");
    let scan = ["vuln", "scan", &lock, "--mirror", &mirror];
    let (code, _, said) = homeostat(&[&scan[..], &["--keys", &keys]].concat());
    assert_eq!(code, Some(3), "{said}");
    let mut bytes = fs::read(&mirror).expect("the mirror is there");
    let at = bytes.windows(8).position(|at| at == b"segfault").expect("the words are in it");
    bytes[at] = b'S';
    fs::write(&mirror, bytes).expect("it can be written");
    let (code, _, said) = homeostat(&scan);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("a.json: expected SHA-256"), "{said}");
    let (code, _, said) = homeostat(&["vuln", "scan", &lock]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn sbm_01_the_bill_of_this_very_product_is_made_checked_converted_and_compared() {
    let folder = Folder::new("sbom");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (root, bill) = (root.display().to_string(), folder.path("bill.json"));
    let at = ["--at", "2026-11-22T08:00:00Z"];
    let new = ["sbom", "new", &root, "--package", "homeostat-cli", "--supplier", "A maker"];
    let (code, _, said) = homeostat(&[&new[..], &["--out", &bill], &at[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    let text = fs::read_to_string(&bill).expect("the bill is there");
    assert!(text.contains("pkg:cargo/clap@") && text.contains("own:homeostat-cli@"));
    assert!(!text.contains("path+file"), "no folder of a machine");
    let (code, out, said) = homeostat(&["sbom", "read", &bill]);
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("CycloneDX 1.6 (JSON)") && out.contains("homeostat-kernel"), "{out}");
    let (code, out, _) = homeostat(&["sbom", "check", &bill, "--against", "fda"]);
    assert_eq!(code, Some(1), "no bill of Cargo knows when support ends");
    assert!(out.contains("missing end of support"), "{out}");
    // Support and author are said by options and a table; the rest of FDA's elements Cargo knows.
    let table = "name,support level,end of support\npkg:cargo/*,maintained,2031-12-31\n\
        rustc,maintained,2031-12-31\nstd,maintained,2031-12-31\nsqlite3,maintained,2031-12-31\nnothing,,\n";
    let support = folder.file("support.csv", table);
    let told = ["--support-level", "maintained", "--end-of-support", "2031-12-31", "--support"];
    let told = [&new[..], &told, &[&support, "--author", "A. Name", "--out", &bill], &at].concat();
    let (code, _, said) = homeostat(&told);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no component is called nothing"), "{said}");
    let (_, out, _) = homeostat(&["sbom", "check", &bill, "--against", "fda"]);
    assert!(!out.contains("missing end of") && !out.contains("missing level of"), "{out}");
    let (_, out, _) = homeostat(&["sbom", "read", &bill]);
    assert!(out.contains("by            A. Name") && !out.contains("linux-raw "), "{out}");
    for form in ["spdx-2.3", "spdx-3.0", "cyclonedx-1.7"] {
        let other = folder.path(form);
        let convert = ["sbom", "convert", &bill, "--form", form, "--out", &other];
        let (code, _, said) = homeostat(&[&convert[..], &at[..]].concat());
        assert_eq!(code, Some(0), "{form}: {said}");
        let (code, out, said) = homeostat(&["sbom", "diff", &bill, &other]);
        assert_eq!(code, Some(0), "{form}: {out}{said}");
    }
    let lock = folder.file("Cargo.lock", LOCK);
    let (code, out, _) = homeostat(&["sbom", "diff", &bill, &lock]);
    assert_eq!(code, Some(1));
    assert!(out.contains("+ time 0.1.43"), "{out}");
}

#[test]
fn pmk_05_a_scan_says_as_openvex_what_is_open_and_what_an_update_fixed() {
    let folder = Folder::new("scan-vex");
    let (lock, advisory) = (folder.file("Cargo.lock", LOCK), folder.file("a.json", ADVISORY));
    let vex = folder.path("vex.json");
    let words =
        ["--vex", &vex, "--product-purl", "pkg:generic/maker/gateway@2.4.0", "--author", "A maker"];
    let scan = ["vuln", "scan", &lock, "--feeds", &advisory];
    let at = ["--at", "2026-11-22T08:00:00Z"];
    let read = |status: &str| {
        homeostat(&[&scan[..], &words, &at].concat());
        let text = fs::read_to_string(&vex).expect("the document is there");
        assert!(text.contains(&format!("\"status\": \"{status}\"")), "{text}");
        assert!(text.contains("CVE-2020-26235") && text.contains("RUSTSEC-2020-0071"), "{text}");
        let mirror = folder.path("vex.mirror");
        let (code, _, said) = homeostat(&["vuln", "update", &vex, "--mirror", &mirror]);
        assert!(code == Some(0) && said.contains(" 0 records not read"), "{said}");
    };
    read("under_investigation");
    folder.file("Cargo.lock", &LOCK.replace("0.1.43", "0.3.36"));
    read("fixed");
}

#[test]
fn pmk_02_the_committed_mirror_scans_our_own_lock_file_in_one_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = |name: &str| root.join(name).display().to_string();
    let scan = ["vuln", "scan", &path("Cargo.lock"), "--mirror", &path("data/feeds.mirror")];
    let (code, out, said) = homeostat(&scan);
    assert_eq!(code, Some(0), "{out}{said}");
    assert!(out.contains("0 findings"), "{out}");
    let old =
        ["vuln", "scan", &path("data/old/Cargo.lock"), "--mirror", &path("data/feeds.mirror")];
    let (code, out, said) = homeostat(&old);
    assert_eq!(code, Some(1), "{said}");
    assert!(out.contains("CVE-2020-26235") && out.contains("smallvec"), "{out}");
}

#[test]
fn pmk_02_a_product_that_no_component_bears_the_name_of_is_shown_by_scan_watch_and_explain() {
    let folder = Folder::new("product-queue");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../postmarket/testdata/queue");
    let (bill, feed) = (data.join("bill.csv"), data.join("units.json"));
    let (bill, feed) = (bill.display().to_string(), feed.display().to_string());
    let (page, store) = (folder.path("known.html"), folder.path("office.db"));
    let scan = ["vuln", "scan", &bill, "--feeds", &feed];
    let shown = "2 products of advisories wait for a person, no component bears their names; 1 are like one:\n  \
                 Becton, Dickinson and Company (BD): Alaris 8015 PC unit (ICSMA-17-017-02:CVE-2016-8375); is it \
                 Alaris 8015 PC Unit 9.5?\n";
    let (code, out, said) = homeostat(&[&scan[..], &["--report", &page]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains(shown), "{out}");
    let page = fs::read_to_string(page).expect("the page is there");
    assert!(page.contains("Alaris 8015 PC Unit 9.5?"), "{page}");
    let (_, out, _) = homeostat(&[&scan[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["products"][0]["alike"][0], "Alaris 8015 PC Unit 9.5", "{out}");
    assert_eq!(json["products"][1]["product"], "Toothbrush", "{out}");

    let office =
        format!("{OFFICE}[[release]]\nproduct = \"p\"\nversion = \"1\"\nbill = {bill:?}\n");
    let (office, at) = (folder.file("office.toml", &office), ["--at", "2026-11-22T08:00:00Z"]);
    let watch = ["vuln", "watch", "--store", &store, "--office", &office, "--feeds", &feed];
    for round in 0..2 {
        let (code, out, said) = homeostat(&[&watch[..], &at].concat());
        assert_eq!(code, Some(0), "round {round}: {said}");
        assert!(out.contains(shown), "round {round}: {out}");
    }
    let (_, out, _) = homeostat(&[&watch[..], &at, &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["products-waiting"].as_array().map(Vec::len), Some(2), "{out}");
    let explain = ["vuln", "explain", "--waiting", "--store", &store];
    let (_, out, said) = homeostat(&explain);
    assert!(out.contains("Toothbrush (ICSMA") && out.contains("is it Alaris 8015"), "{out}{said}");
    let (_, out, _) = homeostat(&[&explain[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["products"].as_array().map(Vec::len), Some(2), "{out}");
    // Whoever knows better says so in the table of names, and the product does not wait any more.
    let names = "[[dismissed]]\nwords = \"Becton, Dickinson and Company (BD)/Toothbrush\"\n\
                 by = \"A. Name\"\non = \"2026-11-22\"\nreason = \"none of ours\"\n";
    let names = folder.file("names.toml", names);
    let (_, out, said) = homeostat(&[&explain[..], &["--products", &names]].concat());
    assert!(!out.contains("Toothbrush") && out.contains("Alaris"), "{out}{said}");
}

#[test]
fn pmk_01_nothing_broken_or_old_feeds_are_never_green() {
    let folder = Folder::new("no-feeds");
    let clean = LOCK.replace("0.1.43", "0.3.36");
    let (lock, empty) = (folder.file("Cargo.lock", &clean), folder.path("empty"));
    fs::create_dir(&empty).expect("a folder can be made");
    let half = folder.file("half.json", &ADVISORY[..ADVISORY.len() - 40]);
    let (whole, page) = (folder.file("a.json", ADVISORY), folder.file("README.md", "# Advisories"));
    let office =
        format!("{OFFICE}[[release]]\nproduct = \"p\"\nversion = \"1\"\nbill = \"Cargo.lock\"\n");
    let office = folder.file("office.toml", &office);
    let at = ["--at", "2026-11-22T08:00:00Z"];
    for (number, feeds, words) in [
        (0, vec![&*empty], "no"),
        (1, vec![&*half], "no"),
        (2, vec![&*whole, &*half], "half.json line 5: the file is damaged or cut off"),
    ] {
        let feeds: Vec<&str> = feeds.iter().flat_map(|one| ["--feeds", one]).collect();
        let (code, out, said) = homeostat(&[&["vuln", "scan", &lock], &feeds[..], &at].concat());
        assert_eq!(code, Some(3), "{number}: {out}{said}");
        assert!(said.contains(words), "{number}: {said}");
        let store = folder.path(&format!("{number}.db"));
        let watch = ["vuln", "watch", "--store", &store, "--office", &office];
        // The second round says the same as the first.
        for round in 0..2 {
            let (code, out, said) = homeostat(&[&watch[..], &feeds, &at].concat());
            assert_eq!(code, Some(3), "{number}, {round}: {out}{said}");
            assert!(said.contains(words), "{number}, {round}: {said}");
            assert_eq!(out.contains("not read: half.json line 5"), number > 0, "{out}");
        }
    }
    // A product needs no risk file: then the worst is taken.
    let store = folder.path("old-lock.db");
    folder.file("Cargo.lock", LOCK);
    let watch = ["vuln", "watch", "--store", &store, "--office", &office, "--feeds", &whole];
    let (code, out, said) = homeostat(&[&watch[..], &at].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(out.contains("uncontrolled") && out.contains("has no risk file"), "{out}");
    let text = fs::read_to_string(&office).expect("it was written");
    folder.file("office.toml", &text.replace("name = \"p\"", "name = \"pp\""));
    let (_, _, said) = homeostat(&[&watch[..], &at].concat());
    assert!(said.contains("no [[product]] with risks is called \"p\""), "{said}");
    folder.file("office.toml", &text);
    folder.file("Cargo.lock", &clean);
    // What is no feed is named and no loss.
    let scan = ["vuln", "scan", &lock, "--feeds", &whole, "--feeds", &page];
    let (code, out, said) = homeostat(&[&scan[..], &at].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("not read: README.md"), "{out}");
    assert!(
        out.contains("the oldest feed was fetched 2026-11-22T08:00:00Z, 0 days ago\n"),
        "{out}"
    );
    // Old feeds say so.
    let (mirror, store) = (folder.path("feeds.mirror"), folder.path("old.db"));
    homeostat(&["vuln", "update", &whole, "--mirror", &mirror, "--at", "2019-01-01T00:00:00Z"]);
    let (_, out, _) = homeostat(&[&["vuln", "scan", &lock, "--mirror", &mirror], &at[..]].concat());
    assert!(out.contains("fetched 2019-01-01T00:00:00Z, 2882 days ago"), "{out}");
    let watch = ["vuln", "watch", "--store", &store, "--office", &office, "--mirror", &mirror];
    let (code, out, said) = homeostat(&[&watch[..], &at].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("fetched 2019-01-01T00:00:00Z, 2882 days ago"), "{out}");
}

#[test]
fn pmk_02_a_revision_from_the_future_in_a_mirror_holds_back_no_later_one() {
    let folder = Folder::new("future");
    let ahead = ADVISORY.replace("2023-06-13", "2999-01-01").replace("0.2.23", "0.1.0");
    let (lock, ahead) = (folder.file("Cargo.lock", LOCK), folder.file("ahead.json", &ahead));
    let (feed, mirror) = (folder.file("a.json", ADVISORY), folder.path("feeds.mirror"));
    // The second mirror was made by a clock that runs ahead.
    for fetched in ["2026-11-21T08:00:00Z", "3000-01-01T00:00:00Z"] {
        homeostat(&["vuln", "update", &ahead, "--mirror", &mirror, "--at", fetched]);
        let scan = ["vuln", "scan", &lock, "--mirror", &mirror];
        let at = ["--at", "2026-11-22T08:00:00Z"];
        let (code, out, said) = homeostat(&[&scan[..], &at].concat());
        assert_eq!(code, Some(0), "{out}{said}");
        let (code, out, said) = homeostat(&[&scan[..], &["--feeds", &feed], &at].concat());
        assert_eq!(code, Some(1), "{out}{said}");
        assert!(out.contains("CVE-2020-26235"), "{out}");
        fs::remove_file(&mirror).expect("it was written");
    }
}

#[test]
fn pmk_02_a_mirror_with_a_damaged_file_is_written_and_its_exit_code_says_so() {
    let folder = Folder::new("damaged");
    let (whole, mirror) = (folder.file("a.json", ADVISORY), folder.path("feeds.mirror"));
    let half = folder.file("half.json", &ADVISORY[..ADVISORY.len() - 40]);
    let page = folder.file("README.md", "# Advisories");
    let update = ["vuln", "update", "--mirror", &mirror, &whole];
    // What is no feed is named and no loss.
    let (code, _, said) = homeostat(&[&update[..], &[&page]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("not read: README.md"), "{said}");
    fs::remove_file(&mirror).expect("it was written");
    let (code, out, said) = homeostat(&[&update[..], &[&half]].concat());
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("is written, but half.json line 5: the file is damaged"), "{said}");
    assert!(out.contains("a.json") && Path::new(&mirror).is_file(), "{out}");
}
