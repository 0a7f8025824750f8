//! Whether an advisory concerns a component: a pure function, with the rule that decided.

use super::compiled::{Files, files};
use super::distribution::same_release;
use super::name::{Called, Confidence, Name, names_of_package};
use super::product_table::ProductTable;
use super::subject::{Read, Subject};
use crate::feed::{Advisory, Affected, Status};
use crate::sbom::Component;
use crate::version::{Contained, KeyedRange, Scheme, Version};
use serde::{Deserialize, Serialize};

/// The three answers. Unknown is never a no: a person must look.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is affected.
    Affected,
    /// It cannot be told.
    Unknown,
    /// It is not affected, and everything needed to say so is known.
    NotAffected,
}

/// Why the answer is what it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The version is one of those listed.
    Listed,
    /// The version lies in a range.
    InRange,
    /// No statement names the version, and the feed says what holds of the others.
    Default,
    /// No statement names the version, and the feed does not say what holds of the others.
    NotStated,
    /// The component has no version.
    NoVersion,
    /// The bill gives several versions, and they do not fare alike.
    VersionsDiffer,
    /// A version cannot be ordered by the rules of its ecosystem.
    Unordered,
    /// The feed wrote words that are no versions.
    Prose,
    /// The advisory is limited to a release of a distribution, and the component's is not known.
    ReleaseUnknown,
    /// The component comes from elsewhere than the registry that the advisory speaks of.
    OtherSource,
    /// None of the files that matter was compiled in.
    NotCompiled,
    /// The component's source says that it is patched.
    Patched,
    /// The advisory was withdrawn.
    Withdrawn,
    /// The advisory speaks of other things.
    OtherProduct,
}

/// The answer, the rule and what it rests on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[must_use]
pub struct Verdict {
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub rule: Rule,
    /// How sure it is that both speak of one thing.
    pub confidence: Confidence,
    /// Index in [`Advisory::affected`] of the statement that decided.
    pub statement: usize,
}

/// What an advisory says of one name, its versions read once.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) name: Name,
    index: usize,
    status: Status,
    default_status: Status,
    scheme: Scheme,
    versions: Box<[Version]>,
    ranges: Option<KeyedRange>,
    release: Option<Box<str>>,
    files: Box<[String]>,
    prose: bool,
}

/// An advisory ready to be asked. One that was withdrawn says nothing.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// Ordered by name.
    statements: Box<[Statement]>,
}

impl Prepared {
    pub(super) fn new(advisory: &Advisory, table: &ProductTable) -> Self {
        let mut statements = Vec::new();
        if advisory.withdrawn.is_none() {
            for (index, affected) in advisory.affected.iter().enumerate() {
                statements.extend(statements_of(index, affected, table));
            }
        }
        statements.sort_by(|a: &Statement, b| a.name.cmp(&b.name));
        Self { statements: statements.into() }
    }

    /// The names that it speaks of, each once.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.statements
            .chunk_by(|a, b| a.name == b.name)
            .filter_map(|group| Some(&group.first()?.name))
    }

    /// The version that a verdict was given on, read by the rules of its ordering, and the ranges that it was held
    /// against.
    pub(super) fn compared<'s>(
        &self,
        verdict: Verdict,
        subject: &'s Subject,
    ) -> Option<(Read<'s>, Option<&KeyedRange>)> {
        let by = |one: &&Statement| {
            (one.index, one.name.confidence) == (verdict.statement, verdict.confidence)
        };
        let statement = self.statements.iter().find(by)?;
        let called = subject.names.iter().find(|called| called.name == statement.name)?;
        Some((subject.version_as(called, statement.scheme)?, statement.ranges.as_ref()))
    }

    /// Asks `advisory`, of which this was made, about a component. `None` if it speaks of other things.
    pub(super) fn verdict(&self, advisory: &Advisory, subject: &Subject) -> Option<Verdict> {
        let mut unsure: Option<Verdict> = None;
        // The surest name that knows an answer decides.
        for called in &subject.names {
            let Some(verdict) = self.verdict_by(advisory, subject, called) else { continue };
            if verdict.answer != Answer::Unknown {
                return Some(verdict);
            }
            unsure = unsure.or(Some(verdict));
        }
        unsure
    }

    fn verdict_by(
        &self,
        advisory: &Advisory,
        subject: &Subject,
        called: &Called,
    ) -> Option<Verdict> {
        let start = self.statements.partition_point(|one| one.name < called.name);
        let rest = self.statements.get(start..).unwrap_or_default();
        let end = rest.partition_point(|one| one.name == called.name);
        let group = rest.get(..end).unwrap_or_default();
        let judged = |called: &Called| {
            let mut verdict = decide(group, subject, called)?;
            if verdict.answer == Answer::Affected {
                (verdict.answer, verdict.rule) = excused(advisory, group, subject, verdict);
            }
            Some(verdict)
        };
        let mut verdict = judged(called)?;
        let differs = |other: Called| judged(&other).map(|one| one.answer) != Some(verdict.answer);
        if subject.claims(called).any(differs) {
            (verdict.answer, verdict.rule) = (Answer::Unknown, Rule::VersionsDiffer);
        }
        Some(verdict)
    }
}

/// What can stand against a version that is affected.
fn excused(
    advisory: &Advisory,
    group: &[Statement],
    subject: &Subject,
    found: Verdict,
) -> (Answer, Rule) {
    let mut patched = subject.patched.iter();
    if patched.any(|id| *id == advisory.id || advisory.aliases.contains(id)) {
        return (Answer::NotAffected, Rule::Patched);
    }
    let needed = group.iter().flat_map(|one| &one.files);
    if files(needed, &subject.compiled_files) == Files::NoneCompiled {
        return (Answer::NotAffected, Rule::NotCompiled);
    }
    if subject.elsewhere && found.confidence == Confidence::Package {
        return (Answer::Unknown, Rule::OtherSource);
    }
    (found.answer, found.rule)
}

fn statements_of(index: usize, affected: &Affected, table: &ProductTable) -> Vec<Statement> {
    let (mut names, release) = names_of_package(&affected.package);
    names.extend(table.of_package(&affected.package).map(|id| Name::new(Confidence::Table, id)));
    let explicit = affected.scheme.as_deref().map(scheme_named);
    let make = |name: Name| {
        // Commits stay unordered whatever the name; other words that are not known fall back to the name's rules.
        let scheme = match (explicit, affected.scheme.as_deref()) {
            (Some(Scheme::Unordered), Some("GIT")) => Scheme::Unordered,
            (None | Some(Scheme::Unordered), _) => name.scheme(),
            (Some(scheme), _) => scheme,
        };
        Statement {
            index,
            status: affected.status,
            default_status: affected.default_status,
            scheme,
            versions: affected.versions.iter().map(|text| Version::parse(scheme, text)).collect(),
            ranges: (!affected.ranges.is_empty())
                .then(|| KeyedRange::new(scheme, &affected.ranges)),
            release: release.as_deref().map(Into::into),
            files: affected.program_files.as_slice().into(),
            prose: affected.prose.is_some(),
            name,
        }
    };
    names.into_iter().map(make).collect()
}

/// A feed's word for an ordering: an ecosystem, or `purl:` and a type.
fn scheme_named(word: &str) -> Scheme {
    match word.strip_prefix("purl:") {
        Some(kind) => Scheme::of_purl_type(kind),
        None => Scheme::of_ecosystem(word),
    }
}

/// What all statements about one name say together.
fn decide(group: &[Statement], subject: &Subject, called: &Called) -> Option<Verdict> {
    let mut best: Option<(Answer, Rule, usize)> = None;
    let mut silent: Option<(Answer, Rule, usize)> = None;
    let keep = |slot: &mut Option<(Answer, Rule, usize)>, new: (Answer, Rule, usize)| {
        *slot = Some(slot.map_or(new, |old| old.min(new)));
    };
    for one in group {
        let mut release_unknown = false;
        if let Some(wanted) = &one.release {
            match same_release(wanted, subject.distribution.as_deref()) {
                Some(false) => continue,
                Some(true) => {}
                None => release_unknown = true,
            }
        }
        match one.contains(subject, called) {
            Some((Answer::Affected, _)) if release_unknown => {
                keep(&mut best, (Answer::Unknown, Rule::ReleaseUnknown, one.index));
            }
            Some((answer, rule)) => keep(&mut best, (answer, rule, one.index)),
            None => {
                let (answer, rule) = match one.default_status {
                    Status::Affected => (Answer::Affected, Rule::Default),
                    Status::Unaffected | Status::Fixed => (Answer::NotAffected, Rule::Default),
                    Status::Unknown => (Answer::Unknown, Rule::NotStated),
                };
                keep(&mut silent, (answer, rule, one.index));
            }
        }
    }
    let (answer, rule, statement) = best.or(silent)?;
    Some(Verdict { answer, rule, confidence: called.name.confidence, statement })
}

impl Statement {
    /// What this statement says of the version, if it speaks of it.
    fn contains(&self, subject: &Subject, called: &Called) -> Option<(Answer, Rule)> {
        let said = |rule: Rule| match self.status {
            Status::Affected => (Answer::Affected, rule),
            Status::Unaffected | Status::Fixed => (Answer::NotAffected, rule),
            Status::Unknown => (Answer::Unknown, rule),
        };
        if self.versions.is_empty() && self.ranges.is_none() && !self.prose {
            return None;
        }
        // Neither answer of such a statement could be a yes: no order is needed to know that.
        let harmless = |status: Status| matches!(status, Status::Unaffected | Status::Fixed);
        let doubtful = |rule: Rule| {
            let fine = harmless(self.status) && harmless(self.default_status);
            (!fine).then_some((Answer::Unknown, rule))
        };
        let Some(read) = subject.version_as(called, self.scheme) else {
            return doubtful(Rule::NoVersion);
        };
        let version = read.version();
        let mut unsure = None;
        for listed in &self.versions {
            match version.compare(listed) {
                Some(std::cmp::Ordering::Equal) => return Some(said(Rule::Listed)),
                _ if version.text().trim() == listed.text().trim() => {
                    return Some(said(Rule::Listed));
                }
                Some(_) => {}
                // Two texts of which one cannot be ordered are two versions, unless their spelling hides it.
                None if spelt_alike(version.text(), listed.text()) => {
                    unsure = Some(Rule::Unordered);
                }
                None => {}
            }
        }
        match self.ranges.as_ref().map_or(Contained::No, |ranges| ranges.holds(version)) {
            Contained::Yes => return Some(said(Rule::InRange)),
            Contained::Unknown => unsure = Some(Rule::Unordered),
            Contained::No => {}
        }
        match unsure {
            Some(rule) => doubtful(rule),
            None if self.prose => doubtful(Rule::Prose),
            None => None,
        }
    }
}

/// The same letters and digits, whatever stands between them.
fn spelt_alike(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> Vec<char> {
        let kept = text.chars().filter(|character| character.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    let strip = |text: Vec<char>| match text.split_first() {
        Some(('v', rest)) => rest.to_vec(),
        _ => text,
    };
    strip(plain(a)) == strip(plain(b))
}

/// Whether an advisory concerns a component.
pub fn affects(advisory: &Advisory, component: &Component, table: &ProductTable) -> Verdict {
    let prepared = Prepared::new(advisory, table);
    let none = |rule| Verdict {
        answer: Answer::NotAffected,
        rule,
        confidence: Confidence::Package,
        statement: 0,
    };
    if advisory.withdrawn.is_some() {
        return none(Rule::Withdrawn);
    }
    let verdict = prepared.verdict(advisory, &Subject::of(component, table));
    verdict.unwrap_or_else(|| none(Rule::OtherProduct))
}
