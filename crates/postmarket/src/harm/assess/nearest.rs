//! The one fact that would have changed the answer: every single fact is turned over, and the whole function asked
//! again.

use super::{Applicability, Inputs, Justification, Outcome, assess};
use crate::harm::exploitability::{Sign, SignKind};
use crate::harm::function_map::{Fallback, Severity};
use crate::harm::matrix::{Class, InForce};
use crate::harm::rubric::{Answers, Question};
use serde::{Deserialize, Serialize};

/// Another outcome, one fact away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Nearest {
    /// The fact: "XAVN", "sign: exploitation active".
    pub fact: String,
    /// What it is now.
    pub now: String,
    /// What it would have to be.
    pub then: String,
    /// The class in that case.
    pub class: Class,
    /// The outcome in that case, in words.
    pub outcome: String,
}

struct Flip {
    fact: String,
    now: String,
    then: String,
    inputs: Inputs,
}

/// The two nearest other outcomes, another class before the same class, fewer steps in the table before more.
#[must_use]
pub fn nearest(inputs: &Inputs, table: &InForce) -> Vec<Nearest> {
    let here = assess(inputs, table);
    let mut others: Vec<(u8, usize, Flip, Outcome)> = flips(inputs)
        .into_iter()
        .enumerate()
        .map(|(order, flip)| {
            let there = assess(&flip.inputs, table);
            (distance(&here, &there), order, flip, there)
        })
        .filter(|(.., there)| key(there) != key(&here))
        .collect();
    others.sort_by_key(|(distance, order, ..)| (*distance, *order));
    let mut found: Vec<Nearest> = Vec::new();
    let mut keys = Vec::new();
    for (_, _, flip, there) in others {
        if found.len() < 2 && !keys.contains(&key(&there)) {
            keys.push(key(&there));
            found.push(Nearest {
                fact: flip.fact,
                now: flip.now,
                then: flip.then,
                class: there.class,
                outcome: words(&there),
            });
        }
    }
    found
}

fn key(outcome: &Outcome) -> (Class, u8, u8) {
    (outcome.class, outcome.exploitability as u8, outcome.severity as u8)
}

/// Another class is what people ask for; evidence of no effect is always possible and so comes after the rest.
fn distance(here: &Outcome, there: &Outcome) -> u8 {
    let steps = (here.exploitability as u8).abs_diff(there.exploitability as u8)
        + (here.severity as u8).abs_diff(there.severity as u8);
    let apart = match (here.class == there.class, there.class) {
        (true, _) => 20,
        (false, Class::NotAffected) => 10,
        (false, _) => 0,
    };
    apart + steps
}

fn words(outcome: &Outcome) -> String {
    let (class, exploitability) = (word(&outcome.class), word(&outcome.exploitability));
    format!("{class}: exploitability {exploitability}, severity {}", word(&outcome.severity))
}

/// A value's word in the record.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Null) => "unknown".to_owned(),
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

fn flips(inputs: &Inputs) -> Vec<Flip> {
    let mut all = Vec::new();
    let mut add = |fact: String, now: String, then: String, change: &dyn Fn(&mut Inputs)| {
        let mut changed = inputs.clone();
        change(&mut changed);
        all.push(Flip { fact, now, then, inputs: changed });
    };
    answers(inputs, &mut add);
    metrics(inputs, &mut add);
    signs(inputs, &mut add);
    path(inputs, &mut add);
    applicability(inputs, &mut add);
    all
}

type Add<'a> = &'a mut dyn FnMut(String, String, String, &dyn Fn(&mut Inputs));

fn answers(inputs: &Inputs, add: Add<'_>) {
    if inputs.answers == Answers::default() && inputs.published_vector.is_some() {
        return;
    }
    for question in Question::ALL {
        let now = inputs.answers.get(question);
        for then in question.kind().answers() {
            if *then != now
                && let Ok(changed) = inputs.answers.clone().with(question, *then)
            {
                add(question.id().to_owned(), word(&now), word(then), &|inputs| {
                    inputs.answers = changed.clone();
                });
            }
        }
    }
}

/// The metrics of a published vector, where the rubric is not answered.
fn metrics(inputs: &Inputs, add: Add<'_>) {
    let Some(vector) = &inputs.published_vector else { return };
    if inputs.answers != Answers::default() {
        return;
    }
    for part in vector.split('/') {
        let Some((name, now)) = part.split_once(':') else { continue };
        let values: &[&str] = match name {
            "AV" => &["N", "A", "L", "P"],
            "AC" => &["L", "M", "H"],
            "AT" => &["N", "P"],
            "PR" => &["N", "L", "H"],
            "Au" => &["N", "S", "M"],
            "UI" => &["N", "R", "P", "A"],
            "C" | "I" | "A" | "VC" | "VI" | "VA" | "SC" | "SI" | "SA" => &["H", "L", "N", "C", "P"],
            _ => continue,
        };
        for then in values.iter().filter(|value| **value != now) {
            let changed = vector.replace(&format!("/{part}"), &format!("/{name}:{then}"));
            if crate::harm::vectors::score(&changed).is_ok() && changed != *vector {
                add(format!("published {name}"), now.to_owned(), (*then).to_owned(), &|inputs| {
                    inputs.published_vector = Some(changed.clone());
                });
            }
        }
    }
}

fn signs(inputs: &Inputs, add: Add<'_>) {
    for (index, sign) in inputs.signs.iter().enumerate() {
        let fact = format!("sign: {} by {}", word(&sign.kind), sign.asserter);
        add(fact, "stated".to_owned(), "withdrawn".to_owned(), &|inputs| {
            inputs.signs.remove(index);
        });
    }
    for kind in [SignKind::ProofOfConcept, SignKind::Active] {
        if inputs.signs.iter().all(|sign| sign.kind != kind) {
            let fact = format!("sign: {}", word(&kind));
            add(fact, "not stated".to_owned(), "stated".to_owned(), &|inputs| {
                inputs.signs.push(Sign {
                    id: inputs.vulnerability.clone(),
                    kind,
                    asserter: "anyone".to_owned(),
                    since: String::new(),
                });
            });
        }
    }
}

fn path(inputs: &Inputs, add: Add<'_>) {
    for (index, control) in inputs.path.controls.iter().enumerate() {
        let then = control.in_force != Some(true);
        let fact = format!("control {} in force", control.id);
        add(fact, word(&control.in_force), then.to_string(), &|inputs| {
            inputs.path.controls[index].in_force = Some(then);
        });
    }
    let touch = inputs.path.exposure.physical_only;
    add(
        "exposure: only by touch".to_owned(),
        word(&touch),
        (touch != Some(true)).to_string(),
        &|inputs| {
            inputs.path.exposure.physical_only = Some(touch != Some(true));
        },
    );
    for (at, function) in inputs.path.functions.iter().enumerate() {
        if inputs.path.link.is_none() {
            let fact = "link of the component".to_owned();
            add(fact, "none".to_owned(), format!("function {} alone", function.id), &|inputs| {
                inputs.path.link = Some(inputs.component.name.clone());
                inputs.path.functions = vec![inputs.path.functions[at].clone()];
            });
        }
        for then in [Fallback::Unaided, Fallback::None] {
            if function.fallback != then {
                let fact = format!("fallback of {}", function.id);
                add(fact, word(&function.fallback), word(&then), &|inputs| {
                    inputs.path.functions[at].fallback = then;
                });
            }
        }
        for (hazard, stated) in function.hazards.iter().enumerate() {
            for then in Severity::ALL.into_iter().filter(|then| *then != stated.severity) {
                let fact = format!("severity of {}", stated.id);
                add(fact, word(&stated.severity), word(&then), &|inputs| {
                    inputs.path.functions[at].hazards[hazard].severity = then;
                });
            }
        }
    }
}

fn applicability(inputs: &Inputs, add: Add<'_>) {
    if matches!(inputs.applicability, Applicability::NotAffected { .. }) {
        let then = "unknown".to_owned();
        add("evidence of no effect".to_owned(), "given".to_owned(), then, &|inputs| {
            inputs.applicability = Applicability::Unknown;
        });
    } else {
        let then = "vulnerable_code_not_in_execute_path".to_owned();
        add("evidence of no effect".to_owned(), "none".to_owned(), then, &|inputs| {
            inputs.applicability = Applicability::NotAffected {
                justification: Justification::VulnerableCodeNotInExecutePath,
                evidence: "not given yet".to_owned(),
            };
        });
    }
}
