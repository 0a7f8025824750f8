//! CPE names: the formatted string of CPE 2.3 and the URI of 2.2 (NISTIR 7695), and how two names
//! relate (NISTIR 7696).

use std::fmt::{self, Display, Write};
use std::str::FromStr;

/// The parts of a name, in the order of the formatted string.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CpeField {
    /// `a` application, `o` operating system, `h` hardware.
    Part,
    /// Who makes it.
    Vendor,
    /// What it is.
    Product,
    /// Its version.
    Version,
    /// Update, patch.
    Update,
    /// Edition, as older names have it.
    Edition,
    /// Language.
    Language,
    /// Edition as sold.
    SwEdition,
    /// The software it runs with.
    TargetSw,
    /// The hardware it runs on.
    TargetHw,
    /// Anything else.
    Other,
}

/// How many parts a name has.
const FIELDS: usize = 11;

/// What a part says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Attribute {
    /// `*`: any value.
    Any,
    /// `-`: it has none.
    NotApplicable,
    /// A value, possibly with wildcards at its ends.
    Value(CpeValue),
}

/// A value: text between wildcards.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CpeValue {
    before: Wild,
    text: String,
    after: Wild,
}

/// What may stand at an end of a value besides its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Wild {
    /// At most so many signs; none for no wildcard.
    AtMost(u16),
    /// Any number of signs.
    Any,
}

/// How the values of one name relate to those of another: source to target.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Relation {
    /// Both name the same.
    Equal,
    /// The source names all that the target names, and more.
    Superset,
    /// The target names all that the source names, and more.
    Subset,
    /// Nothing is named by both.
    Disjoint,
    /// The standard gives no answer: they overlap, or the target has wildcards.
    Undefined,
}

/// A CPE name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cpe {
    fields: [Attribute; FIELDS],
}

/// Why something is no CPE name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CpeError {
    /// It begins neither with `cpe:2.3:` nor with `cpe:/`.
    #[error("a CPE name begins with \"cpe:2.3:\" or \"cpe:/\", found {found:?}")]
    Form {
        /// Its beginning.
        found: String,
    },
    /// It has too few or too many parts.
    #[error("a CPE name has {expected} parts behind its beginning, found {found}")]
    Parts {
        /// How many there must be.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// The part is none of `a`, `o`, `h`, `*` and `-`.
    #[error("the part is one of a, o, h, found {found:?}")]
    Part {
        /// What stands there.
        found: String,
    },
    /// A wildcard within a value, an escape without a sign, or a sign that is not printable ASCII.
    #[error("{found:?} is no value: wildcards stand at the ends, signs are printable and complete")]
    Value {
        /// The value.
        found: String,
    },
}

impl Cpe {
    /// Reads a name of either form.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, CpeError> {
        let text = text.trim();
        let head = |length: usize| text.get(..length).unwrap_or_default().to_ascii_lowercase();
        if head(8) == "cpe:2.3:" {
            Self::from_formatted(text.get(8..).unwrap_or_default())
        } else if head(5) == "cpe:/" {
            Self::from_uri(text.get(5..).unwrap_or_default())
        } else {
            Err(CpeError::Form { found: text.chars().take(40).collect() })
        }
    }

    fn from_formatted(text: &str) -> Result<Self, CpeError> {
        let parts = split_unescaped(text);
        let found = parts.len();
        let fields: Result<Vec<Attribute>, CpeError> =
            parts.into_iter().map(formatted_attribute).collect();
        let fields = <[Attribute; FIELDS]>::try_from(fields?)
            .map_err(|_| CpeError::Parts { expected: "11", found })?;
        Self { fields }.checked()
    }

    fn from_uri(text: &str) -> Result<Self, CpeError> {
        let parts: Vec<&str> = text.split(':').collect();
        if parts.len() > 7 {
            return Err(CpeError::Parts { expected: "at most 7", found: parts.len() });
        }
        let mut fields = [const { Attribute::Any }; FIELDS];
        for (place, part) in parts.iter().enumerate() {
            // CPE 2.3 packs its further parts into the edition: `~edition~sw~target~hardware~other`.
            if place == CpeField::Edition as usize && part.starts_with('~') {
                let packed: Vec<&str> = part.split('~').skip(1).collect();
                if packed.len() != 5 {
                    return Err(CpeError::Value { found: (*part).to_owned() });
                }
                let unpacked = [5, 7, 8, 9, 10];
                for (place, part) in unpacked.into_iter().zip(packed) {
                    fields[place] = uri_attribute(part)?;
                }
            } else if let Some(field) = fields.get_mut(place) {
                *field = uri_attribute(part)?;
            }
        }
        Self { fields }.checked()
    }

    fn checked(self) -> Result<Self, CpeError> {
        let known = match self.get(CpeField::Part) {
            Attribute::Any | Attribute::NotApplicable => true,
            Attribute::Value(value) => {
                value.literal().is_some_and(|text| matches!(text, "a" | "o" | "h"))
            }
        };
        if known {
            Ok(self)
        } else {
            Err(CpeError::Part { found: self.get(CpeField::Part).to_string() })
        }
    }

    /// What a part says.
    #[must_use]
    pub fn get(&self, field: CpeField) -> &Attribute {
        &self.fields[field as usize]
    }

    /// The same name for any version and update: what advisories are looked up by.
    #[must_use]
    pub fn any_version(&self) -> Self {
        let mut name = self.clone();
        name.fields[CpeField::Version as usize] = Attribute::Any;
        name.fields[CpeField::Update as usize] = Attribute::Any;
        name
    }

    /// How this name, as source, relates to `target`.
    #[must_use]
    pub fn relation(&self, target: &Self) -> Relation {
        let mut found = Relation::Equal;
        for (source, target) in self.fields.iter().zip(&target.fields) {
            found = match (found, source.relation(target)) {
                (_, Relation::Disjoint) => return Relation::Disjoint,
                (Relation::Undefined, _) | (_, Relation::Undefined) => Relation::Undefined,
                (so_far, Relation::Equal) => so_far,
                (Relation::Equal, one) => one,
                (so_far, one) if so_far == one => so_far,
                _ => Relation::Undefined,
            };
        }
        found
    }

    /// The name as a CPE 2.2 URI, later parts packed into the edition.
    #[must_use]
    pub fn to_uri(&self) -> String {
        let one = |field: CpeField| uri_text(self.get(field));
        let further =
            [CpeField::SwEdition, CpeField::TargetSw, CpeField::TargetHw, CpeField::Other].map(one);
        let edition = if further.iter().all(String::is_empty) {
            one(CpeField::Edition)
        } else {
            format!("~{}~{}", one(CpeField::Edition), further.join("~"))
        };
        let mut parts: Vec<String> = [
            CpeField::Part,
            CpeField::Vendor,
            CpeField::Product,
            CpeField::Version,
            CpeField::Update,
        ]
        .map(one)
        .into();
        parts.extend([edition, one(CpeField::Language)]);
        while parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        format!("cpe:/{}", parts.join(":"))
    }
}

impl Attribute {
    /// How this value, as source, relates to `target` (NISTIR 7696, table 6-2).
    #[must_use]
    pub fn relation(&self, target: &Self) -> Relation {
        match (self, target) {
            (_, Self::Value(value)) if value.literal().is_none() => Relation::Undefined,
            (source, target) if source == target => Relation::Equal,
            (Self::Any, _) => Relation::Superset,
            (_, Self::Any) => Relation::Subset,
            (Self::Value(source), Self::Value(target)) if source.covers(&target.text) => {
                Relation::Superset
            }
            _ => Relation::Disjoint,
        }
    }

    /// The value, if it is one without wildcards.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Value(value) => value.literal(),
            Self::Any | Self::NotApplicable => None,
        }
    }
}

impl CpeValue {
    /// The text, if there are no wildcards beside it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        let plain = self.before == Wild::AtMost(0) && self.after == Wild::AtMost(0);
        plain.then_some(self.text.as_str())
    }

    /// Whether a text is the value's, with what its wildcards allow before and behind.
    fn covers(&self, text: &str) -> bool {
        let allows = |wild: Wild, length: usize| match wild {
            Wild::Any => true,
            Wild::AtMost(most) => length <= usize::from(most),
        };
        let behind = |at: usize| text.len() - at - self.text.len();
        (0..=text.len()).any(|at| {
            text.get(at..).is_some_and(|rest| rest.starts_with(&self.text))
                && allows(self.before, at)
                && allows(self.after, behind(at))
        })
    }
}

impl FromStr for Cpe {
    type Err = CpeError;

    fn from_str(text: &str) -> Result<Self, CpeError> {
        Self::parse(text)
    }
}

/// The formatted string of CPE 2.3.
impl Display for Cpe {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        into.write_str("cpe:2.3")?;
        self.fields.iter().try_for_each(|field| write!(into, ":{field}"))
    }
}

/// As in the formatted string.
impl Display for Attribute {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self {
            Self::Any => return into.write_char('*'),
            Self::NotApplicable => return into.write_char('-'),
            Self::Value(value) => value,
        };
        value.before.write('*', "?", into)?;
        let alone = value.literal() == Some("-");
        for sign in value.text.chars() {
            if alone || !(sign.is_ascii_alphanumeric() || "._-".contains(sign)) {
                into.write_char('\\')?;
            }
            into.write_char(sign)?;
        }
        value.after.write('*', "?", into)
    }
}

impl Wild {
    fn write(self, any: char, one: &str, into: &mut impl Write) -> fmt::Result {
        match self {
            Self::Any => into.write_char(any),
            Self::AtMost(most) => (0..most).try_for_each(|_| into.write_str(one)),
        }
    }
}

/// Parts between colons that no backslash stands before.
fn split_unescaped(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b':' if !escaped => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
                escaped = false;
            }
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// A sign of a value: itself, or a wildcard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Literal(char),
    One,
    Many,
}

fn formatted_attribute(text: &str) -> Result<Attribute, CpeError> {
    match text {
        "*" | "" => return Ok(Attribute::Any),
        "-" => return Ok(Attribute::NotApplicable),
        _ => {}
    }
    let broken = || CpeError::Value { found: text.to_owned() };
    let mut signs = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(sign) = rest.next() {
        signs.push(match sign {
            '\\' => Sign::Literal(rest.next().ok_or_else(broken)?),
            '*' => Sign::Many,
            '?' => Sign::One,
            other => Sign::Literal(other),
        });
    }
    value_of(&signs).ok_or_else(broken)
}

fn uri_attribute(text: &str) -> Result<Attribute, CpeError> {
    match text {
        "" => return Ok(Attribute::Any),
        "-" => return Ok(Attribute::NotApplicable),
        _ => {}
    }
    let decoded = super::percent_decode(text);
    let signs: Option<Vec<Sign>> = decoded.map(|text| {
        let sign = |sign| match sign {
            '\u{1}' => Sign::One,
            '\u{2}' => Sign::Many,
            other => Sign::Literal(other),
        };
        text.chars().map(sign).collect()
    });
    let value = signs.and_then(|signs| value_of(&signs));
    value.ok_or_else(|| CpeError::Value { found: text.to_owned() })
}

/// Wildcards at the ends, printable ASCII between them, in lower case. A `*` alone is any value,
/// in whichever form it was written.
fn value_of(signs: &[Sign]) -> Option<Attribute> {
    if signs == [Sign::Many] {
        return Some(Attribute::Any);
    }
    let literal = |sign: &Sign| matches!(sign, Sign::Literal(_));
    let first = signs.iter().position(literal).unwrap_or(signs.len());
    let end = signs.iter().rposition(literal).map_or(first, |last| last + 1);
    let mut text = String::with_capacity(signs.len());
    for sign in signs.get(first..end)? {
        match sign {
            Sign::Literal(sign) if sign.is_ascii_graphic() => text.push(sign.to_ascii_lowercase()),
            _ => return None,
        }
    }
    let before = wild_of(signs.get(..first)?)?;
    let after = wild_of(signs.get(end..)?)?;
    Some(Attribute::Value(CpeValue { before, text, after }))
}

/// Nothing, one `*`, or some `?`.
fn wild_of(signs: &[Sign]) -> Option<Wild> {
    match signs {
        [Sign::Many] => Some(Wild::Any),
        ones if ones.iter().all(|sign| *sign == Sign::One) => {
            u16::try_from(ones.len()).ok().map(Wild::AtMost)
        }
        _ => None,
    }
}

fn uri_text(attribute: &Attribute) -> String {
    let value = match attribute {
        Attribute::Any => return String::new(),
        Attribute::NotApplicable => return "-".to_owned(),
        Attribute::Value(value) => value,
    };
    let mut text = String::new();
    let wild = |wild: Wild, text: &mut String| match wild {
        Wild::Any => text.push_str("%02"),
        Wild::AtMost(most) => text.push_str(&"%01".repeat(usize::from(most))),
    };
    wild(value.before, &mut text);
    let alone = value.literal() == Some("-");
    for byte in value.text.bytes() {
        if !alone && (byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02x}"));
        }
    }
    wild(value.after, &mut text);
    text
}

#[cfg(test)]
mod tests;
