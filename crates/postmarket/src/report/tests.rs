//! A scan with one of everything, shown in every form.

use super::*;
use crate::feed::Place;

fn scan() -> Scan<'static> {
    let mut scan = Scan {
        subject: "infusion-controller 2.4.0".into(),
        bill: "ab".repeat(32),
        form: "CycloneDX 1.6 (JSON)".into(),
        at: "2026-11-22T07:00:00Z".into(),
        program: "0.4.0".into(),
        feeds: vec![FeedFacts {
            name: "rustsec.json".into(),
            digest: "cd".repeat(32),
            fetched: "2026-11-21T03:00:00Z".into(),
            records: 1_206,
        }],
        advisories: 1_206,
        components: 3,
        own: vec!["infusion-controller 2.4.0".into()],
        findings: vec![plain("tar", "0.4.1", 31), plain("openssl <b>", "1.0.2", 98)],
        queue: vec![Waiting {
            subject: "Pump Gateway \"A10 and A11\"".into(),
            advisory: Some("ICSMA-17-017-02".into()),
            reason: "its versions are words; say which of yours they are".into(),
        }],
        products: vec![
            unnamed("Alaris 8015 PC unit", &["Alaris 8015 PC Unit 9.5"]),
            unnamed("Toothbrush", &[]),
        ],
        rejected: vec![Rejected {
            place: Place { file: "kev.json".into(), pointer: "/vulnerabilities/3".into() },
            reason: "cveID: found null, expected a CVE id".into(),
            breaks_off: false,
        }],
    };
    let harm = Harm {
        class: Class::Uncontrolled,
        rule: "exploited, and the path reaches therapy".into(),
        exploitability: Exploitability::High,
        severity: Severity::Catastrophic,
        path: vec!["tar".into(), "update client".into(), "over-delivery (HAZ-003)".into()],
        unlinked: false,
        nearest: vec!["XAVN: if it were no, the class would be controlled".into()],
        decided: None,
    };
    if let Some(first) = scan.findings.first_mut() {
        first.harm = Some(Box::new(harm));
        Arc::make_mut(&mut first.vulnerability).signs =
            vec!["known to be exploited, says CISA, since 2026-11-20".into()];
        first.due =
            vec![due("2027-01-21T07:00:00Z", "running"), due("2026-12-22T07:00:00Z", "half gone")];
    }
    scan
}

fn unnamed(product: &str, alike: &[&str]) -> matching::Waiting {
    matching::Waiting {
        vendor: "Becton".into(),
        product: product.into(),
        advisories: vec!["ICSMA-17-017-02".into()],
        alike: alike.iter().map(|label| (*label).to_owned()).collect(),
    }
}

fn due(at: &str, state: &str) -> Due {
    Due { at: at.into(), clock: "FDA post-market".into(), state: state.into() }
}

fn plain(component: &'static str, version: &'static str, score_tenths: u8) -> Finding<'static> {
    Finding {
        component: component.into(),
        version: version.into(),
        purl: Some(format!("pkg:cargo/{component}@{version}").into()),
        vulnerability: Arc::new(Vulnerability {
            ids: vec![format!("RUSTSEC-{component}").into(), "CVE-2026-1".into()],
            summary:
                "A summary that is long enough to be cut in the terminal, which is at sixty letters"
                    .into(),
            sources: vec!["rustsec RUSTSEC-1".into()],
            vector: None,
            score_tenths: Some(score_tenths),
            signs: Vec::new(),
            references: vec!["https://example.org/a".into(), "javascript:alert(1)".into()],
        }),
        uncertain: component != "tar",
        why: format!("{version} is before 9.9.9"),
        fixed_in: vec!["9.9.9".into()],
        harm: None,
        due: Vec::new(),
    }
}

#[test]
fn what_is_uncontrolled_comes_first_whatever_its_score() {
    let mut scan = scan();
    scan.findings.reverse();
    scan.sort();
    let order: Vec<&str> = scan.findings.iter().map(|one| &*one.component).collect();
    assert_eq!(order, ["tar", "openssl <b>"]);
}

#[test]
fn the_table_says_every_finding_every_count_and_the_earliest_date() {
    let text = table(&scan());
    for words in [
        "tar          0.4.1    RUSTSEC-tar            3.1    uncontrolled (proposed)  9.9.9",
        "openssl <b>  1.0.2    ? RUSTSEC-openssl <b>  9.8    not assessed             9.9.9",
        "due 2026-12-22T07:00:00Z: FDA post-market (half gone)",
        "3 components against 1206 records of 1 feeds: 2 findings, 1 of them uncertain, not assessed for patients",
        "1 components are the product's own, which no feed speaks of\n",
        "1 wait for a person:",
        "2 products of advisories wait for a person, no component bears their names; 1 are like one:\n  \
         Becton: Alaris 8015 PC unit (ICSMA-17-017-02); is it Alaris 8015 PC Unit 9.5?\n",
        "not read: kev.json /vulnerabilities/3: cveID: found null, expected a CVE id",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.lines().any(|line| line.ends_with(' ')), "{text}");
    assert!(!text.contains("2027-01-21"));
}

#[test]
fn the_page_escapes_what_feeds_say_and_links_only_to_the_web() {
    let page = page(&scan());
    assert!(page.contains("openssl &lt;b&gt;") && !page.contains("openssl <b>"));
    assert!(page.contains("href=\"https://example.org/a\"") && !page.contains("href=\"javascript"));
    for words in [
        "harm: catastrophic",
        "Alaris 8015 PC Unit 9.5?",
        "over-delivery (HAZ-003)",
        "2027-01-21T07:00:00Z",
        "ICSMA-17-017-02",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script") && page.contains("default-src 'none'"));
}

#[test]
fn the_sarif_log_has_a_rule_a_level_and_a_fingerprint_for_each() {
    let log = sarif(&scan(), "Cargo.lock");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let print = &result["partialFingerprints"]["componentVersionVulnerability/v1"];
        assert_eq!(print.as_str().map(str::len), Some(64));
    }
    assert_eq!(results[0]["level"], "error");
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_scan_is_read_again_as_it_was_written() {
    let scan = scan();
    let text = serde_json::to_string(&scan).expect("it can be written");
    assert_eq!(serde_json::from_str::<Scan<'_>>(&text).expect("it can be read"), scan);
}

/// What is known of `time` 0.1.43, by its package URL and its CPE.
fn fixed_in(feeds: &[&str]) -> Vec<String> {
    let text = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"library",
        "bom-ref":"time","name":"time","version":"0.1.43","purl":"pkg:cargo/time@0.1.43",
        "cpe":"cpe:2.3:a:time_project:time:0.1.43:*:*:*:*:rust:*:*"}]}"#;
    let bill =
        crate::sbom::read("b.json", text.as_bytes(), &crate::sbom::Limits::default()).unwrap();
    let mut watch = crate::matching::Watch::default();
    for feed in feeds {
        let taken = watch.take(|to| crate::feed::read(feed.as_bytes(), "f.json", to), "t");
        assert_eq!((taken.new, taken.rejected.len()), (1, 0), "{taken:?}");
    }
    let matrix = crate::harm::matrix::InForce::shipped();
    let sources = Sources {
        bill: &bill,
        watch: &watch,
        feeds: &[],
        rejected: &[],
        risks: None,
        matrix: &matrix,
    };
    let found = scanned(&sources, "s", "t", "p").findings;
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().flat_map(|one| one.fixed_in).map(Cow::into_owned).collect()
}

#[test]
fn pmk_02_each_advisory_says_by_its_own_statement_what_it_is_fixed_in() {
    let osv = |id: &str, affected: &str| {
        format!(
            r#"{{"id":"{id}","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2020-26235"],"affected":[{affected}]}}"#
        )
    };
    let of = |name: &str, fixed: &str| {
        format!(
            r#"{{"package":{{"ecosystem":"crates.io","name":"{name}"}},"ranges":[{{"type":"SEMVER",
            "events":[{{"introduced":"0.0.0-0"}},{{"fixed":"{fixed}"}}]}}]}}"#
        )
    };
    let rust = osv("RUSTSEC-2020-0071", &of("time", "0.2.23"));
    let github = osv("GHSA-1", &format!("{},{}", of("other", "9.0.0"), of("time", "0.2.24")));
    assert_eq!(fixed_in(&[&rust, &github]), ["0.2.23", "0.2.24"]);
    let nvd = r#"{"totalResults":1,"format":"NVD_CVE","version":"2.0","vulnerabilities":[{"cve":{"id":"CVE-2020-26235",
        "lastModified":"2026-01-01T00:00:00.000","published":"2020-11-24T00:00:00.000","vulnStatus":"Analyzed",
        "descriptions":[{"lang":"en","value":"x"}],"references":[],
        "configurations":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,
        "criteria":"cpe:2.3:a:time_project:time:*:*:*:*:*:rust:*:*","versionStartIncluding":"0.1.0",
        "versionEndExcluding":"0.2.22","matchCriteriaId":"7F4A4CF1-CF1C-4F8E-9B7D-8F2F2E1C2E8B"}]}]}]}}]}"#;
    assert_eq!(fixed_in(&[nvd]), ["0.2.22"]);
}

#[test]
fn pmk_03_what_was_not_assessed_is_not_called_controlled() {
    let mut scan = scan();
    assert_eq!(scan.uncontrolled(), None, "one of them was not assessed");
    scan.findings.truncate(1);
    assert_eq!(scan.uncontrolled(), Some(1));
    scan.findings = vec![plain("tar", "0.4.1", 31)];
    assert!(
        table(&scan).contains("not assessed for patients")
            && !table(&scan).contains("0 uncontrolled")
    );
    assert!(page(&scan).contains("1 to look at, not assessed for patients"), "{}", page(&scan));
}

#[test]
fn pmk_02_only_what_was_compared_with_whole_feeds_of_these_days_is_green() {
    let green = |scan: &Scan<'_>| page(scan).contains("verdict good");
    let mut clean = scan();
    clean.findings.clear();
    assert!(!green(&clean) && page(&clean).contains("and 2 wait for a person"), "{}", page(&clean));
    assert!(page(&clean).contains("stands below"));
    clean.queue.clear();
    clean.products.remove(0);
    assert!(green(&clean) && clean.unread().is_none());
    assert!(!page(&clean).contains("stands below"), "nothing waits");
    let mut old = clean.clone();
    old.at = "2026-12-22T07:00:00Z".into();
    assert!(
        !green(&old) && table(&old).contains("fetched 2026-11-21T03:00:00Z, 31 days ago"),
        "{}",
        table(&old)
    );
    let mut empty = clean.clone();
    empty.advisories = 0;
    assert!(!green(&empty) && empty.unread().is_some());
    assert_eq!(sarif(&clean, "b")["runs"][0]["invocations"][0]["executionSuccessful"], true);
    clean.rejected.first_mut().unwrap().breaks_off = true;
    assert_eq!(sarif(&clean, "b")["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert!(!green(&clean) && clean.unread().unwrap().starts_with("kev.json /vulnerabilities/3: "));
}

#[test]
fn pmk_02_what_feeds_and_bills_write_moves_no_cursor_and_begins_no_line() {
    let mut scan = scan();
    let wild = "a\u{1b}[2J\u{9b}31m\r\nb";
    scan.findings = vec![plain(wild, wild, 31)];
    let vulnerability = Arc::make_mut(&mut scan.findings.first_mut().unwrap().vulnerability);
    vulnerability.summary = wild.into();
    vulnerability.signs = vec![wild.into()];
    scan.queue.first_mut().unwrap().subject = wild.into();
    scan.products.first_mut().unwrap().product = wild.into();
    scan.rejected.first_mut().unwrap().reason = wild.into();
    let text = table(&scan);
    assert!(!text.contains(|one: char| one.is_control() && one != '\n'), "{text:?}");
    assert!(!text.contains("\nb") && text.contains("a\\u{1b}[2J\\u{9b}31m\\r\\nb"), "{text:?}");
}
