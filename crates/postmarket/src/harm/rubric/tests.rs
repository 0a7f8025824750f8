use super::*;
use crate::harm::vectors::{metric, score};
use Answer::{High, Low, No, Unknown, Yes};
use Question::*;
use proptest::prelude::*;

fn answers(given: &[(Question, Answer)]) -> Answers {
    given.iter().fold(Answers::default(), |a, (q, answer)| a.with(*q, *answer).unwrap())
}

/// A metric, answers, and the metric's value.
type Row<'a> = (&'a str, &'a [(Question, Answer)], &'a str);

/// Everything answered so that nothing can be done.
fn harmless() -> Answers {
    Question::ALL.into_iter().fold(Answers::default(), |a, q| {
        let answer = if q.kind() == Kind::YesNo { No } else { Answer::None };
        a.with(q, answer).unwrap()
    })
}

fn of(base: &Answers, given: &[(Question, Answer)], name: &str) -> String {
    let all = given.iter().fold(base.clone(), |a, (q, answer)| a.with(*q, *answer).unwrap());
    metric(&all.vector_3_1(), name).unwrap().to_owned()
}

#[test]
fn pmk_03_there_are_thirty_one_questions_and_ids_differ() {
    let mut ids: Vec<&str> = Question::ALL.iter().map(|q| q.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 31);
    assert!(Question::ALL.iter().all(|q| q.text().len() > 10));
}

#[test]
fn pmk_03_attack_vector_truth_table() {
    let rows: &[(&[(Question, Answer)], &str)] = &[
        (&[(XAVN, Unknown)], "N"),
        (&[(XAVN, Unknown), (XAVP, Yes)], "N"),
        (&[(XAVN, Yes), (XAVT, Yes)], "N"),
        (&[(XAVN, Yes), (XAVT, Unknown)], "N"),
        (&[(XAVN, Yes), (XAVT, No), (XAVW, No)], "A"),
        (&[(XAVN, Yes), (XAVT, No), (XAVW, Unknown), (XAVR, Yes)], "A"),
        (&[(XAVN, Yes), (XAVT, No), (XAVW, Yes), (XAVR, Yes)], "L"),
        (&[(XAVN, Yes), (XAVT, No), (XAVW, Yes), (XAVR, No)], "A"),
        // The public spreadsheet has no attack vector here.
        (&[(XAVN, Yes), (XAVT, No), (XAVW, Yes), (XAVR, Unknown)], "A"),
        (&[(XAVN, No), (XAVP, Yes)], "P"),
        (&[(XAVN, No), (XAVP, No)], "L"),
        (&[(XAVN, No), (XAVP, Unknown)], "L"),
    ];
    for (given, expected) in rows {
        assert_eq!(of(&harmless(), given, "AV"), *expected, "{given:?}");
    }
}

#[test]
fn pmk_03_privileges_complexity_interaction_scope_truth_table() {
    let rows: &[Row<'_>] = &[
        ("PR", &[(XPRL, No), (XPRZ, Yes), (XPRS, Yes)], "N"),
        ("PR", &[(XPRL, Unknown), (XPRZ, Yes), (XPRS, Yes)], "N"),
        ("PR", &[(XPRL, Yes), (XPRZ, No), (XPRS, Yes)], "N"),
        ("PR", &[(XPRL, Yes), (XPRZ, Unknown), (XPRS, Yes)], "N"),
        ("PR", &[(XPRL, Yes), (XPRZ, Yes), (XPRS, Yes)], "H"),
        ("PR", &[(XPRL, Yes), (XPRZ, Yes), (XPRS, No)], "L"),
        ("PR", &[(XPRL, Yes), (XPRZ, Yes), (XPRS, Unknown)], "N"),
        ("AC", &[(XACL, Yes)], "L"),
        ("AC", &[(XACL, Unknown)], "L"),
        ("AC", &[(XACL, No)], "H"),
        ("UI", &[(XUI, Yes)], "R"),
        ("UI", &[(XUI, No)], "N"),
        ("UI", &[(XUI, Unknown)], "N"),
        ("S", &[(XS, No)], "U"),
        ("S", &[(XS, Yes)], "C"),
        ("S", &[(XS, Unknown)], "C"),
    ];
    for (name, given, expected) in rows {
        assert_eq!(of(&harmless(), given, name), *expected, "{name} {given:?}");
    }
}

#[test]
fn pmk_03_patient_data_counts_by_the_number_of_patients() {
    for (read, many, expected) in [
        (No, Yes, "N"),
        (No, Unknown, "N"),
        (Yes, No, "L"),
        (Yes, Yes, "H"),
        (Yes, Unknown, "H"),
        (Unknown, No, "L"),
        (Unknown, Unknown, "H"),
    ] {
        assert_eq!(
            of(&harmless(), &[(XCP, read), (XCPM, many)], "C"),
            expected,
            "{read:?} {many:?}"
        );
    }
}

#[test]
fn pmk_03_every_data_class_counts_to_its_extent_the_worst_wins() {
    let families = [
        ("C", [XCD, XCT, XCW, XCS, XCO].as_slice()),
        ("I", &[XIP, XID, XIT, XIW, XIS, XIO]),
        ("A", &[XAP, XAD, XAT, XAW, XAS, XAO]),
    ];
    for (name, questions) in families {
        for question in questions {
            // XAT low is what the public spreadsheet drops.
            for (extent, expected) in [(Low, "L"), (High, "H"), (Unknown, "H"), (Answer::None, "N")]
            {
                assert_eq!(of(&harmless(), &[(*question, extent)], name), expected, "{question}");
            }
            let other = questions.iter().find(|q| *q != question).unwrap();
            assert_eq!(of(&harmless(), &[(*question, Low), (*other, High)], name), "H");
        }
    }
}

#[test]
fn pmk_03_nothing_answered_is_the_worst_vector_and_scores_end_at_ten() {
    let vector = Answers::default().vector_3_0();
    assert_eq!(vector, "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H");
    assert_eq!(score(&vector).unwrap().base.tenths(), 100);
}

#[test]
fn pmk_03_no_impact_scores_zero() {
    let reachable = answers(&[(XAVN, Yes), (XAVT, Yes), (XACL, Yes)]);
    let all = Question::ALL.into_iter().fold(reachable, |a, q| match q.kind() {
        Kind::Extent => a.with(q, Answer::None).unwrap(),
        Kind::YesNo if q == XCP => a.with(q, No).unwrap(),
        Kind::YesNo => a,
    });
    assert_eq!(score(&all.vector_3_1()).unwrap().base.tenths(), 0);
}

#[test]
fn pmk_03_an_answer_that_a_question_does_not_take_is_refused() {
    let error = Answers::default().with(XAVN, High).unwrap_err();
    assert_eq!(
        error.to_string(),
        "question XAVN: High is no answer to it; expected one of [Yes, No, Unknown]"
    );
    assert!(serde_json::from_str::<Answers>(r#"{"XIT":"yes"}"#).is_err());
    assert!(serde_json::from_str::<Answers>(r#"{"XXX":"yes"}"#).is_err());
    let read: Answers = serde_json::from_str(r#"{"XIT":"low","XAVN":"no"}"#).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"XAVN":"no","XIT":"low"}"#);
}

#[test]
fn pmk_03_safety_metrics_of_version_four() {
    let safety = SafetyFacts {
        harm_possible: true,
        automatable: Some(true),
        recovery: Recovery::Irrecoverable,
    };
    let therapy = [(XAVN, Yes), (XAVT, Yes), (XIT, High), (XS, No)];
    let given = therapy.iter().fold(harmless(), |a, (q, answer)| a.with(*q, *answer).unwrap());
    assert_eq!(
        given.vector_4_0(&safety),
        "CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:N/VI:H/VA:N/SC:N/SI:N/SA:N/MSI:S/S:P/AU:Y/R:I"
    );
    let none = SafetyFacts { harm_possible: false, automatable: None, recovery: Recovery::Unknown };
    assert!(given.vector_4_0(&none).ends_with("/SA:N/S:N"));
    let raised = score(&given.vector_4_0(&safety)).unwrap().base;
    assert!(raised > score(&given.vector_4_0(&none)).unwrap().base);
}

fn any_answers() -> impl Strategy<Value = Answers> {
    proptest::collection::vec(0_usize..4, 31).prop_map(|picks| {
        Question::ALL.into_iter().zip(picks).fold(Answers::default(), |a, (q, pick)| {
            let possible = q.kind().answers();
            a.with(q, possible[pick % possible.len()]).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn pmk_03_every_set_of_answers_gives_vectors_that_score(given in any_answers(), harm: bool) {
        for vector in [given.vector_3_0(), given.vector_3_1()] {
            let scored = score(&vector).unwrap();
            prop_assert!(scored.base.tenths() <= 100);
            prop_assert_eq!(scored.base.tenths() == 0, vector.ends_with("C:N/I:N/A:N"));
        }
        let safety = SafetyFacts { harm_possible: harm, automatable: None, recovery: Recovery::ByUser };
        prop_assert!(score(&given.vector_4_0(&safety)).is_ok());
    }

    #[test]
    fn pmk_03_taking_an_answer_back_never_lowers_the_score(given in any_answers(), at in 0_usize..31) {
        let question = Question::ALL[at];
        let known = score(&given.vector_3_1()).unwrap().base;
        let less = given.with(question, Unknown).unwrap();
        prop_assert!(score(&less.vector_3_1()).unwrap().base >= known, "{}", question);
    }
}
