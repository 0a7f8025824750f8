use super::*;
use crate::harm::exploitability::SignKind;
use crate::harm::function_map::{self, RiskFile};
use crate::harm::rubric::{Answer, Kind, Question};
use proptest::prelude::*;

pub(crate) fn risk_file() -> RiskFile {
    let text = include_str!("../../../testdata/harm/risk.toml");
    function_map::read("risk.toml", text.as_bytes()).unwrap()
}

/// A finding in the Bluetooth stack of an insulin loop, half of the rubric answered.
pub(crate) fn inputs() -> Inputs {
    let file = risk_file();
    let purl = "pkg:cargo/trouble-host@0.2.0";
    Inputs {
        vulnerability: "CVE-2026-0001".into(),
        aliases: vec!["GHSA-aaaa-bbbb-cccc".into()],
        component: ComponentFact {
            name: "trouble-host".into(),
            version: Some("0.2.0".into()),
            purl: Some(purl.into()),
        },
        release: ReleaseFact {
            product: "Loop-A".into(),
            version: "1.4.0".into(),
            bill: "ab".repeat(32),
        },
        applicability: Applicability::Affected,
        path: file.path(Some(purl), "trouble-host"),
        life_supporting: file.life_supporting,
        answers: bluetooth(),
        published_vector: None,
        automatable: None,
        signs: vec![],
        facts: vec![Fact {
            name: "match".into(),
            value: "0.2.0 in [0, 0.3.0)".into(),
            source: "osv crates.json /affected/0".into(),
            time: "2026-11-20T08:00:00Z".into(),
        }],
        tables: vec![TableReference {
            name: "matrix".into(),
            version: InForce::shipped().matrix().version.clone(),
            digest: InForce::shipped().digest().into(),
        }],
    }
}

/// Wireless within reach of a room, at will, nobody authorised; therapy can be changed.
fn bluetooth() -> Answers {
    use Answer::{High, No, Yes};
    use Question::{XACL, XAVN, XAVR, XAVT, XAVW, XIT, XPRL, XS, XUI};
    let none = Question::ALL.into_iter().fold(Answers::default(), |a, q| match q.kind() {
        Kind::Extent => a.with(q, Answer::None).unwrap(),
        Kind::YesNo => a.with(q, No).unwrap(),
    });
    [
        (XAVN, Yes),
        (XAVT, No),
        (XAVW, Yes),
        (XAVR, No),
        (XACL, Yes),
        (XPRL, No),
        (XUI, No),
        (XS, No),
        (XIT, High),
    ]
    .into_iter()
    .fold(none, |a, (q, answer)| a.with(q, answer).unwrap())
}

fn sign(kind: SignKind) -> Sign {
    Sign { id: "CVE-2026-0001".into(), kind, asserter: "CISA".into(), since: "2026-11-01".into() }
}

fn outcome(change: impl Fn(&mut Inputs)) -> Outcome {
    let mut inputs = inputs();
    change(&mut inputs);
    assess(&inputs, &InForce::shipped())
}

#[test]
fn pmk_03_therapy_that_can_be_changed_over_the_air_is_uncontrolled() {
    let outcome = outcome(|_| {});
    assert_eq!(outcome.vector, "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N");
    assert_eq!(outcome.score_tenths, 65);
    assert_eq!((outcome.class, outcome.rule), (Class::Uncontrolled, Rule::Matrix));
    // One point for the adjacent network, one for the control: medium.
    assert_eq!(outcome.exploitability, Exploitability::Medium);
    assert_eq!((outcome.severity, outcome.hazard.as_str()), (Severity::Catastrophic, "HAZ-001"));
    assert!(outcome.vector_4.unwrap().contains("/MSI:S/S:P"));
    assert!(!outcome.privacy);
}

#[test]
fn pmk_03_hard_rules_fire_in_their_order() {
    let rule = |change: &dyn Fn(&mut Inputs)| {
        let outcome = outcome(change);
        (outcome.rule, outcome.class)
    };
    let reading = |inputs: &mut Inputs| {
        inputs.answers = bluetooth().with(Question::XIT, Answer::None).unwrap();
        inputs.answers = inputs.answers.clone().with(Question::XCS, Answer::High).unwrap();
    };
    assert_eq!(rule(&reading), (Rule::ConfidentialityOnly, Class::Controlled));
    assert!(outcome(reading).privacy);
    let exploited = |inputs: &mut Inputs| {
        reading(inputs);
        inputs.signs.push(sign(SignKind::KnownExploited));
    };
    assert_eq!(rule(&exploited), (Rule::ExploitedOnPatientPath, Class::Uncontrolled));
    let elsewhere = |inputs: &mut Inputs| {
        exploited(inputs);
        inputs.path = risk_file().path(None, "openssl");
    };
    assert_eq!(rule(&elsewhere), (Rule::ConfidentialityOnly, Class::Controlled));
    let unlinked = |inputs: &mut Inputs| inputs.path = risk_file().path(None, "serde");
    assert_eq!(rule(&unlinked), (Rule::UnlinkedWorstHazard, Class::Uncontrolled));
    let absent = |inputs: &mut Inputs| {
        exploited(inputs);
        inputs.applicability = Applicability::NotAffected {
            justification: Justification::VulnerableCodeNotPresent,
            evidence: "REV-1 sha256:00".into(),
        };
    };
    assert_eq!(rule(&absent), (Rule::NotAffected, Class::NotAffected));
}

#[test]
fn pmk_03_unknown_applicability_counts_as_affected() {
    assert_eq!(outcome(|i| i.applicability = Applicability::Unknown), outcome(|_| {}));
}

#[test]
fn pmk_03_a_fallback_counts_only_if_it_works_unaided_and_is_not_defeated() {
    let stops = |inputs: &mut Inputs| {
        inputs.answers = bluetooth().with(Question::XIT, Answer::None).unwrap();
        inputs.answers = inputs.answers.clone().with(Question::XAT, Answer::High).unwrap();
        inputs.path.functions.truncate(1);
    };
    assert_eq!(outcome(stops).severity, Severity::Minor);
    for fallback in [Fallback::NeedsPerson, Fallback::None, Fallback::Unknown] {
        let there = outcome(|inputs| {
            stops(inputs);
            inputs.path.functions[0].fallback = fallback;
        });
        assert_eq!((there.severity, there.hazard.as_str()), (Severity::Serious, "HAZ-002"));
    }
    let defeated = outcome(|inputs| {
        stops(inputs);
        inputs.answers = inputs.answers.clone().with(Question::XIS, Answer::Low).unwrap();
        inputs.path.functions[0].hazards.retain(|hazard| hazard.id == "HAZ-002");
        let mut hazard = inputs.path.functions[0].hazards[0].clone();
        hazard.failure = Failure::FallbackDefeated;
        hazard.severity = Severity::Negligible;
        inputs.path.functions[0].hazards.push(hazard);
    });
    assert_eq!(defeated.severity, Severity::Serious);
}

#[test]
fn pmk_03_a_published_vector_counts_only_where_the_rubric_is_not_answered() {
    let published = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L";
    let with = |vector: &str, answered: bool| {
        outcome(|inputs| {
            inputs.published_vector = Some(vector.to_owned());
            if !answered {
                inputs.answers = Answers::default();
            }
        })
        .vector
    };
    assert_eq!(with(published, false), published);
    assert!(with(published, true).starts_with("CVSS:3.1/AV:A"));
    assert_eq!(with("nonsense", false), Answers::default().vector_3_1());
}

#[test]
fn pmk_03_the_nearest_facts_name_what_would_change_the_class() {
    let nearest = nearest(&inputs(), &InForce::shipped());
    let said: Vec<(&str, &str, &str, Class)> = nearest
        .iter()
        .map(|n| (n.fact.as_str(), n.now.as_str(), n.then.as_str(), n.class))
        .collect();
    assert_eq!(
        said,
        [
            ("XIT", "high", "none", Class::Controlled),
            (
                "evidence of no effect",
                "none",
                "vulnerable_code_not_in_execute_path",
                Class::NotAffected
            ),
        ]
    );
    assert_eq!(nearest[0].outcome, "controlled: exploitability medium, severity catastrophic");
}

fn any_inputs() -> impl Strategy<Value = Inputs> {
    let picks = proptest::collection::vec(0_usize..4, 31);
    let kinds = proptest::collection::vec(0_u32..5, 0..3);
    (picks, kinds, 0_usize..3, proptest::option::of(any::<bool>()), 0_usize..3).prop_map(
        |(picks, kinds, component, touch, fallback)| {
            let mut inputs = inputs();
            inputs.answers =
                Question::ALL.into_iter().zip(picks).fold(Answers::default(), |a, (q, pick)| {
                    let possible = q.kind().answers();
                    a.with(q, possible[pick % possible.len()]).unwrap()
                });
            inputs.path =
                risk_file().path(None, ["openssl", "serde", "pkg:cargo/trouble-x"][component]);
            inputs.path.exposure.physical_only = touch;
            inputs.path.functions[0].fallback =
                [Fallback::Unaided, Fallback::None, Fallback::Unknown][fallback];
            inputs.signs = kinds.into_iter().map(any_sign).collect();
            inputs
        },
    )
}

fn any_sign(kind: u32) -> Sign {
    sign(match kind {
        0 => SignKind::KnownExploited,
        1 => SignKind::Active,
        2 => SignKind::ProofOfConcept,
        3 => SignKind::Predicted { per_million: 60_000 },
        _ => SignKind::Predicted { per_million: 10 },
    })
}

proptest! {
    #[test]
    fn pmk_03_signs_only_ever_raise(inputs in any_inputs(), kind in 0_u32..5) {
        let table = InForce::shipped();
        let before = assess(&inputs, &table);
        let mut more = inputs;
        more.signs.push(any_sign(kind));
        let after = assess(&more, &table);
        prop_assert!(after.exploitability >= before.exploitability);
        prop_assert!(after.class >= before.class);
        prop_assert_eq!(after.severity, before.severity);
    }

    #[test]
    fn pmk_03_an_unlinked_component_is_never_better_than_a_linked_one(inputs in any_inputs(), at in 0_usize..2) {
        let table = InForce::shipped();
        let mut linked = inputs.clone();
        linked.path = risk_file().path(None, ["openssl", "pkg:cargo/trouble-x"][at]);
        let mut unlinked = inputs;
        unlinked.path = risk_file().path(None, "nobody");
        prop_assert!(assess(&unlinked, &table).class >= assess(&linked, &table).class);
    }

    #[test]
    fn pmk_03_each_nearest_fact_is_one_fact_and_really_changes_the_outcome(inputs in any_inputs()) {
        let table = InForce::shipped();
        let here = assess(&inputs, &table);
        let found = nearest(&inputs, &table);
        prop_assert!(!found.is_empty() && found.len() <= 2);
        for other in &found {
            prop_assert!(other.now != other.then);
            if let Some(question) = Question::ALL.into_iter().find(|q| q.id() == other.fact) {
                let then: Answer = serde_json::from_value(other.then.clone().into()).unwrap();
                let mut changed = inputs.clone();
                changed.answers = changed.answers.with(question, then).unwrap();
                let there = assess(&changed, &table);
                prop_assert_eq!(there.class, other.class);
                prop_assert!(
                    (there.class, there.exploitability, there.severity)
                        != (here.class, here.exploitability, here.severity)
                );
            }
        }
        // If any other class is one answer away, the first nearest has another class.
        prop_assert!(found[0].class != here.class);
    }
}
