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
