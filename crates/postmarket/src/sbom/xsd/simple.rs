//! Simple types: what the text of an element or an attribute may be.

use regex_lite::Regex;

use super::super::schema::{is_date, is_hash_value, is_iri_reference, is_time};

/// What a text must be. The default takes any text.
#[derive(Clone, Debug, Default)]
pub(super) struct Simple {
    base: Base,
    /// Sorted; empty demands nothing.
    words: Vec<String>,
    pattern: Option<Pattern>,
    least: Option<f64>,
    most: Option<f64>,
    shortest: Option<usize>,
    longest: Option<usize>,
    /// A union: one of them must take the text. Empty if it is none.
    either: Vec<Simple>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Base {
    #[default]
    Text,
    /// Text of which white space at the ends does not count.
    Trimmed,
    Address,
    Bool,
    Date,
    DateTime,
    Decimal,
    Integer,
}

#[derive(Clone, Debug)]
enum Pattern {
    HashValue,
    Other(Box<Regex>),
}

const HASH_VALUE: &str =
    "([a-fA-F0-9]{32})|([a-fA-F0-9]{40})|([a-fA-F0-9]{64})|([a-fA-F0-9]{96})|([a-fA-F0-9]{128})";

impl Simple {
    /// A type of XML Schema itself.
    pub(super) fn builtin(name: &str) -> Option<Self> {
        let mut simple = Self::default();
        simple.base = match name {
            "string" | "normalizedString" => Base::Text,
            "token" => Base::Trimmed,
            "anyURI" => Base::Address,
            "boolean" => Base::Bool,
            "date" => Base::Date,
            "dateTime" => Base::DateTime,
            "decimal" => Base::Decimal,
            "integer" => Base::Integer,
            "nonNegativeInteger" => {
                simple.least = Some(0.0);
                Base::Integer
            }
            "positiveInteger" => {
                simple.least = Some(1.0);
                Base::Integer
            }
            _ => return None,
        };
        Some(simple)
    }

    /// A type that takes what one of its members takes.
    pub(super) fn union(either: Vec<Self>) -> Self {
        Self { either, ..Self::default() }
    }

    /// Adds a facet; `false` if it is not understood.
    pub(super) fn restrict(&mut self, facet: &str, value: &str) -> bool {
        match facet {
            "enumeration" => self.words.push(value.to_owned()),
            "pattern" if value == HASH_VALUE => self.pattern = Some(Pattern::HashValue),
            "pattern" => match Regex::new(&format!("^(?:{value})$")) {
                Ok(regex) => self.pattern = Some(Pattern::Other(Box::new(regex))),
                Err(_) => return false,
            },
            "minInclusive" => self.least = value.parse().ok(),
            "maxInclusive" => self.most = value.parse().ok(),
            "minLength" => self.shortest = value.parse().ok(),
            "maxLength" => self.longest = value.parse().ok(),
            _ => return false,
        }
        true
    }

    /// To be called after the last facet.
    pub(super) fn finish(&mut self) {
        self.words.sort();
    }

    /// Whether a text is of the type.
    pub(super) fn takes(&self, text: &str) -> bool {
        if !self.either.is_empty() {
            return self.either.iter().any(|simple| simple.takes(text));
        }
        let text = if self.base == Base::Text { text } else { text.trim() };
        let of_base = match self.base {
            Base::Text | Base::Trimmed => true,
            Base::Address => is_address(text),
            Base::Bool => matches!(text, "true" | "false" | "0" | "1"),
            Base::Date => text.get(..10).is_some_and(is_date),
            Base::DateTime => text
                .split_at_checked(10)
                .and_then(|(date, rest)| Some((date, rest.strip_prefix('T')?)))
                .is_some_and(|(date, time)| is_date(date) && is_time(time, false)),
            Base::Integer => is_number(text, false),
            Base::Decimal => is_number(text, true),
        };
        let length = text.chars().count();
        of_base
            && self.in_range(text)
            && self.shortest.is_none_or(|shortest| length >= shortest)
            && self.longest.is_none_or(|longest| length <= longest)
            && (self.words.is_empty()
                || self.words.binary_search_by(|word| word.as_str().cmp(text)).is_ok())
            && match &self.pattern {
                None => true,
                Some(Pattern::HashValue) => is_hash_value(text),
                Some(Pattern::Other(regex)) => regex.is_match(text),
            }
    }

    fn in_range(&self, text: &str) -> bool {
        if self.least.is_none() && self.most.is_none() {
            return true;
        }
        text.parse::<f64>().is_ok_and(|number| {
            self.least.is_none_or(|least| number >= least)
                && self.most.is_none_or(|most| number <= most)
        })
    }

    /// The type in words.
    pub(super) fn described(&self) -> String {
        const SHOWN: usize = 40;
        if !self.either.is_empty() {
            let parts: Vec<String> = self.either.iter().map(Self::described).collect();
            return parts.join(" or ");
        }
        if !self.words.is_empty() {
            let words: Vec<&str> = self.words.iter().take(SHOWN).map(String::as_str).collect();
            let more = self.words.len().saturating_sub(SHOWN);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            return format!("one of `{}`{tail}", words.join("`, `"));
        }
        match (&self.pattern, self.base) {
            (Some(Pattern::HashValue), _) => "32, 40, 64, 96 or 128 hexadecimal digits".to_owned(),
            (Some(Pattern::Other(regex)), _) => format!("text of the pattern {}", regex.as_str()),
            (None, Base::Bool) => "true or false".to_owned(),
            (None, Base::Date) => "a date such as 2026-01-31".to_owned(),
            (None, Base::DateTime) => "a date and time such as 2026-01-31T12:00:00Z".to_owned(),
            (None, Base::Integer) => "a whole number in range".to_owned(),
            (None, Base::Decimal) => "a number in range".to_owned(),
            (None, Base::Address) => "an address (RFC 3987)".to_owned(),
            (None, Base::Text | Base::Trimmed) => "text of allowed length".to_owned(),
        }
    }
}

/// `anyURI` takes spaces too: XML Schema escapes them before it looks.
fn is_address(text: &str) -> bool {
    is_iri_reference(&text.replace(' ', "%20"))
}

fn is_number(text: &str, fraction: bool) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = match digits.split_once('.') {
        Some(_) if !fraction => return false,
        Some(parts) => parts,
        None => (digits, ""),
    };
    !(whole.is_empty() && part.is_empty())
        && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_types_take_what_xml_schema_takes() {
        let takes = |name: &str, text: &str| Simple::builtin(name).expect(name).takes(text);
        assert!(takes("boolean", " 1 ") && !takes("boolean", "yes"));
        assert!(takes("dateTime", "2020-01-01T00:00:00") && !takes("dateTime", "2020-01-01"));
        assert!(takes("positiveInteger", "1") && !takes("positiveInteger", "0"));
        assert!(takes("decimal", "-.5") && !takes("decimal", ".") && !takes("integer", "1.0"));
        assert!(takes("anyURI", "a b") && !takes("anyURI", "a<b"));
    }

    #[test]
    fn a_union_takes_what_one_of_its_members_takes() {
        let mut word = Simple::default();
        assert!(word.restrict("enumeration", "a") && word.restrict("enumeration", "b"));
        word.finish();
        let union = Simple::union(vec![word, Simple::builtin("integer").unwrap_or_default()]);
        assert!(union.takes("b") && union.takes("7") && !union.takes("c"));
    }
}
