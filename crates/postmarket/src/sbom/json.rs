//! A JSON document as a tree that borrows from its bytes, with a bound on how much it may grow to.
//!
//! Members are sorted by name. A name that stands twice in one object is refused: two readers could otherwise see two
//! different bills in the same bytes.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::error::{BillError, quoted};
use super::limits::Limits;

/// One JSON value.
#[derive(Clone, Debug)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    /// Sorted by name, no name twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The tree of a whole document.
    pub(super) fn parse(file: &str, bytes: &'a [u8], limits: &Limits) -> Result<Self, BillError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let budget = Budget { left: Cell::new(limits.values), depth: limits.depth };
        let mut source = serde_json::Deserializer::from_slice(bytes);
        let parsed = Seed { budget: &budget, level: 0 }
            .deserialize(&mut source)
            .and_then(|value| source.end().map(|()| value));
        parsed.map_err(|error| {
            let file = file.to_owned();
            if budget.left.get() == 0 {
                BillError::TooMuch { file, what: "values", limit: limits.values }
            } else if error.to_string().starts_with(TOO_DEEP) {
                BillError::TooMuch { file, what: "levels of nesting", limit: limits.depth }
            } else {
                let place = format!("line {} column {}", error.line(), error.column());
                BillError::Syntax { file, place, message: error.to_string() }
            }
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        // Objects are small, and names that differ mostly differ in length: this is quicker than to halve.
        members.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The text of a member.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::text)
    }

    /// A member's text, owned; empty text is no text.
    pub(super) fn string_of(&self, name: &str) -> Option<String> {
        self.text_of(name).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    /// The items of a list; nothing for anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The items of a member that is a list.
    pub(super) fn items_of(&self, name: &str) -> &[Self] {
        self.get(name).map_or(&[], Self::items)
    }

    /// The kind of the value as messages name it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The value as messages quote it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Number(number) => format!("`{number}`"),
            Self::Bool(value) => format!("`{value}`"),
            _ => self.kind().to_owned(),
        }
    }

    /// An object from members in any order. A later member of the same name is left out.
    pub(super) fn object(mut members: Vec<(Cow<'a, str>, Self)>) -> Self {
        members.sort_by(|left, right| left.0.cmp(&right.0));
        members.dedup_by(|later, earlier| later.0 == earlier.0);
        Self::Object(members)
    }

    /// A total order, so that equal values stand beside each other once sorted.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => left.total_cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::List(left), Self::List(right)) => {
                in_order(left.iter().zip(right).map(|(l, r)| l.order(r)), left.len(), right.len())
            }
            (Self::Object(left), Self::Object(right)) => in_order(
                left.iter().zip(right).map(|(l, r)| l.0.cmp(&r.0).then_with(|| l.1.order(&r.1))),
                left.len(),
                right.len(),
            ),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::Text(_) => 3,
            Self::List(_) => 4,
            Self::Object(_) => 5,
        }
    }
}

fn in_order(pairs: impl Iterator<Item = Ordering>, left: usize, right: usize) -> Ordering {
    for pair in pairs {
        if pair != Ordering::Equal {
            return pair;
        }
    }
    left.cmp(&right)
}

/// The JSON pointer of a member: `/` and `~` escaped as RFC 6901 says.
pub(super) fn pointer(parent: &str, name: &str) -> String {
    if name.contains(['~', '/']) {
        format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
    } else {
        format!("{parent}/{name}")
    }
}

const TOO_DEEP: &str = "nested too deep";

struct Budget {
    left: Cell<usize>,
    depth: usize,
}

#[derive(Clone, Copy)]
struct Seed<'b> {
    budget: &'b Budget,
    level: usize,
}

impl Seed<'_> {
    fn below(self) -> Self {
        Self { budget: self.budget, level: self.level + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
        let left = self.budget.left.get().checked_sub(1);
        self.budget.left.set(left.unwrap_or(0));
        if left.is_none_or(|left| left == 0) {
            return Err(D::Error::custom("too many values"));
        }
        if self.level > self.budget.depth {
            return Err(D::Error::custom(TOO_DEEP));
        }
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "no field of a bill needs more than 53 bits")]
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "no field of a bill needs more than 53 bits")]
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self.below())? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        // Most objects of a bill have some five members.
        let mut members = Vec::with_capacity(8);
        while let Some(Name(name)) = access.next_key()? {
            members.push((name, access.next_value_seed(self.below())?));
        }
        members.sort_by(|left, right| left.0.cmp(&right.0));
        let twice = members.iter().zip(members.iter().skip(1)).find(|(l, r)| l.0 == r.0);
        if let Some(((name, _), _)) = twice {
            return Err(A::Error::custom(format!("the member {} stands twice", quoted(name))));
        }
        Ok(Json::Object(members))
    }
}

/// A member's name, borrowed where it holds no escape.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json<'_>, BillError> {
        Json::parse(
            "x.json",
            text.as_bytes(),
            &Limits { depth: 4, values: 20, ..Limits::default() },
        )
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_with_its_place() {
        let error = read("{\"a\":1,\n\"a\":2}").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("`a` stands twice"), "{error}");
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        assert!(read("[[[[1]]]]").is_ok());
        let deep = read("[[[[[1]]]]]").unwrap_err();
        assert!(matches!(deep, BillError::TooMuch { what: "levels of nesting", limit: 4, .. }));
        let many = read(&format!("[{}1]", "1,".repeat(30))).unwrap_err();
        assert!(matches!(many, BillError::TooMuch { what: "values", limit: 20, .. }));
    }

    #[test]
    fn pointers_are_escaped_and_names_found() {
        let tree = read(r#"{"b":"x","a/b":null,"a":[true]}"#).unwrap();
        assert_eq!(tree.text_of("b"), Some("x"));
        assert_eq!(tree.items_of("a").len(), 1);
        assert_eq!(pointer("/x", "a/b~"), "/x/a~1b~0");
    }

    #[test]
    fn text_after_the_document_is_refused() {
        assert!(matches!(read("{} {}"), Err(BillError::Syntax { .. })));
    }
}
