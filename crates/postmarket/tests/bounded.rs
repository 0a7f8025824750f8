//! What an adapter holds while it reads does not grow with the file: every record is handed on before the next is read.
//! Nor does what the office holds of signs, which go to the store.

use allocation_counter::measure;
use homeostat_postmarket::feed::mirror::Listed;
use homeostat_postmarket::feed::{Form, detect, read};
use homeostat_postmarket::office::{Office, Round, Rules};
use homeostat_postmarket::store::Store;

/// The most bytes that reading a file held at one time, the file itself apart.
fn held(form: Form, text: &str, records: usize) -> u64 {
    assert_eq!(detect(text.as_bytes()), Some(form));
    let (mut handed, mut read_and_taken) = (0, (0, 0));
    let counted = measure(|| {
        let intake = read(text.as_bytes(), "made", &mut |_| handed += 1);
        read_and_taken = (intake.records, intake.taken);
    });
    assert_eq!((handed, read_and_taken), (records, (records, records)), "{form:?}");
    counted.bytes_max
}

fn joined(records: usize, one: impl Fn(usize) -> String, between: &str) -> String {
    (10_000..10_000 + records).map(one).collect::<Vec<_>>().join(between)
}

fn nvd(records: usize) -> String {
    let one = |number| {
        let long = "a long description ".repeat(20);
        format!(
            r#"{{"cve":{{"id":"CVE-2026-{number}","lastModified":"2026-01-01T00:00:00","descriptions":[{{"lang":"en",
            "value":"{long}"}}],"configurations":[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{
            "vulnerable":true,"criteria":"cpe:2.3:a:made:up:{number}:*:*:*:*:*:*:*"}}]}}]}}]}}}}"#
        )
    };
    format!(r#"{{"totalResults":{records},"vulnerabilities":[{}]}}"#, joined(records, one, ","))
}

fn cve5(records: usize) -> String {
    let one = |number| {
        format!(
            r#"{{"cveMetadata":{{"cveId":"CVE-2026-{number}","state":"PUBLISHED"}},"containers":{{"cna":{{
            "descriptions":[{{"lang":"en","value":"made up"}}],"affected":[{{"vendor":"Made","product":"Up",
            "programFiles":["a.c"],"versions":[{{"version":"1.0","status":"affected"}}]}}]}}}}}}"#
        )
    };
    format!("[{}]", joined(records, one, ","))
}

fn osv(records: usize, between: &str) -> String {
    let one = |number| {
        format!(
            r#"{{"id":"MADE-{number}","modified":"2026-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":
            "crates.io","name":"made-{number}"}},"versions":["1.0.0"]}}]}}"#
        )
        .replace('\n', " ")
    };
    joined(records, one, between)
}

fn kev(records: usize) -> String {
    let one = |number| format!(r#"{{"cveID":"CVE-2026-{number}","dateAdded":"2026-01-01"}}"#);
    format!(r#"{{"catalogVersion":"1","vulnerabilities":[{}]}}"#, joined(records, one, ","))
}

fn rows(head: &str, rest: &str, records: usize) -> String {
    format!("{head}\n{}", joined(records, |number| format!("CVE-2026-{number},{rest}"), "\n"))
}

#[test]
fn no_adapter_holds_more_of_a_larger_file() {
    let kev_head = "cveID,dateAdded,knownRansomwareCampaignUse";
    let forms: [(Form, &dyn Fn(usize) -> String); 7] = [
        (Form::Nvd, &nvd),
        (Form::Cve5, &cve5),
        (Form::Osv, &|records| format!("[{}]", osv(records, ","))),
        (Form::Osv, &|records| osv(records, "\n")),
        (Form::Kev, &kev),
        (Form::KevCsv, &|records| rows(kev_head, "2026-01-01,Known", records)),
        (Form::Epss, &|records| rows("cve,epss,percentile", "0.25,0.5", records)),
    ];
    for (form, text) in forms {
        let (few, many) = (held(form, &text(20), 20), held(form, &text(2_000), 2_000));
        assert!(many <= few + 512, "{form:?}: {few} bytes for 20 records, {many} for 2,000");
    }
}

/// The most bytes that the office held at one time while it took a file of signs; SQLite's own memory is not counted.
fn held_by_office(text: &str, signs: usize) -> u64 {
    let time = "2026-11-22T08:00:00Z";
    let store = Store::in_memory().expect("there is memory");
    let now = time.parse().expect("a time");
    let mut office = Office::open(store, Rules::default(), now).expect("an empty store");
    let (name, fetched) = ("epss.csv".to_owned(), time.to_owned());
    let listed =
        Listed { origin: name.clone(), name, fetched, bytes: text.len(), sha256: "0".repeat(64) };
    let mut round = Round::default();
    let counted = measure(|| {
        let from_file =
            |to: &mut homeostat_postmarket::feed::Sink<'_>| read(text.as_bytes(), "epss.csv", to);
        office.take(&listed, from_file, (time, time), &mut round).expect("it is taken");
    });
    assert_eq!((round.taken.records, round.taken.signals), (signs, signs));
    counted.bytes_max
}

#[test]
fn the_office_holds_no_more_of_a_larger_file_of_signs() {
    let text = |signs| rows("cve,epss,percentile", "0.25,0.5", signs);
    let (few, many) = (held_by_office(&text(20), 20), held_by_office(&text(2_000), 2_000));
    assert!(many <= few + 1_024, "{few} bytes for 20 signs, {many} for 2,000");
}
