//! What a feed says of one product, in the making.

use super::event::{Affected, Package, Severity, SeverityKind, Status};
use super::json::{Fault, Node};
use crate::version::{Bound, Interval, Range, Scheme, Words, read_words};

/// A statement that names no version yet.
pub(super) fn statement(package: Package, status: Status, default_status: Status) -> Affected {
    Affected {
        package,
        status,
        default_status,
        versions: Vec::new(),
        ranges: Vec::new(),
        scheme: None,
        program_files: Vec::new(),
        functions: Vec::new(),
        platforms: Vec::new(),
        prose: None,
    }
}

/// Adds words for a person to those that are there.
pub(super) fn add_prose(into: &mut Affected, text: &str) {
    match &mut into.prose {
        Some(prose) => {
            prose.push_str("; ");
            prose.push_str(text);
        }
        None => into.prose = Some(text.to_owned()),
    }
}

/// Words that some feeds write where no version is meant.
pub(super) fn names_no_version(text: &str) -> bool {
    const WORDS: [&str; 8] = ["", "-", "n/a", "na", "unspecified", "unknown", "none", "tbd"];
    WORDS.iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

/// Words that mean every version.
pub(super) fn means_all(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    matches!(text.as_str(), "*" | "all" | "all versions" | "any" | "vers:all/*")
}

/// What somebody wrote where a version belongs: versions, a range in words or, if neither, prose for a person.
pub(super) fn words(into: &mut Affected, text: &str) {
    let text = text.trim();
    if means_all(text) {
        into.ranges.push(Range::all());
    } else if names_no_version(text) {
        add_prose(into, if text.is_empty() { "no version named" } else { text });
    } else {
        match read_words(text) {
            Words::Versions(versions) => into.versions.extend(versions),
            Words::Range(range, _) => {
                into.scheme = into.scheme.take().or_else(|| vers_scheme(text));
                into.ranges.push(range);
            }
            Words::Prose if is_plain(text) => into.versions.push(text.to_owned()),
            Words::Prose => add_prose(into, text),
        }
    }
}

/// The type in `vers:npm/...` orders the versions behind it, if it is one that is known.
fn vers_scheme(text: &str) -> Option<String> {
    let kind = text.strip_prefix("vers:")?.split('/').next()?;
    (Scheme::of_purl_type(kind) != Scheme::Unordered).then(|| format!("purl:{kind}"))
}

/// One word with a digit and without signs of a range or a list.
fn is_plain(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && !text.contains(|c: char| c.is_whitespace() || "<>=|*,;&()".contains(c))
        && !text.split('.').any(|part| part.eq_ignore_ascii_case("x"))
        && !text.starts_with("vers:")
}

/// A lower end; the words for "from the first" are none.
pub(super) fn lower_end(text: &str) -> Option<Bound> {
    let text = text.trim();
    let first = text == "0" || means_all(text) || names_no_version(text);
    (!first).then(|| Bound::including(text))
}

/// An upper end of a CVE record: `*` is open, `5.10.*` ends before 5.11.
pub(super) fn upper_end(text: &str, inclusive: bool) -> Result<Option<Bound>, &str> {
    let text = text.trim();
    if means_all(text) {
        return Ok(None);
    }
    if let Some(stem) = text.strip_suffix(".*") {
        let (head, last) = stem.rsplit_once('.').map_or(("", stem), |(head, last)| (head, last));
        let Some(next) = last.parse::<u64>().ok().and_then(|last| last.checked_add(1)) else {
            return Err(text);
        };
        let dot = if head.is_empty() { "" } else { "." };
        return Ok(Some(Bound::excluding(format!("{head}{dot}{next}"))));
    }
    if text.contains('*') || names_no_version(text) {
        return Err(text);
    }
    Ok(Some(Bound { version: text.to_owned(), inclusive }))
}

/// A range of one interval.
pub(super) fn between(lower: Option<Bound>, upper: Option<Bound>) -> Range {
    Range { intervals: vec![Interval { lower, upper }] }
}

/// A score as CVE records, CSAF and NVD write it: the vector, or the word where there is no vector.
pub(super) fn score(
    data: Option<Node<'_, '_>>,
    kind: SeverityKind,
    scorer: Option<&str>,
    into: &mut Vec<Severity>,
) -> Result<(), Fault> {
    let Some(data) = data else { return Ok(()) };
    let scorer = scorer.map(str::to_owned);
    if let Some(vector) = data.owned("vectorString")? {
        into.push(Severity { kind, vector, scorer });
    } else if let Some(word) = data.maybe("baseSeverity")? {
        into.push(Severity { kind: SeverityKind::Word, vector: word.to_lowercase(), scorer });
    }
    Ok(())
}
