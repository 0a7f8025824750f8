//! The words in which a report says what matching and assessment found.

use crate::feed::{Advisory, Origin, Signal, SignalKind};
use crate::harm::assess::{Nearest, Rule as HarmRule};
use crate::harm::function_map::{Failure, Path};
use crate::matching::{AdvisoryId, Book, Rule, Subject, Verdict};
use crate::version::Version;
use std::borrow::Cow;

pub(crate) fn summary(advisory: &Advisory) -> Cow<'_, str> {
    let first_line = || advisory.details.lines().find(|line| !line.trim().is_empty());
    let text = if advisory.summary.is_empty() {
        first_line().unwrap_or("no words were published").trim()
    } else {
        &advisory.summary
    };
    match &advisory.informational {
        Some(kind) => format!("{text} ({kind})").into(),
        None => text.into(),
    }
}

pub(crate) fn origin(advisory: &Advisory) -> &'static str {
    match advisory.origin {
        Origin::Osv => "OSV",
        Origin::RustSec => "RustSec",
        Origin::GitHub => "GitHub",
        Origin::Cve => "CVE",
        Origin::CveAdp => "CVE (added)",
        Origin::Nvd => "NVD",
        Origin::Kev => "KEV",
        Origin::Epss => "EPSS",
        Origin::Csaf => "CSAF",
        Origin::OpenVex => "OpenVEX",
        Origin::CycloneDx => "CycloneDX",
    }
}

/// Why an advisory, the worst of those on a vulnerability, says what it says of a component.
pub(crate) fn why(
    book: &Book,
    subject: &Subject,
    verdict: Verdict,
    advisory: Option<AdvisoryId>,
) -> String {
    let compared = advisory.and_then(|id| book.compared(id, verdict, subject));
    let compared = compared.as_ref().map(|(read, _)| read.version());
    let version = compared.or(subject.version.as_ref()).map_or("", Version::text);
    match verdict.rule {
        Rule::Listed => format!("{version} is among the versions listed"),
        Rule::InRange => format!("{version} lies in an affected range"),
        Rule::Default => format!("nothing is said of {version}, and the others are affected"),
        Rule::NotStated => format!("nothing is said of {version}, nor of the others"),
        Rule::NoVersion => "the bill gives no version".to_owned(),
        Rule::VersionsDiffer => format!(
            "the bill gives the versions {}, which do not fare alike: correct the bill",
            subject.claimed.join(" and ")
        ),
        Rule::Unordered => format!("{version} cannot be ordered by the rules of its ecosystem"),
        Rule::Prose => "the feed wrote words that are no versions".to_owned(),
        Rule::ReleaseUnknown => {
            "the advisory is about one release of a distribution, and the component's is not known"
                .to_owned()
        }
        Rule::OtherSource => {
            "the component comes from elsewhere than the registry that the advisory is about"
                .to_owned()
        }
        Rule::NotCompiled => "none of the files that matter was compiled in".to_owned(),
        Rule::Patched => "the component's source says that it is patched".to_owned(),
        Rule::Withdrawn => "the advisory was withdrawn".to_owned(),
        Rule::OtherProduct => "the advisory is about another product".to_owned(),
    }
}

pub(super) fn sign(signal: &Signal) -> Option<String> {
    let (who, since) = (&signal.asserter, &signal.since);
    match &signal.kind {
        SignalKind::Attacked { product } => {
            let product = product.as_deref().unwrap_or("a product");
            Some(format!("{product} attacked in the field, says {who}, {since}"))
        }
        SignalKind::KnownExploited { ransomware } => {
            let more = if *ransomware { ", for extortion" } else { "" };
            Some(format!("known to be exploited{more}, says {who}, since {since}"))
        }
        SignalKind::Exploitation { state, .. } if state == "none" => None,
        SignalKind::Exploitation { state, .. } => {
            Some(format!("exploitation {state}, says {who}, {since}"))
        }
        SignalKind::Predicted { probability, .. } => {
            let share = 100.0 * probability;
            Some(format!("{share:.1} % likely to be exploited within 30 days, says {who}, {since}"))
        }
    }
}

pub(super) fn nearest_words(nearest: &Nearest) -> String {
    let Nearest { fact, now, then, outcome, .. } = nearest;
    format!("If {fact} were {then} instead of {now}: {outcome}.")
}

pub(crate) fn rule_words(rule: HarmRule) -> &'static str {
    match rule {
        HarmRule::NotAffected => "evidence and a justification say that it is not affected",
        HarmRule::ExploitedOnPatientPath => {
            "it is exploited, and the path reaches therapy, diagnosis or alarms"
        }
        HarmRule::ConfidentialityOnly => {
            "data can be read and nothing else; the privacy clocks run when that happens"
        }
        HarmRule::UnlinkedWorstHazard => {
            "nobody has linked the component: the device's worst hazard stands for it"
        }
        HarmRule::Matrix => "by the table of exploitability and severity",
    }
}

/// Component, function, failure and hazard: the way to the worst harm.
pub(super) fn path_words(component: &str, path: &Path, hazard: &str) -> Vec<String> {
    let mut steps = vec![component.to_owned()];
    for function in &path.functions {
        if let Some(worst) = function.hazards.iter().find(|one| one.id == hazard) {
            steps.push(function.name.clone());
            steps.push(format!("{} ({})", failure_words(worst.failure), worst.id));
            return steps;
        }
    }
    steps
}

fn failure_words(failure: Failure) -> &'static str {
    match failure {
        Failure::OverDelivery => "over-delivery",
        Failure::UnderDelivery => "under-delivery",
        Failure::LossOfLoop => "loss of the loop",
        Failure::FalseSensorValue => "false sensor value",
        Failure::AlarmLost => "alarm lost",
        Failure::DelayedCommand => "delayed command",
        Failure::FallbackDefeated => "fallback defeated",
        Failure::DataRead => "data read",
    }
}
