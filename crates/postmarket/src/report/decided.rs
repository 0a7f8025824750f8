//! A decision, or a proposal for one, in plain words.

use super::words::{nearest_words, path_words, rule_words};
use super::{class_word, exploitability_word, score, severity_word};
use crate::harm::assess::Applicability;
use crate::harm::decision::Record;
use crate::harm::exploitability::WITHDRAWN;
use jiff::Timestamp;
use std::fmt::Write as _;

/// What the record says: the class and who decided it, the path to the patient, the rule, the nearest facts that
/// would change it, and what it rests on.
#[must_use]
pub fn record_words(record: &Record, now: Timestamp) -> String {
    let (inputs, outcome) = (&record.inputs, &record.outcome);
    let mut text = String::new();
    let mut line = |name: &str, words: &str| {
        let _ = writeln!(text, "  {name:<12}{words}");
    };
    let class = class_word(record.class_at(now));
    line(
        "class",
        &match &record.decided {
            Some(person) => {
                format!("{class}, decided by {} ({}) at {}", person.name, person.role, person.time)
            }
            None => format!("{class}, proposed by the rules; nobody has decided"),
        },
    );
    if let Some(over) = &record.overridden {
        let rules = class_word(outcome.class);
        let words = format!(
            "against the rules ({rules}) until {}, with {}: {}",
            over.expires, over.second.name, over.text
        );
        line("overridden", &words);
    }
    line("rule", rule_words(outcome.rule));
    let harm = format!("harm: {}", severity_word(outcome.severity));
    let mut path = path_words(&inputs.component.name, &inputs.path, &outcome.hazard);
    path.push(harm);
    line("patient", &path.join(" -> "));
    if inputs.path.link.is_none() {
        line(
            "",
            "no line of the risk file speaks of this component: the worst hazard stands for it",
        );
    }
    let tenths = score(outcome.score_tenths);
    line(
        "attacker",
        &format!("{}; {} ({tenths})", exploitability_word(outcome.exploitability), outcome.vector),
    );
    if let Some(vector) = &outcome.vector_4 {
        line("", vector);
    }
    for sign in &inputs.signs {
        line(
            "sign",
            &format!("{:?} for {}, says {}, {}", sign.kind, sign.id, sign.asserter, sign.since),
        );
    }
    for fact in inputs.facts.iter().filter(|fact| fact.name == WITHDRAWN) {
        line("no attack", &format!("withdrawn by {}: {}", fact.source, fact.value));
    }
    match &inputs.applicability {
        Applicability::Affected => line("applies", "yes"),
        Applicability::Unknown => line("applies", "nobody knows: taken as affected"),
        Applicability::NotAffected { justification, evidence } => {
            line("applies", &format!("no: {}; evidence: {evidence}", justification.word()));
        }
    }
    for nearest in &record.nearest {
        line("nearest", &nearest_words(nearest));
    }
    for table in &inputs.tables {
        let digest = table.digest.get(..16).unwrap_or(&table.digest);
        line("by", &format!("{} {} ({digest})", table.name, table.version));
    }
    text
}
