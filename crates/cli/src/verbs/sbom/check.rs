//! `homeostat sbom check`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use homeostat_postmarket::sbom::{Element, Profile, Verdict, quality};

use crate::failure::{Failure, Outcome};
use crate::output;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Against {
    /// NTIA's minimum elements of 2021, with the component hash.
    Ntia,
    /// CISA's minimum elements of 2025/26.
    Cisa,
    /// FDA: NTIA's, with level and end of support of every component.
    Fda,
}

/// Hold a bill against what regulators ask for.
///
/// Names every missing field of every component. Exit 1 if something is missing. Supports evidence for a submission; it is
/// no judgement of one.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The bill.
    file: PathBuf,
    /// Against which list; all three if not given.
    #[arg(long, value_enum)]
    against: Vec<Against>,
    /// Write the verdicts as JSON to stdout.
    #[arg(long)]
    json: bool,
}

/// Missing fields that a table lists by name; `--json` lists all.
const MOST_LISTED: usize = 40;

impl Check {
    pub(crate) fn run(&self) -> Outcome {
        let bill = super::open(&self.file)?;
        let all = [Against::Ntia, Against::Cisa, Against::Fda];
        let against = if self.against.is_empty() { &all[..] } else { &self.against };
        let verdicts: Vec<Verdict> = against
            .iter()
            .map(|against| match against {
                Against::Ntia => quality(&bill, Profile::Ntia),
                Against::Cisa => quality(&bill, Profile::Cisa),
                Against::Fda => quality(&bill, Profile::Fda),
            })
            .collect();
        if self.json {
            let json = serde_json::to_string_pretty(&verdicts).map_err(Failure::environment)?;
            output::line(&json)?;
        } else {
            let mut text = String::new();
            for verdict in &verdicts {
                table(verdict, &mut text);
            }
            output::words(&text)?;
        }
        let missing: usize = verdicts.iter().map(|verdict| verdict.missing.len()).sum();
        if verdicts.iter().all(Verdict::complete) {
            return Ok(());
        }
        let file = self.file.display();
        Err(Failure::negative(format!("{file}: {missing} elements are missing")))
    }
}

fn table(verdict: &Verdict, text: &mut String) {
    let share = 100.0 * verdict.share;
    let _ = writeln!(text, "{}: {share:.1} % of what is asked for", name(verdict.profile));
    for count in &verdict.counts {
        let mark = if count.present == count.of { "good   " } else { "missing" };
        let word = element(count.element);
        let _ = writeln!(text, "  {mark} {word:<20}{:>7} of {}", count.present, count.of);
    }
    for missing in verdict.missing.iter().take(MOST_LISTED) {
        let place = if missing.reference.is_empty() { "the bill" } else { &missing.reference };
        let _ = writeln!(text, "    {place}: no {}", element(missing.element));
    }
    if verdict.missing.len() > MOST_LISTED {
        let _ = writeln!(text, "    and {} more (--json)", verdict.missing.len() - MOST_LISTED);
    }
}

fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::Ntia => "NTIA minimum elements",
        Profile::Cisa => "CISA minimum elements",
        Profile::Fda => "FDA additions",
    }
}

fn element(element: Element) -> &'static str {
    match element {
        Element::Author => "author",
        Element::Timestamp => "time",
        Element::Tool => "tool",
        Element::GenerationContext => "generation context",
        Element::Product => "product",
        Element::Relationship => "relationship",
        Element::Name => "name",
        Element::Version => "version",
        Element::Supplier => "supplier",
        Element::Identifier => "identifier",
        Element::Hash => "hash",
        Element::Licence => "licence",
        Element::SupportLevel => "level of support",
        Element::EndOfSupport => "end of support",
    }
}
