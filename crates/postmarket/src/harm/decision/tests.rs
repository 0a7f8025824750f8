use super::*;
use crate::harm::assess::tests::inputs;
use crate::harm::assess::{Applicability, Justification};
use crate::harm::rubric::{Answer, Answers, Question};
use proptest::prelude::*;

fn person(name: &str) -> Approval {
    Approval {
        name: name.into(),
        role: "security lead".into(),
        time: "2026-11-22T09:00:00Z".into(),
    }
}

fn proposal() -> Record {
    Record::propose(inputs(), &InForce::shipped(), None).unwrap()
}

fn overriding() -> Override {
    Override {
        class: Class::Controlled,
        reason: Reason::InterimMeasure,
        text: "radio is off in the field".into(),
        second: person("B. Second"),
        expires: "2026-12-22T09:00:00Z".into(),
    }
}

fn complaint(change: impl Fn(&mut Approval, &mut Override)) -> String {
    let (mut first, mut over) = (person("A. First"), overriding());
    change(&mut first, &mut over);
    proposal().decide(first, Some(over)).unwrap_err().to_string()
}

#[test]
fn pmk_03_without_a_person_it_is_a_proposal() {
    let proposal = proposal();
    assert!(!proposal.is_decision());
    assert!(proposal.clone().decide(person("A. First"), None).unwrap().is_decision());
    let error = proposal.decide(person("  "), None).unwrap_err().to_string();
    assert_eq!(
        error,
        "decision record: /decided/name: found nothing; expected a named person with a role"
    );
}

#[test]
fn pmk_03_the_record_replays_to_the_same_bytes() {
    let record = proposal().decide(person("A. First"), Some(overriding())).unwrap();
    let bytes = record.bytes().unwrap();
    assert_eq!(replay(&bytes, &InForce::shipped()).unwrap(), bytes);
    assert!(bytes.starts_with(br#"{"decided":{"name":"A. First","#));
}

#[test]
fn pmk_03_a_changed_record_is_found_by_its_first_field() {
    let text = String::from_utf8(proposal().bytes().unwrap()).unwrap();
    let replayed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        replay(text.replacen(from, to, 1).as_bytes(), &InForce::shipped()).unwrap_err().to_string()
    };
    assert_eq!(
        replayed(
            "\"outcome\":{\"class\":\"uncontrolled\"",
            "\"outcome\":{\"class\":\"controlled\""
        ),
        "decision record: /outcome/class: the record says \"controlled\", replay gives \"uncontrolled\""
    );
    let answered = replayed("\"XIT\":\"high\"", "\"XIT\":\"low\"");
    assert!(answered.starts_with("decision record: /nearest/0/now: "), "{answered}");
    assert!(replayed("{\"decided\"", "{ \"decided\"").contains("other spelling"));
    assert!(
        replayed(InForce::shipped().digest(), &"0".repeat(64))
            .contains("replay it with that table")
    );
}

#[test]
fn pmk_03_an_override_needs_a_reason_a_second_person_and_an_end() {
    assert!(complaint(|_, over| over.text.clear()).contains("/overridden/text"));
    assert!(complaint(|_, over| over.second.role.clear()).contains("/overridden/second/role"));
    assert!(complaint(|_, over| over.second.name = "a. first ".into()).contains("another person"));
    assert!(
        complaint(|_, over| over.expires = "2026-11-22T09:00:00Z".into())
            .contains("/overridden/expires")
    );
    assert!(complaint(|first, _| first.time = "yesterday".into()).contains("/decided/time"));
    let mut nobody = proposal();
    nobody.overridden = Some(overriding());
    assert!(nobody.check().unwrap_err().to_string().contains("/decided: found nobody"));
}

#[test]
fn pmk_03_an_override_holds_until_it_expires() {
    let record = proposal().decide(person("A. First"), Some(overriding())).unwrap();
    let at = |time: &str| record.class_at(time.parse().unwrap());
    assert_eq!(at("2026-12-22T08:59:59Z"), Class::Controlled);
    assert_eq!(at("2026-12-22T09:00:00Z"), Class::Uncontrolled);
}

#[test]
fn pmk_03_not_affected_needs_evidence() {
    let mut inputs = inputs();
    inputs.applicability = Applicability::NotAffected {
        justification: Justification::ComponentNotPresent,
        evidence: " ".into(),
    };
    let error = Record::propose(inputs, &InForce::shipped(), None).unwrap_err().to_string();
    assert!(error.contains("/inputs/applicability: found no evidence"), "{error}");
}

#[test]
fn pmk_03_records_form_a_chain() {
    let first = proposal();
    let second =
        Record::propose(inputs(), &InForce::shipped(), Some(first.digest().unwrap())).unwrap();
    let third =
        Record::propose(inputs(), &InForce::shipped(), Some(second.digest().unwrap())).unwrap();
    assert!(check_chain(&[first.clone(), second.clone(), third.clone()]).is_ok());
    assert!(
        check_chain(&[first.clone(), third.clone()])
            .unwrap_err()
            .to_string()
            .contains("record 1: /previous")
    );
    let mut rewritten = second.clone();
    rewritten.decided = Some(person("A. First"));
    assert!(check_chain(&[first, rewritten, third]).unwrap_err().to_string().contains("record 2"));
}

proptest! {
    #[test]
    fn pmk_03_every_record_replays(
        picks in proptest::collection::vec(0_usize..4, 31),
        vulnerability in any::<String>(),
        named in any::<bool>(),
    ) {
        let mut inputs = inputs();
        inputs.vulnerability = vulnerability;
        inputs.answers = Question::ALL.into_iter().zip(picks).fold(Answers::default(), |a, (q, pick)| {
            let possible: &[Answer] = q.kind().answers();
            a.with(q, possible[pick % possible.len()]).unwrap()
        });
        let mut record = Record::propose(inputs, &InForce::shipped(), None).unwrap();
        if named {
            record = record.decide(person("A. First"), None).unwrap();
        }
        let bytes = record.bytes().unwrap();
        prop_assert_eq!(replay(&bytes, &InForce::shipped()).unwrap(), bytes);
    }

    #[test]
    fn tst_03_no_bytes_make_replay_panic(cut in 0_usize..3000, byte in any::<u8>()) {
        let mut bytes = proposal().bytes().unwrap();
        let at = cut % bytes.len();
        bytes[at] = byte;
        let _ = replay(&bytes, &InForce::shipped());
        bytes.truncate(at);
        prop_assert!(replay(&bytes, &InForce::shipped()).is_err());
    }
}
