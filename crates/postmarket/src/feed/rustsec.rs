//! RustSec's own files: Markdown behind TOML. What is patched and what was never affected is turned into what is
//! affected, pre-releases included, as RustSec's engine does: the complement in the order of SemVer.

use super::event::{
    Advisory, Affected, Event, Intake, Origin, Package, Place, Severity, SeverityKind, Sink, Status,
};
use super::json::{Collector, Fault, text_of};
use super::osv::take_aliases;
use crate::version::{Bound, Interval, Range, Scheme, Version};
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Front {
    advisory: Head,
    #[serde(default)]
    affected: Limits,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    package: String,
    date: String,
    url: Option<String>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
    cvss: Option<String>,
    informational: Option<String>,
    withdrawn: Option<String>,
}

#[derive(Deserialize, Default)]
struct Limits {
    #[serde(default)]
    arch: Vec<String>,
    #[serde(default)]
    os: Vec<String>,
    #[serde(default)]
    functions: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Default)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

/// Reads one Markdown file of RustSec's database. (Its OSV form is read by [`osv`](super::osv).)
pub fn read(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    let mut collector = Collector::new(file, to);
    collector.record(text_of(bytes).and_then(|text| advisory(text, file)));
    collector.finish()
}

fn advisory(text: &str, file: &str) -> Result<Vec<Event>, Fault> {
    let first = "expected a first line \"```toml\", found another";
    let rest = text.strip_prefix("```toml").ok_or_else(|| Fault::new("line 1", first))?;
    let end = "expected an end \"```\" of the TOML, found none: fetch the file again";
    let (front, body) = rest.split_once("\n```").ok_or_else(|| Fault::break_off("line 1", end))?;
    let front: Front = toml::from_str(front).map_err(|error| {
        let before = error.span().map_or("", |span| front.get(..span.start).unwrap_or(""));
        let line = 1 + before.matches('\n').count();
        let message = error.message();
        Fault::new(format!("line {line}"), format!("expected RustSec's TOML, found: {message}"))
    })?;
    let body = body.trim_start();
    let (title, details) = body.split_once('\n').unwrap_or((body, ""));
    let place = Place { file: file.into(), pointer: "line 1".into() };
    let head = front.advisory;
    let mut advisory = Advisory::new(Origin::RustSec, head.id, place);
    advisory.modified.clone_from(&head.date);
    advisory.published = Some(head.date);
    advisory.withdrawn = head.withdrawn;
    advisory.summary = title.trim_start_matches('#').trim().to_owned();
    advisory.details = details.trim().to_owned();
    advisory.related = head.related;
    take_aliases(&mut advisory, head.aliases);
    advisory.severities.extend(head.cvss.map(severity));
    advisory.references = head.url.into_iter().chain(head.references).collect();
    advisory.informational = head.informational;
    let mut platforms = front.affected.os;
    platforms.extend(front.affected.arch);
    advisory.affected.push(Affected {
        package: Package::Ecosystem { ecosystem: "crates.io".into(), name: head.package },
        status: Status::Affected,
        default_status: Status::Unaffected,
        versions: Vec::new(),
        ranges: vec![affected_range(&front.versions)?],
        scheme: Some("crates.io".into()),
        program_files: Vec::new(),
        functions: front.affected.functions.into_keys().collect(),
        platforms,
        prose: None,
    });
    Ok(vec![Event::Advisory(Box::new(advisory))])
}

fn severity(vector: String) -> Severity {
    let kind = match vector.get(..7) {
        Some("CVSS:4.") => SeverityKind::Cvss4,
        _ => SeverityKind::Cvss3,
    };
    Severity { kind, vector, scorer: None }
}

/// Everything that is neither patched nor was ever unaffected.
fn affected_range(versions: &Versions) -> Result<Range, Fault> {
    let mut good = Vec::new();
    for text in versions.patched.iter().chain(&versions.unaffected) {
        good.push(requirement(text)?);
    }
    let scheme = Scheme::of_ecosystem("crates.io");
    good.sort_by_cached_key(|stretch| {
        stretch
            .lower
            .as_ref()
            .map(|end| Version::parse(scheme, &end.version).key().map(<[u8]>::to_vec))
    });
    let mut intervals = Vec::new();
    // The next stretch of affected versions begins here; `None` within: nothing is left above.
    let mut begin = Some(None);
    for stretch in good {
        let Some(lower) = begin.take() else {
            return Err(overlap(&stretch));
        };
        if let Some(end) = &stretch.lower {
            push(&mut intervals, lower, Some(opposite(end)), &stretch)?;
        } else if lower.is_some() {
            return Err(overlap(&stretch));
        }
        begin = stretch.upper.as_ref().map(|upper| Some(opposite(upper)));
    }
    if let Some(lower) = begin {
        intervals.push(Interval { lower, upper: None });
    }
    Ok(Range { intervals })
}

fn push(
    intervals: &mut Vec<Interval>,
    lower: Option<Bound>,
    upper: Option<Bound>,
    stretch: &Interval,
) -> Result<(), Fault> {
    if let (Some(lower), Some(upper)) = (&lower, &upper) {
        match order(&lower.version, &upper.version) {
            Ordering::Greater => return Err(overlap(stretch)),
            // `< 1.0` beside `>= 1.0` leaves nothing between.
            Ordering::Equal if !(lower.inclusive && upper.inclusive) => return Ok(()),
            _ => {}
        }
    }
    intervals.push(Interval { lower, upper });
    Ok(())
}

fn overlap(stretch: &Interval) -> Fault {
    let end = stretch.lower.as_ref().or(stretch.upper.as_ref());
    let near = end.map_or("*", |bound| bound.version.as_str());
    let reason = format!(
        "expected patched and unaffected versions that do not overlap, found an overlap near {near}"
    );
    Fault::new("versions", reason)
}

fn opposite(bound: &Bound) -> Bound {
    Bound { version: bound.version.clone(), inclusive: !bound.inclusive }
}

fn order(a: &str, b: &str) -> Ordering {
    let scheme = Scheme::of_ecosystem("crates.io");
    Version::parse(scheme, a).compare(&Version::parse(scheme, b)).unwrap_or(Ordering::Equal)
}

/// One requirement (`>= 1.2, < 2`, `^1.2`, `~1`, `=1.0.3`) as an interval. Cargo's rule that a pre-release must be
/// asked for does not hold here: `^1.2` holds 1.3.0-beta, and ends before 2.0.0-0.
fn requirement(text: &str) -> Result<Interval, Fault> {
    let refuse = |why: &str| Fault::new("versions", format!("expected {why}, found {text:?}"));
    let mut interval = Interval::default();
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    for part in &parts {
        if *part == "*" && parts.len() == 1 {
            return Ok(interval);
        }
        let split = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let (operator, version) = part.split_at(split);
        let point = Point::read(version.trim()).ok_or_else(|| refuse("a version of SemVer"))?;
        let (lower, upper) = match operator.trim() {
            ">" => (Some(Bound::excluding(point.full())), None),
            ">=" => (Some(Bound::including(point.full())), None),
            "<" => (None, Some(Bound::excluding(point.full()))),
            "<=" => (None, Some(Bound::including(point.full()))),
            "=" => (Some(Bound::including(point.full())), Some(Bound::including(point.full()))),
            "^" | "" => (Some(Bound::including(point.full())), Some(point.end_of_caret())),
            "~" => (Some(Bound::including(point.full())), Some(point.end_of_tilde())),
            _ => return Err(refuse("one of > >= < <= = ^ ~")),
        };
        let twice = (lower.is_some() && interval.lower.is_some())
            || (upper.is_some() && interval.upper.is_some());
        if twice {
            return Err(refuse("one lower and one upper end"));
        }
        interval.lower = interval.lower.take().or(lower);
        interval.upper = interval.upper.take().or(upper);
    }
    Ok(interval)
}

/// A version of which the later parts may be missing.
struct Point<'t> {
    major: u64,
    minor: Option<u64>,
    patch: Option<u64>,
    pre: Option<&'t str>,
}

impl<'t> Point<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, pre) = match text.split_once('-') {
            Some((numbers, pre)) => (numbers, Some(pre)),
            None => (text, None),
        };
        let mut parts = numbers.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().map(str::parse).transpose().ok()?;
        let patch = parts.next().map(str::parse).transpose().ok()?;
        (parts.next().is_none()).then_some(Self { major, minor, patch, pre })
    }

    fn full(&self) -> String {
        let (minor, patch) = (self.minor.unwrap_or(0), self.patch.unwrap_or(0));
        let pre = self.pre.map(|pre| format!("-{pre}")).unwrap_or_default();
        format!("{}.{minor}.{patch}{pre}", self.major)
    }

    fn end_of_caret(&self) -> Bound {
        let next = |number: u64| number.saturating_add(1);
        Bound::excluding(match (self.major, self.minor, self.patch) {
            (0, Some(0), Some(patch)) => format!("0.0.{}-0", next(patch)),
            (0, Some(minor), _) => format!("0.{}.0-0", next(minor)),
            (major, _, _) => format!("{}.0.0-0", next(major)),
        })
    }

    fn end_of_tilde(&self) -> Bound {
        Bound::excluding(match self.minor {
            Some(minor) => format!("{}.{}.0-0", self.major, minor.saturating_add(1)),
            None => format!("{}.0.0-0", self.major.saturating_add(1)),
        })
    }
}
