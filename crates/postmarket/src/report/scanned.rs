//! From what matching found and what the risk file says to a [`Scan`] that can be shown.

use super::vulnerability::{Told, signals};
use super::words::{nearest_words, path_words, rule_words, why};
use super::{FeedFacts, Finding, Harm, Scan, Vulnerability, Waiting};
use crate::feed::Rejected;
use crate::harm::assess::{
    Applicability, ComponentFact, Inputs, ReleaseFact, TableReference, assess, nearest,
};
use crate::harm::exploitability::Sign;
use crate::harm::function_map::RiskFile;
use crate::harm::matrix::InForce;
use crate::harm::rubric::Answers;
use crate::matching::{self, AdvisoryId, Answer, Grouped, Watch};
use crate::sbom::{Bill, Component};
use crate::version::{Contained, Version};

/// What a scan is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'s> {
    /// The bill.
    pub bill: &'s Bill,
    /// Matching, with every feed taken.
    pub watch: &'s Watch,
    /// The feeds.
    pub feeds: &'s [FeedFacts],
    /// What could not be read.
    pub rejected: &'s [Rejected],
    /// What components mean for the device, if the maker says so.
    pub risks: Option<&'s RiskFile>,
    /// The table of exploitability and severity.
    pub matrix: &'s InForce,
}

/// Scans the bill. `subject` is what a person calls it, `at` the caller's clock (RFC 3339), `program` the version of the
/// program.
#[must_use]
pub fn scanned(sources: &Sources<'_>, subject: &str, at: &str, program: &str) -> Scan {
    let bill = sources.bill;
    let found = sources.watch.scan(bill);
    let book = sources.watch.book();
    let mut made = Made { sources, subject, found: &found, told: Told::new(book) };
    let mut scan = Scan {
        subject: subject.to_owned(),
        bill: bill.digest.clone(),
        form: format!("{} {} ({})", bill.form.name, bill.form.version, bill.form.encoding),
        at: at.to_owned(),
        program: program.to_owned(),
        feeds: sources.feeds.to_vec(),
        components: bill.components.len(),
        findings: found.grouped(book).iter().filter_map(|one| made.finding(one)).collect(),
        queue: unnamed(bill, &found.unnamed),
        rejected: sources.rejected.to_vec(),
    };
    scan.sort();
    scan
}

fn unnamed(bill: &Bill, indices: &[usize]) -> Vec<Waiting> {
    let components = indices.iter().filter_map(|index| bill.components.get(*index));
    let waiting = |component: &Component| {
        Waiting {
        subject: named(component),
        advisory: None,
        reason: "no package URL or CPE that a feed could name: give it one, or a row in the table of products"
            .to_owned(),
    }
    };
    components.map(waiting).collect()
}

fn named(component: &Component) -> String {
    let version = component.version.as_deref().unwrap_or("without version");
    format!("{} {version}", component.name)
}

/// The findings of one bill, made one after another.
struct Made<'s, 'a> {
    sources: &'a Sources<'s>,
    subject: &'a str,
    found: &'a matching::Scan,
    told: Told<'s>,
}

impl Made<'_, '_> {
    fn finding(&mut self, group: &Grouped<'_>) -> Option<Finding> {
        let component = self.sources.bill.components.get(group.component)?;
        let vulnerability = self.told.of(group.id, &group.advisories);
        let version = component.version.clone().unwrap_or_default();
        let harm = self.sources.risks.map(|risks| {
            let inputs =
                inputs(self.sources, risks, self.subject, group, (component, &vulnerability));
            harm(&inputs, self.sources.matrix)
        });
        Some(Finding {
            component: component.name.clone(),
            purl: component.purl.clone(),
            vulnerability,
            uncertain: group.verdict.answer == Answer::Unknown,
            why: why(group.verdict.rule, &version),
            fixed_in: self.fixed_in(group, &version),
            version,
            harm,
            due: Vec::new(),
        })
    }

    /// Where the affected intervals that hold the version end, as each advisory says.
    fn fixed_in(&self, group: &Grouped<'_>, version: &str) -> Vec<String> {
        let fix = |id: &AdvisoryId| {
            let verdict = self.found.verdict(group.component, *id)?;
            let (scheme, ranges) = self.sources.watch.book().compared(*id, verdict)?;
            let version = Version::parse(scheme, version);
            let holding = ranges.iter().find(|range| range.holds(&version) == Contained::Yes);
            holding?.end_after(&version).map(str::to_owned)
        };
        let mut fixed_in: Vec<String> = group.advisories.iter().filter_map(fix).collect();
        fixed_in.sort();
        fixed_in.dedup();
        fixed_in
    }
}

fn inputs(
    sources: &Sources<'_>,
    risks: &RiskFile,
    subject: &str,
    group: &Grouped<'_>,
    (component, vulnerability): (&Component, &Vulnerability),
) -> Inputs {
    let matrix = sources.matrix;
    let ids = &vulnerability.ids;
    Inputs {
        vulnerability: group.id.to_owned(),
        aliases: ids.iter().filter(|id| *id != group.id).cloned().collect(),
        component: ComponentFact {
            name: component.name.clone(),
            version: component.version.clone(),
            purl: component.purl.clone(),
        },
        release: ReleaseFact {
            product: risks.device.clone(),
            version: subject.to_owned(),
            bill: sources.bill.digest.clone(),
        },
        applicability: match group.verdict.answer {
            Answer::Affected => Applicability::Affected,
            Answer::Unknown | Answer::NotAffected => Applicability::Unknown,
        },
        path: risks.path(component.purl.as_deref(), &component.name),
        life_supporting: risks.life_supporting,
        answers: Answers::default(),
        published_vector: vulnerability.vector.clone(),
        automatable: None,
        signs: signals(sources.watch.book(), ids).filter_map(Sign::of).collect(),
        facts: Vec::new(),
        tables: vec![
            TableReference {
                name: "matrix".to_owned(),
                version: matrix.matrix().version.clone(),
                digest: matrix.digest().to_owned(),
            },
            TableReference {
                name: "risk file".to_owned(),
                version: risks.version.clone(),
                digest: risks.digest.clone(),
            },
        ],
    }
}

fn harm(inputs: &Inputs, matrix: &InForce) -> Harm {
    let outcome = assess(inputs, matrix);
    Harm {
        class: outcome.class,
        rule: rule_words(outcome.rule).to_owned(),
        exploitability: outcome.exploitability,
        severity: outcome.severity,
        path: path_words(&inputs.component.name, &inputs.path, &outcome.hazard),
        unlinked: inputs.path.link.is_none(),
        nearest: nearest(inputs, matrix).iter().map(nearest_words).collect(),
        decided: None,
    }
}
