use super::csaf::{Profile, Version};
use super::incident::{Field, Form};
use super::letter::Letter;
use super::reuse::{Release, Scope};
use super::security_txt::{SecurityTxt, check};
use super::*;
use crate::feed::{Assertion, AssertionStatus, Event, Intake, Sink, gather};
use crate::harm::assess::tests::inputs;
use crate::harm::assess::{Applicability, Inputs, Justification};
use crate::harm::decision::{Approval, Record};
use crate::harm::matrix::InForce;
use crate::version::{Bound, Interval, Range, Scheme};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

const PURL: &str = "pkg:generic/acme/loop-a@1.4.0";

fn now() -> Timestamp {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

fn record(decided: bool, change: impl Fn(&mut Inputs)) -> Record {
    let mut given = inputs();
    change(&mut given);
    let proposal = Record::propose(given, &InForce::shipped(), None).unwrap();
    let person = Approval {
        name: "A. First".into(),
        role: "security lead".into(),
        time: "2026-11-21T09:00:00Z".into(),
    };
    if decided { proposal.decide(person, None).unwrap() } else { proposal }
}

fn not_affected(justification: Justification) -> Record {
    record(true, |inputs| {
        inputs.applicability =
            Applicability::NotAffected { justification, evidence: "CALLS-7 sha256:12ab".into() };
    })
}

fn notice(record: &Record) -> Notice<'_> {
    Notice {
        record,
        id: "ACME-2026-001".into(),
        title: "Bluetooth stack of Loop-A".into(),
        publisher: Publisher {
            name: "ACME Medical".into(),
            namespace: "https://psirt.example.com".into(),
            contact: "psirt@example.com".into(),
        },
        revisions: vec![
            Revision { time: "2026-11-21T10:00:00Z".into(), summary: "First".into() },
            Revision { time: "2026-11-22T08:00:00Z".into(), summary: "Reworded".into() },
        ],
        release: record.inputs.release.version.clone(),
        product_purl: PURL.into(),
        description: "A frame that is too long overwrites memory.".into(),
        action: "Update to 1.4.1; until then switch the radio off.".into(),
        fixed_in: Some("1.4.1".into()),
    }
}

/// Every record that a person or nobody can end with.
fn records() -> Vec<(Record, AssertionStatus)> {
    let justified = [
        Justification::ComponentNotPresent,
        Justification::VulnerableCodeNotPresent,
        Justification::VulnerableCodeCannotBeControlledByAdversary,
        Justification::VulnerableCodeNotInExecutePath,
        Justification::InlineMitigationsAlreadyExist,
    ];
    let mut all: Vec<(Record, AssertionStatus)> = justified
        .into_iter()
        .map(|why| (not_affected(why), AssertionStatus::NotAffected))
        .collect();
    all.push((record(true, |_| {}), AssertionStatus::Affected));
    all.push((record(false, |_| {}), AssertionStatus::UnderInvestigation));
    all
}

fn assertions(read: impl FnOnce(&mut Sink<'_>) -> Intake) -> Vec<Assertion> {
    let (intake, events) = gather(read);
    assert!(intake.rejected.is_empty(), "{:?}", intake.rejected);
    let mut found = Vec::new();
    for event in events {
        if let Event::Assertion(assertion) = event {
            found.push(assertion);
        }
    }
    found
}

fn says(
    found: &Assertion,
    record: &Record,
    status: AssertionStatus,
    word: impl Fn(Justification) -> &'static str,
) {
    assert_eq!((found.id.as_str(), found.status), (record.inputs.vulnerability.as_str(), status));
    assert_eq!(found.products, [PURL]);
    let expected = match &record.inputs.applicability {
        Applicability::NotAffected { justification, .. } => Some(word(*justification)),
        _ => None,
    };
    assert_eq!(found.justification.as_deref(), expected);
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

#[test]
fn pmk_07_openvex_reads_back_as_the_same_decision() {
    for (record, status) in records() {
        let written = openvex::write(&notice(&record), now()).unwrap();
        let found = assertions(|to| crate::feed::vex::read_openvex(&bytes(&written), "x.json", to));
        says(&found[0], &record, status, Justification::word);
        assert_eq!(found[0].subcomponents, ["pkg:cargo/trouble-host@0.2.0"]);
        assert_eq!((found.len(), found[0].author.as_str()), (1, "ACME Medical"));
    }
}

#[test]
fn pmk_07_openvex_gives_exactly_one_of_justification_and_impact_statement() {
    for (record, status) in records() {
        let written = openvex::write(&notice(&record), now()).unwrap();
        let statement = &written["statements"][0];
        let has = |key: &str| usize::from(statement.get(key).is_some());
        let wanted = usize::from(status == AssertionStatus::NotAffected);
        assert_eq!(has("justification") + has("impact_statement"), wanted);
        assert_eq!(has("action_statement"), usize::from(status == AssertionStatus::Affected));
    }
}

#[test]
fn pmk_07_cyclonedx_reads_back_as_the_same_decision() {
    for (record, status) in records() {
        for version in [cyclonedx_vex::Version::V1_6, cyclonedx_vex::Version::V1_7] {
            let written = cyclonedx_vex::write(&notice(&record), version, now()).unwrap();
            let found =
                assertions(|to| crate::feed::vex::read_cyclonedx(&bytes(&written), "x.json", to));
            says(&found[0], &record, status, Justification::cyclonedx_word);
            assert_eq!((found.len(), found[0].author.as_str()), (1, "ACME Medical"));
            let serial = written["serialNumber"].as_str().unwrap();
            assert_eq!((serial.len(), &serial[23..24], &serial[28..29]), (45, "8", "a"));
        }
    }
}

#[test]
fn pmk_07_cyclonedx_is_valid_by_its_schema() {
    for (record, _) in records() {
        for version in [cyclonedx_vex::Version::V1_6, cyclonedx_vex::Version::V1_7] {
            let written = cyclonedx_vex::write(&notice(&record), version, now()).unwrap();
            let bill =
                crate::sbom::read("x.json", &bytes(&written), &crate::sbom::Limits::default());
            assert!(bill.is_ok(), "{:?}", bill.err());
        }
    }
}

#[test]
fn pmk_07_csaf_reads_back_as_the_same_decision() {
    for (record, status) in records() {
        for version in [Version::V2_0, Version::V2_1] {
            let written = csaf::write(&notice(&record), version, Profile::Vex, now()).unwrap();
            let said = assertions(|to| crate::feed::csaf::read(&bytes(&written), "x.json", to));
            let found: Vec<&Assertion> = said.iter().filter(|one| one.status == status).collect();
            says(found[0], &record, status, Justification::word);
            assert_eq!((found.len(), found[0].author.as_str()), (1, "ACME Medical"));
        }
    }
}

#[test]
fn pmk_07_csaf_is_written_byte_by_byte_the_same() {
    let record = record(true, |_| {});
    for version in [Version::V2_0, Version::V2_1] {
        for profile in [Profile::Advisory, Profile::Vex] {
            let one = csaf::write(&notice(&record), version, profile, now()).unwrap();
            assert_eq!(
                bytes(&one),
                bytes(&csaf::write(&notice(&record), version, profile, now()).unwrap())
            );
            assert_eq!(one["vulnerabilities"][0]["cve"], "CVE-2026-0001");
            assert_eq!(one["vulnerabilities"][0]["ids"][0]["text"], "GHSA-aaaa-bbbb-cccc");
        }
    }
    let unaffected = not_affected(Justification::ComponentNotPresent);
    let refused = csaf::write(&notice(&unaffected), Version::V2_1, Profile::Advisory, now());
    assert!(refused.unwrap_err().to_string().ends_with("expected the VEX profile"));
    assert_eq!(csaf::file_name("ACME 2026:/001"), "acme_2026_001.json");
}

#[test]
fn pmk_07_a_mitigation_counts_only_while_it_is_in_force() {
    let mut held = not_affected(Justification::InlineMitigationsAlreadyExist);
    assert!(matches!(notice(&held).status(now()), VexStatus::NotAffected(..)));
    held.inputs.path.controls[0].in_force = None;
    assert_eq!(notice(&held).status(now()), VexStatus::Affected);
}

#[test]
fn pmk_07_a_notice_that_lacks_something_is_refused_by_its_field() {
    let record = record(true, |_| {});
    let complaint = |change: fn(&mut Notice<'_>)| {
        let mut notice = notice(&record);
        change(&mut notice);
        openvex::write(&notice, now()).unwrap_err().to_string()
    };
    assert_eq!(
        complaint(|notice| notice.action.clear()),
        "notice ACME-2026-001: action: found nothing; expected what customers do: affected needs an action"
    );
    assert!(complaint(|notice| notice.revisions.clear()).contains("revisions: found none"));
    assert!(complaint(|notice| notice.revisions.reverse()).contains("revisions[1].time"));
    assert!(
        complaint(|notice| notice.product_purl = "loop".into())
            .contains("product_purl: found loop")
    );
    assert!(
        complaint(|notice| notice.publisher.namespace = "acme".into()).contains("an https URL")
    );
}

fn known() -> Known {
    let publisher = notice(&record(true, |_| {})).publisher;
    Known {
        publisher,
        package: Some("pkg:generic/acme/loop-a".into()),
        releases: 2,
        devices: 1200,
        aware: Some("2026-11-20T08:00:00Z".parse().unwrap()),
        us_report: Some("30-day"),
    }
}

fn words() -> Words {
    let letter = LetterWords {
        efforts: "A fix is being validated.".into(),
        compensating_controls: "Switch the radio off.".into(),
        coming_fix: "1.4.1 in January.".into(),
        udi: "(01)0123".into(),
        ..LetterWords::default()
    };
    Words {
        id: "ACME-2026-001".into(),
        title: "Bluetooth stack of Loop-A".into(),
        description: "A frame that is too long overwrites memory.".into(),
        action: "Update to 1.4.1.".into(),
        revisions: vec![Revision { time: "2026-11-21T10:00:00Z".into(), summary: "First".into() }],
        letter: Some(letter),
        incident: Some(BTreeMap::new()),
        ..Words::default()
    }
}

#[test]
fn pmk_05_everything_that_is_missing_is_named_at_once() {
    let record = record(true, |_| {});
    let mut words = words();
    words.action.clear();
    words.title.clear();
    words.revisions[0].time = "soon".into();
    words.letter = Some(LetterWords::default());
    let lacks = words.bundle(&record, &known(), now()).unwrap_err().to_string();
    for field in [
        "action: found nothing",
        "title: found nothing",
        "revisions[0].time: found soon",
        "efforts is missing",
    ] {
        assert_eq!(lacks.matches(field).count(), 1, "{field}\n{lacks}");
    }
}

#[test]
fn pmk_07_a_document_is_about_the_product_and_the_release_of_its_decision() {
    let record = record(true, |_| {});
    let words = |purl: Option<&str>| Words { product_purl: purl.map(str::to_owned), ..words() };
    let refused =
        |words: &Words, known: &Known| words.bundle(&record, known, now()).unwrap_err().to_string();
    for purl in ["pkg:npm/left-pad@1.4.0", "pkg:generic/acme/loop-a@9.9.9", "loop"] {
        let lacks = refused(&words(Some(purl)), &known());
        assert!(lacks.contains(&format!("found {purl}; expected {PURL}")), "{lacks}");
    }
    let nameless = refused(&words(Some(PURL)), &Known { package: None, ..known() });
    assert!(nameless.contains("names no package"), "{nameless}");
    for purl in [None, Some(PURL)] {
        let files = words(purl).bundle(&record, &known(), now()).unwrap();
        let openvex: Value = serde_json::from_slice(&files["openvex.json"]).unwrap();
        assert!(openvex.to_string().contains(PURL), "{openvex}");
    }
}

#[test]
fn pmk_05_letter_and_fact_sheets_say_what_the_store_knows() {
    let record = record(true, |_| {});
    let files = words().bundle(&record, &known(), now()).unwrap();
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let letter = text("letter.md");
    let head = format!("Notice ACME-2026-001 of 2026-11-21, about {}", record.inputs.vulnerability);
    assert!(
        letter.contains(&head) && letter.contains("## What to do\n\nUpdate to 1.4.1."),
        "{letter}"
    );
    let mir = text("incident-mir.md");
    assert!(mir.contains("| filled | 2026-11-20T08:00:00Z |"), "{mir}");
    assert!(mir.contains("| filled | 2 releases, 1200 devices |"), "{mir}");
    assert!(mir.contains("| filled | initial |"), "{mir}");
    assert!(mir.contains("| filled | (01)0123 |"), "{mir}");
    let medwatch = text("incident-medwatch-3500a.md");
    assert!(medwatch.contains("| filled | 30-day |"), "{medwatch}");
}

#[test]
fn pmk_05_a_letter_needs_its_minimum() {
    let mut letter = Letter::default();
    let fields: Vec<&str> = letter.lint().iter().map(|missing| missing.field).collect();
    assert_eq!(
        fields,
        [
            "device",
            "description_and_impact",
            "efforts",
            "compensating_controls",
            "coming_fix",
            "contact"
        ]
    );
    letter = Letter {
        device: "Loop-A 1.4.0".into(),
        description_and_impact: "The dose can be changed by radio.".into(),
        efforts: "A fix is being validated.".into(),
        compensating_controls: "Switch the radio off.".into(),
        coming_fix: "1.4.1 by 20 January 2027.".into(),
        contact: "psirt@example.com".into(),
        ..Letter::default()
    };
    let text = letter.write().unwrap();
    assert!(text.starts_with("# Security notice: Loop-A 1.4.0\n"));
    assert!(text.contains("## What you can do until then\n\nSwitch the radio off.\n"));
}

#[test]
fn pmk_11_a_field_safety_notice_needs_more_and_plays_nothing_down() {
    let letter = Letter {
        device: "Loop-A".into(),
        description_and_impact: "An attack is Extremely Unlikely.".into(),
        efforts: "x".into(),
        compensating_controls: "x".into(),
        coming_fix: "x".into(),
        contact: "x".into(),
        field_safety_notice: true,
        ..Letter::default()
    };
    let said: Vec<String> = letter.write().unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 4);
    assert_eq!(said[0], "letter: udi is missing; PMK-11 wants the UDI");
    assert!(said[3].contains("played down by \"extremely unlikely\""));
}

#[test]
fn pmk_01_security_txt_is_written_and_its_expiry_checked() {
    let file = SecurityTxt {
        contact: vec!["mailto:psirt@example.com".into()],
        expires: "2027-06-01T00:00:00Z".into(),
        policy: vec!["https://psirt.example.com/policy".into()],
        csaf: vec!["https://psirt.example.com/csaf/provider-metadata.json".into()],
        preferred_languages: Some("en, de".into()),
        ..SecurityTxt::default()
    };
    let text = file.write();
    assert_eq!(check(&text, now()), Vec::<String>::new());
    let later = check(&text, "2027-06-01T00:00:00Z".parse().unwrap());
    assert_eq!(
        later,
        ["line 5: Expires 2027-06-01T00:00:00Z is past; expected a time to come, renew the file"]
    );
    let problems = |text: &str| check(text, now()).join("\n");
    assert!(problems("Contact: mailto:a@b.c\n").contains("0 fields Expires"));
    assert!(problems("Expires: soon\n").contains("expected a time"));
    assert!(problems("Expires: 2029-01-01T00:00:00Z\n").contains("more than a year"));
    assert!(problems("Contact: a@b.c\nhello\n").contains("line 2: found \"hello\""));
    assert!(problems("Policy: http://x\n").contains("expected https:"));
}

#[test]
fn pmk_19_an_incident_fills_two_forms_as_far_as_facts_go() {
    let facts: BTreeMap<String, String> =
        [("device.udi", "(01)0123"), ("aware.date", "2026-11-20"), ("action", " ")]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
    for (form, filled) in [(Form::Mir, 2), (Form::MedWatch3500A, 2)] {
        let lines = incident::sheet(form, &facts);
        let count =
            |wanted: fn(&Field) -> bool| lines.iter().filter(|line| wanted(&line.field)).count();
        assert_eq!(count(|field| matches!(field, Field::Filled(_))), filled);
        assert!(count(|field| matches!(field, Field::NotDerivable(_))) >= 1);
        assert!(lines.iter().any(|line| line.field == Field::Missing("action")));
        let table = incident::table(&lines);
        assert_eq!(table.lines().count(), lines.len() + 2);
        assert!(table.contains("(01)0123"));
    }
    assert!(incident::facts_asked().contains(&"incident.description"));
}

fn scope() -> Scope {
    let to = |lower: &str, upper: &str| Range {
        intervals: vec![Interval {
            lower: Some(Bound::including(lower)),
            upper: Some(Bound::excluding(upper)),
        }],
    };
    Scope {
        component: "pkg:cargo/trouble-host".into(),
        scheme: Scheme::SemVer,
        versions: to("0.2.0", "0.3.0"),
        releases: to("1.4.0", "2.0.0"),
        configuration: BTreeMap::from([("bonding".to_owned(), "off".to_owned())]),
        evidence: BTreeMap::from([("CALLS-7".to_owned(), "12ab".to_owned())]),
    }
}

fn release() -> Release {
    Release {
        version: "1.5.0".into(),
        components: vec![("pkg:cargo/trouble-host".into(), "0.2.1".into())],
        configuration: BTreeMap::from([("bonding".to_owned(), "off".to_owned())]),
        evidence: BTreeMap::from([("CALLS-7".to_owned(), "12ab".to_owned())]),
    }
}

#[test]
fn pmk_07_an_assertion_carries_over_or_lapses_with_its_reason() {
    let lapse = |change: fn(&mut Release)| {
        let mut release = release();
        change(&mut release);
        reuse::lapses(&scope(), &release).join("; ")
    };
    assert_eq!(lapse(|_| {}), "", "it carries over");
    assert_eq!(
        lapse(|r| r.evidence.insert("CALLS-7".into(), "34cd".into()).map_or((), drop)),
        "evidence CALLS-7 was 12ab and is 34cd"
    );
    assert_eq!(lapse(|r| r.evidence.clear()), "evidence CALLS-7 is not given");
    assert_eq!(
        lapse(|r| r.configuration.insert("bonding".into(), "on".into()).map_or((), drop)),
        "setting bonding was off and is on"
    );
    assert_eq!(
        lapse(|r| r.components[0].1 = "0.3.0".into()),
        "component version 0.3.0 is outside the range"
    );
    assert_eq!(
        lapse(|r| r.components[0].1 = "rolling".into()),
        "component version rolling cannot be ordered"
    );
    assert_eq!(lapse(|r| r.version = "2.0.0".into()), "release 2.0.0 is outside the range");
    assert_eq!(
        lapse(|r| r.components.clear()),
        "the component pkg:cargo/trouble-host is not in the release"
    );
    let baseless = Scope { evidence: BTreeMap::new(), ..scope() };
    assert_eq!(reuse::lapses(&baseless, &release()), ["the assertion rests on no evidence"]);
}

proptest! {
    #[test]
    fn tst_03_no_text_makes_the_check_of_security_txt_panic(text in any::<String>()) {
        let _ = check(&text, now());
    }

    #[test]
    fn pmk_07_any_words_are_published_and_read_back(
        action in "\\PC{1,40}", description in "\\PC{1,40}", id in "[A-Z]{2,6}-[0-9]{1,6}"
    ) {
        prop_assume!(!action.trim().is_empty() && !description.trim().is_empty());
        let record = record(true, |_| {});
        let notice = Notice { action: action.clone(), description, id, ..notice(&record) };
        let written = openvex::write(&notice, now()).unwrap();
        let said = assertions(|to| crate::feed::vex::read_openvex(&bytes(&written), "x.json", to));
        prop_assert_eq!(said[0].statement.as_deref(), Some(action.as_str()));
        let csaf = csaf::write(&notice, Version::V2_0, Profile::Vex, now()).unwrap();
        prop_assert!(crate::feed::csaf::read(&bytes(&csaf), "x.json", &mut drop).rejected.is_empty());
    }
}
