//! `homeostat vuln assess`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use homeostat_postmarket::clock::Incident;
use homeostat_postmarket::harm::decision::{Approval, Override};
use homeostat_postmarket::harm::function_map;
use homeostat_postmarket::harm::rubric::{Answer, Question};
use homeostat_postmarket::office::{AnswersFile, FindingId, Given, Happening, Withdrawal};
use homeostat_postmarket::report::record_words;
use jiff::Timestamp;

use super::desk;
use crate::failure::{Failure, Outcome};
use crate::{clock, files, output};

/// Say what a finding means for a patient, and decide.
///
/// Shows what the rules propose: class, path to the patient, rule, the nearest fact that would change it. With --by a
/// person decides: the record goes into the store, chained to the one before it, and clocks start and stop by it.
/// Questions that nobody answers take the worse branch; answers of the last decision hold until others are given.
/// --questions lists the questions of the rubric.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat vuln assess F-12 --store office.db --answer XAVN=no --answer XIT=none \\\n    \
    --by \"A. Name\" --role \"product security\"\n\nA file of answers (--answers) holds the same: automatable, [answers], \
    [not-affected], [incident], [override]; docs/book/post-market.md shows one."
)]
pub(crate) struct Assess {
    /// The finding, like F-12.
    #[arg(value_parser = desk::finding, required_unless_present = "questions")]
    finding: Option<FindingId>,
    #[command(flatten)]
    desk: OptionalDesk,
    /// List the questions of the rubric with the answers that they take, and end.
    #[arg(long)]
    questions: bool,
    /// The risk file of the product; it is kept in the store.
    #[arg(long, value_name = "FILE")]
    risks: Option<PathBuf>,
    /// A file of answers (TOML).
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// An answer to a question of the rubric: yes, no, high, low, none, unknown.
    #[arg(long, value_name = "QUESTION=ANSWER")]
    answer: Vec<String>,
    /// The product is not affected, for this reason: component_not_present, vulnerable_code_not_present,
    /// vulnerable_code_cannot_be_controlled_by_adversary, vulnerable_code_not_in_execute_path,
    /// inline_mitigations_already_exist.
    #[arg(long, value_name = "REASON", requires = "evidence")]
    not_affected: Option<String>,
    /// What shows it: a report, a test, a digest.
    #[arg(long, value_name = "TEXT", requires = "not_affected")]
    evidence: Option<String>,
    /// The attack that was said of the product was none, for this reason: it is a sign no more, and the record says why. The
    /// withdrawal stops no clock that it started.
    #[arg(long, value_name = "REASON")]
    withdraw_attack: Option<String>,
    /// Whose attack is withdrawn; needed where several people said one.
    #[arg(long, value_name = "NAME", requires = "withdraw_attack")]
    said_by: Option<String>,
    /// Who decides. Without a name it is a proposal, and nothing of it is kept.
    #[arg(long, value_name = "NAME", requires = "role")]
    by: Option<String>,
    /// The role in which.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// The time of the decision (RFC 3339), not before what is known of the finding or the last decision and not after
    /// now; now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Write the record's canonical bytes to stdout instead of words.
    #[arg(long)]
    json: bool,
}

/// The store, which --questions does without.
#[derive(Debug, Args)]
struct OptionalDesk {
    /// The store: one file, made by `homeostat vuln watch`.
    #[arg(long, value_name = "FILE", required_unless_present = "questions")]
    store: Option<PathBuf>,
}

impl Assess {
    pub(crate) fn run(&self) -> Outcome {
        if self.questions {
            return output::words(&questions());
        }
        let (Some(id), Some(store)) = (self.finding, &self.desk.store) else {
            return Err(Failure::usage("give a finding and --store"));
        };
        let now = clock::at(self.at.as_deref())?;
        let mut office = desk::look(store)?;
        let finding = office.finding(id).map_err(Failure::environment)?;
        if let Some(path) = &self.risks {
            let bytes = files::read_bytes(path)?;
            let name = path.display().to_string();
            let risks = function_map::read(&name, &bytes).map_err(Failure::environment)?;
            let file = (name.as_str(), bytes.as_slice());
            let at = now.to_string();
            office.put_risks(&finding.product, file, risks, &at).map_err(Failure::environment)?;
        }
        let file = self.file()?;
        let given = self.given(&file, now)?;
        let decided = match &given.person {
            Some(_) => {
                let times = (now, clock::now()?);
                Some(office.decide(id, &given, times).map_err(Failure::environment)?)
            }
            None => None,
        };
        let record = match &decided {
            Some(decided) => decided.record.clone(),
            None => office.assess(id, &given).map_err(Failure::environment)?.record,
        };
        if self.json {
            let bytes = record.bytes().map_err(Failure::environment)?;
            output::stream(|to| to.write_all(&bytes))?;
        } else {
            let version = finding.version.as_deref().unwrap_or("without version");
            output::words(&format!(
                "{id}: {} in {} {version} of {}\n{}",
                finding.vulnerability,
                finding.component,
                finding.product,
                record_words(&record, now)
            ))?;
        }
        let Some(decided) = decided else {
            let kept = if self.risks.is_some() { "only the risk file" } else { "nothing" };
            output::say(&format!("a proposal: {kept} was kept; decide with --by NAME --role ROLE"));
            return Ok(());
        };
        output::say(&format!(
            "kept: decision record SHA-256 {}; {} clocks started, {} corrected to an earlier start, {} stopped; {} notices \
             done",
            decided.digest, decided.started, decided.corrected, decided.stopped, decided.done
        ));
        Ok(())
    }

    fn file(&self) -> Result<AnswersFile, Failure> {
        let Some(path) = &self.answers else { return Ok(AnswersFile::default()) };
        let name = path.display().to_string();
        AnswersFile::read(&name, &files::read_text(path)?).map_err(Failure::environment)
    }

    fn given(&self, file: &AnswersFile, now: Timestamp) -> Result<Given, Failure> {
        let mut answers: Vec<(Question, Answer)> =
            file.answers.iter().map(|(question, answer)| (*question, *answer)).collect();
        for text in &self.answer {
            answers.push(answer(text)?);
        }
        let mut not_affected =
            file.not_affected.as_ref().map(|given| (given.justification, given.evidence.clone()));
        if let (Some(reason), Some(evidence)) = (&self.not_affected, &self.evidence) {
            let read = serde_json::from_value(serde_json::Value::String(reason.clone()));
            let words = "expected one of the five reasons that --help lists";
            let reason = read.map_err(|_| {
                Failure::usage(format!("--not-affected: found {reason:?}; {words}"))
            })?;
            not_affected = Some((reason, evidence.clone()));
        }
        let person = match (&self.by, &self.role) {
            (Some(name), Some(role)) => {
                Some(Approval { name: name.clone(), role: role.clone(), time: now.to_string() })
            }
            _ => None,
        };
        let overridden = file.r#override.as_ref().map(|over| Override {
            class: over.class,
            reason: over.reason,
            text: over.text.clone(),
            second: Approval {
                name: over.second.clone(),
                role: over.role.clone(),
                time: now.to_string(),
            },
            expires: over.expires.clone(),
        });
        let (incident, learned) = incident(&file.incident)?;
        let automatable = file.automatable;
        let said_by = self.said_by.clone();
        let withdrawn = self.withdraw_attack.clone().map(|reason| Withdrawal { reason, said_by });
        Ok(Given {
            answers,
            automatable,
            not_affected,
            person,
            overridden,
            withdrawn,
            incident,
            learned,
        })
    }
}

/// What happened in the field, and when the maker learned of it.
fn incident(said: &Happening) -> Result<(Incident, Option<Timestamp>), Failure> {
    let Happening { attacked, death_or_deterioration, data_breached, .. } = *said;
    let incident = Incident { attacked, death_or_deterioration, data_breached };
    let words = "expected when the maker learned of it, RFC 3339, like 2026-11-22T08:00:00Z";
    let refuse =
        |found: &str| Failure::usage(format!("[incident] learned: found {found}; {words}"));
    let learned = match &said.learned {
        Some(text) => Some(text.parse().map_err(|_| refuse(&format!("{text:?}")))?),
        None => None,
    };
    if learned.is_none() && incident != Incident::default() {
        return Err(refuse("nothing"));
    }
    Ok((incident, learned))
}

fn answer(text: &str) -> Result<(Question, Answer), Failure> {
    let words = "expected QUESTION=ANSWER, like XAVN=no; --questions lists them";
    let refuse = || Failure::usage(format!("--answer: found {text:?}; {words}"));
    let (question, said) = text.split_once('=').ok_or_else(refuse)?;
    let value = |text: &str| serde_json::Value::String(text.trim().to_owned());
    let question: Question =
        serde_json::from_value(value(&question.to_uppercase())).map_err(|_| refuse())?;
    let said: Answer = serde_json::from_value(value(&said.to_lowercase())).map_err(|_| refuse())?;
    if !question.kind().answers().contains(&said) {
        let takes: Vec<String> = question.kind().answers().iter().map(word).collect();
        let words = format!("{question} takes {}", takes.join(", "));
        return Err(Failure::usage(format!("--answer: found {text:?}; {words}")));
    }
    Ok((question, said))
}

fn word(answer: &Answer) -> String {
    serde_json::to_value(answer)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn questions() -> String {
    let mut text = String::new();
    for question in Question::ALL {
        let takes: Vec<String> = question.kind().answers().iter().map(word).collect();
        let _ = writeln!(text, "{:<6} {} ({})", question.id(), question.text(), takes.join(", "));
    }
    text
}
