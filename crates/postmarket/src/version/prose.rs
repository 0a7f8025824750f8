//! Versions as people write them in advisories: `<= 2.6.0`, `2.3.6 and below`, `12.x`, `A10 | A11`.
//!
//! Only what has one meaning is read. Everything else stays words, for a person: a range that is
//! read wrongly would be worse than one that is not read.

use super::{Bound, Interval, Range, Scheme, Vers};

/// What words about versions mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Words {
    /// These single versions.
    Versions(Vec<String>),
    /// A range, and the scheme that orders it if the words name one (`vers:npm/...`).
    Range(Range, Option<Scheme>),
    /// Nothing that a machine should decide on.
    Prose,
}

/// Reads what somebody wrote where versions belong.
#[must_use]
pub fn read_words(text: &str) -> Words {
    if text.len() > super::TEXT_MAX {
        return Words::Prose;
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.starts_with("vers:") {
        return match Vers::parse(&text) {
            Ok(Vers { range, .. }) if text.starts_with("vers:all/") => Words::Range(range, None),
            Ok(Vers { range, scheme }) => Words::Range(range, Some(scheme)),
            Err(_) => Words::Prose,
        };
    }
    let listed = text.replace('≤', "<=").replace('≥', ">=");
    let listed = unwrapped(&listed);
    if means_all(listed) {
        return Words::Range(Range::all(), None);
    }
    read_list(listed).unwrap_or(Words::Prose)
}

/// One clause of a list.
enum Clause {
    Lower(Bound),
    Upper(Bound),
    Between(Interval),
    Version(String),
}

/// Clauses separated by bars, semicolons, commas or words. All of them must be understood.
fn read_list(text: &str) -> Option<Words> {
    let separated = text.replace([';', '|', ','], "|");
    let parts: Vec<&str> = separated.split('|').map(str::trim).collect();
    let mut clauses = Vec::new();
    for part in &parts {
        match read_clause(part) {
            Some(clause) => clauses.push(clause),
            None if parts.len() == 1 => clauses.extend(enumeration(part)?),
            // `A10, A11 and A12`
            None => clauses.extend(joined(part)?),
        }
    }
    combine(clauses)
}

/// A lower end and the upper end after it make one interval; other ends stand for themselves.
fn combine(clauses: Vec<Clause>) -> Option<Words> {
    let mut intervals = Vec::new();
    let mut versions = Vec::new();
    let mut open: Option<Bound> = None;
    for clause in clauses {
        let lower = open.take();
        match clause {
            Clause::Upper(upper) => intervals.push(Interval { lower, upper: Some(upper) }),
            other => {
                if let Some(lower) = lower {
                    intervals.push(Interval { lower: Some(lower), upper: None });
                }
                match other {
                    Clause::Lower(bound) => open = Some(bound),
                    Clause::Between(interval) => intervals.push(interval),
                    Clause::Version(version) => versions.push(version),
                    Clause::Upper(_) => {}
                }
            }
        }
    }
    if let Some(lower) = open {
        intervals.push(Interval { lower: Some(lower), upper: None });
    }
    if intervals.is_empty() {
        return (!versions.is_empty()).then_some(Words::Versions(versions));
    }
    for version in versions {
        let end = Some(Bound::including(version));
        intervals.push(Interval { lower: end.clone(), upper: end });
    }
    Some(Words::Range(Range { intervals }, None))
}

/// Signs and words before a version, longest first: which end, and whether it belongs.
const BEFORE: [(&str, bool, bool); 19] = [
    ("<=", true, true),
    (">=", false, true),
    ("<", true, false),
    (">", false, false),
    ("up to and including ", true, true),
    ("earlier than or equal to ", true, true),
    ("less than or equal to ", true, true),
    ("greater than or equal to ", false, true),
    ("up to ", true, true),
    ("all prior to ", true, false),
    ("prior to ", true, false),
    ("earlier than ", true, false),
    ("older than ", true, false),
    ("lower than ", true, false),
    ("less than ", true, false),
    ("before ", true, false),
    ("below ", true, false),
    ("later than ", false, false),
    ("newer than ", false, false),
];

/// Words after a version: which end; the version itself belongs.
const AFTER: [(&str, bool); 13] = [
    ("earlier", true),
    ("prior", true),
    ("below", true),
    ("older", true),
    ("lower", true),
    ("previous", true),
    ("before", true),
    ("later", false),
    ("newer", false),
    ("above", false),
    ("higher", false),
    ("greater", false),
    ("up", false),
];

fn read_clause(text: &str) -> Option<Clause> {
    let text = without_labels(text);
    for (sign, upper, inclusive) in BEFORE {
        if let Some(rest) = strip_prefix(text, sign) {
            return bound_clause(without_labels(rest.trim_start()), upper, inclusive);
        }
    }
    if let Some(clause) = trailing_words(text) {
        return Some(clause);
    }
    for (first, second) in
        [("between ", " and "), ("from ", " to "), ("", " through "), ("", " to ")]
    {
        if let Some((lower, upper)) = strip_prefix(text, first).and_then(|rest| cut(rest, second)) {
            return between(lower, upper);
        }
    }
    if let Some((lower, upper)) = text.split_once(" - ") {
        return between(lower, upper);
    }
    if let Some(stem) = wildcard_stem(text) {
        let upper = Some(Bound::excluding(after(&stem)?));
        return Some(Clause::Between(Interval { lower: Some(Bound::including(stem)), upper }));
    }
    let version = text.strip_prefix("= ").or(text.strip_prefix('=')).unwrap_or(text).trim();
    if is_version(version) {
        return Some(Clause::Version(version.to_owned()));
    }
    None
}

/// `2.3.6 and below`, `1.2 or newer`, `7.0 and all earlier versions`.
fn trailing_words(text: &str) -> Option<Clause> {
    let lower = text.to_ascii_lowercase();
    let end =
        [" and ", " or "].iter().filter_map(|word| lower.find(word).map(|at| (at, *word))).min()?;
    let (version, words) = (text.get(..end.0)?, lower.get(end.0 + end.1.len()..)?);
    let words = words.strip_prefix("all ").unwrap_or(words);
    let words = [" versions", " version", " releases", " builds"]
        .iter()
        .find_map(|label| words.strip_suffix(label))
        .unwrap_or(words);
    let (_, upper) = AFTER.iter().find(|(word, _)| *word == words)?;
    bound_clause(version.trim(), *upper, true)
}

fn bound_clause(version: &str, upper: bool, inclusive: bool) -> Option<Clause> {
    let bound = match wildcard_stem(version) {
        // `<= 11.x` ends before 12; `< 11.x` ends before 11; `> 11.x` begins with 12.
        Some(stem) => match (upper, inclusive) {
            (true, true) => Bound::excluding(after(&stem)?),
            (true, false) => Bound::excluding(stem),
            (false, true) => Bound::including(stem),
            (false, false) => Bound::including(after(&stem)?),
        },
        None if is_version(version) => Bound { version: version.to_owned(), inclusive },
        None => return None,
    };
    Some(if upper { Clause::Upper(bound) } else { Clause::Lower(bound) })
}

fn between(lower: &str, upper: &str) -> Option<Clause> {
    let Clause::Lower(lower) = bound_clause(without_labels(lower), false, true)? else {
        return None;
    };
    let Clause::Upper(upper) = bound_clause(without_labels(upper), true, true)? else {
        return None;
    };
    Some(Clause::Between(Interval { lower: Some(lower), upper: Some(upper) }))
}

/// `A10 and A11`, `1.0 & 1.1`: all of them single versions.
fn joined(text: &str) -> Option<Vec<Clause>> {
    let text = without_labels(text).replace(" & ", " and ").replace(" or ", " and ");
    let text = text.strip_prefix("and ").unwrap_or(&text);
    single_versions(text.split(" and "))
}

/// `Release 1.3.2 1.4.0 1.4.1`, `Rev B-M`, catalogue numbers with what they are.
fn enumeration(text: &str) -> Option<Vec<Clause>> {
    let text = without_labels(text);
    if let Some(clauses) = joined(text) {
        return Some(clauses);
    }
    if let Some(letters) = letters_between(text) {
        return Some(letters);
    }
    let parts: Vec<&str> = text.split(' ').collect();
    let dotted = |part: &&str| is_version(part) && part.contains('.');
    if parts.len() > 1 && parts.iter().all(dotted) {
        return single_versions(parts.into_iter());
    }
    catalogue_numbers(text)
}

fn single_versions<'a>(parts: impl Iterator<Item = &'a str>) -> Option<Vec<Clause>> {
    let mut clauses = Vec::new();
    for part in parts {
        let part = without_labels(part.trim());
        if !is_version(part) || wildcard_stem(part).is_some() {
            return None;
        }
        clauses.push(Clause::Version(part.to_owned()));
    }
    (!clauses.is_empty()).then_some(clauses)
}

/// `Rev B-M`: the letters from the first to the last.
fn letters_between(text: &str) -> Option<Vec<Clause>> {
    let letters = strip_prefix(text, "rev ").or(strip_prefix(text, "revision "))?;
    let &[first, b'-', last] = letters.as_bytes() else { return None };
    let ordered = first.is_ascii_uppercase() && last.is_ascii_uppercase() && first < last;
    let version = |letter: u8| Clause::Version(format!("Rev {}", char::from(letter)));
    ordered.then(|| (first..=last).map(version).collect())
}

/// `882160 Gemini Dual`, `MMT-512 / MMT-712 Paradigm x12`: numbers that name a model by themselves,
/// and what the model is called. Words that speak of versions or conditions make it prose.
fn catalogue_numbers(text: &str) -> Option<Vec<Clause>> {
    const SPEAKING: [&str; 14] = [
        "version", "versions", "software", "firmware", "release", "with", "and", "or", "to",
        "prior", "running", "only", "not", "than",
    ];
    let mut clauses = Vec::new();
    let mut words = text.split(' ').peekable();
    loop {
        let number = words.next()?;
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let signs = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        if digits < 3 || !number.bytes().all(signs) {
            return None;
        }
        clauses.push(Clause::Version(number.to_owned()));
        if words.next_if_eq(&"/").is_none() {
            break;
        }
    }
    let mut described = false;
    for word in words {
        described = true;
        let lower = word.to_ascii_lowercase();
        let dotted = word.bytes().any(|byte| byte.is_ascii_digit()) && word.contains('.');
        if SPEAKING.contains(&lower.as_str()) || dotted || word.contains(['<', '>', '=', '(']) {
            return None;
        }
    }
    described.then_some(clauses)
}

/// Labels that say no more than that a version follows.
fn without_labels(mut text: &str) -> &str {
    const LABELS: [&str; 16] = [
        "all ",
        "the ",
        "system ",
        "device ",
        "software ",
        "firmware ",
        "versions ",
        "version ",
        "versions: ",
        "version: ",
        "releases ",
        "release ",
        "builds ",
        "ver. ",
        "ver ",
        "v. ",
    ];
    loop {
        let stripped = LABELS.iter().find_map(|label| strip_prefix(text, label));
        match stripped {
            Some(rest) => text = rest.trim_start(),
            None => break,
        }
    }
    [" versions", " version"].iter().find_map(|label| strip_suffix(text, label)).unwrap_or(text)
}

/// Without brackets around the whole.
fn unwrapped(text: &str) -> &str {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).unwrap_or(text).trim()
}

fn means_all(text: &str) -> bool {
    const ALL: [&str; 12] = [
        "*",
        "all",
        "any",
        "all versions",
        "all version",
        "any version",
        "versions all",
        "all software versions",
        "all firmware versions",
        "all releases",
        "all models and versions",
        "every version",
    ];
    ALL.iter().any(|all| text.eq_ignore_ascii_case(all))
}

/// One word with a digit in it that is no date, no wildcard in the middle and no sign of more; or
/// such words followed by their build.
fn is_version(text: &str) -> bool {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    let signs = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+~".contains(&byte);
    let word =
        |word: &str| word.bytes().all(signs) && word.bytes().any(|byte| byte.is_ascii_digit());
    let capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
    let named = first.len() <= 6 && first.bytes().all(capital);
    if text.len() > 40 || first.is_empty() || !(word(first) || named) || is_span(first) {
        return false;
    }
    if first.split('.').any(|part| part.eq_ignore_ascii_case("x") || part.ends_with(['x', 'X'])) {
        return wildcard_stem(text).is_some();
    }
    let rest: Vec<&str> = words.collect();
    let build = |part: &&str| {
        matches!(
            part.to_ascii_lowercase().as_str(),
            "build" | "mr" | "sp" | "patch" | "hotfix" | "rev"
        )
    };
    match rest.as_slice() {
        [] => word(first),
        // `HD 16`, `3.0 D15`, `S4 A.07.107`; but `1.0 2.0` are two.
        [one] => word(one) && one.len() <= 12 && (named || one.starts_with(char::is_alphabetic)),
        [labels @ .., last] => labels.iter().all(build) && word(last) && word(first),
    }
}

/// `1.0-1.4` is a range to some and a version to others.
fn is_span(word: &str) -> bool {
    let dotted = |half: &str| {
        half.contains('.') && half.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    word.split_once('-').is_some_and(|(first, second)| dotted(first) && dotted(second))
}

/// `12` of `12.x`, `12.2` of `12.2.x.x`: whole numbers, then only `x` or `*`.
fn wildcard_stem(text: &str) -> Option<String> {
    let wild = |part: &&str| matches!(*part, "x" | "X" | "*");
    let parts: Vec<&str> = text.split('.').collect();
    let stem: Vec<&str> = parts.iter().copied().take_while(|part| !wild(part)).collect();
    let rest = parts.get(stem.len()..).unwrap_or_default();
    let number = |part: &&str| super::key::is_number(part.as_bytes());
    let shaped = !stem.is_empty() && !rest.is_empty() && rest.iter().all(wild);
    (shaped && stem.iter().all(number)).then(|| stem.join("."))
}

/// The first version behind all that begin with the stem.
fn after(stem: &str) -> Option<String> {
    let (head, last) =
        stem.rsplit_once('.').map_or((None, stem), |(head, last)| (Some(head), last));
    let next = last.parse::<u64>().ok()?.checked_add(1)?;
    Some(head.map_or_else(|| next.to_string(), |head| format!("{head}.{next}")))
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let start = text.len().checked_sub(suffix.len())?;
    text.get(start..)?.eq_ignore_ascii_case(suffix).then(|| &text[..start])
}

fn cut<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let at = text.to_ascii_lowercase().find(word)?;
    Some((text.get(..at)?, text.get(at + word.len()..)?))
}

#[cfg(test)]
mod tests;
