//! Reads entries one by one, so that a large or hostile file costs no more than its readings.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands in a field of an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Scalar {
    #[default]
    Missing,
    Number(f64),
    Text(String),
    /// A list or an object, where none belongs.
    Compound,
}

impl Scalar {
    pub(super) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn or<'scalar>(&'scalar self, other: &'scalar Self) -> &'scalar Self {
        if *self == Self::Missing { other } else { self }
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Compound => "a list or an object".to_owned(),
        }
    }
}

/// The fields of an entry that matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) kind: Scalar,
    pub(super) sgv: Scalar,
    pub(super) mgdl: Scalar,
    pub(super) date: Scalar,
    pub(super) mills: Scalar,
    pub(super) date_string: Scalar,
    pub(super) utc_offset: Scalar,
}

impl Entry {
    fn field(&mut self, name: &str) -> Option<&mut Scalar> {
        Some(match name {
            "type" => &mut self.kind,
            "sgv" => &mut self.sgv,
            "mgdl" => &mut self.mgdl,
            "date" => &mut self.date,
            "mills" => &mut self.mills,
            "dateString" => &mut self.date_string,
            "utcOffset" => &mut self.utc_offset,
            _ => return None,
        })
    }
}

/// Where entries go: each in the file's order, or `None` for what is no object.
pub(super) trait Sink {
    fn take(&mut self, entry: Option<&Entry>);
}

/// A document: a list of entries, a page with the list under `result`, or one entry.
pub(super) struct Document<'sink, S: Sink>(pub(super) &'sink mut S);

impl<'de, S: Sink> DeserializeSeed<'de> for Document<'_, S> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(ItemVisitor { sink: self.0, lists: true })
    }
}

struct Item<'sink, S: Sink>(&'sink mut S);

impl<'de, S: Sink> DeserializeSeed<'de> for Item<'_, S> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(ItemVisitor { sink: self.0, lists: false })
    }
}

struct ItemVisitor<'sink, S: Sink> {
    sink: &'sink mut S,
    /// Whether a list is a list of entries here, or no entry.
    lists: bool,
}

impl<'de, S: Sink> Visitor<'de> for ItemVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Nightscout entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.lists {
            while list.next_element_seed(Item(&mut *self.sink))?.is_some() {}
        } else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            self.sink.take(None);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut entry = Entry::default();
        let mut page = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "result" && self.lists {
                page = true;
                map.next_value_seed(Document(&mut *self.sink))?;
            } else if let Some(field) = entry.field(&key) {
                *field = map.next_value_seed(ScalarSeed)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if !page {
            self.sink.take(Some(&entry));
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.visit_unit()
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.sink.take(None);
        Ok(())
    }
}

struct ScalarSeed;

impl<'de> DeserializeSeed<'de> for ScalarSeed {
    type Value = Scalar;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ScalarSeed {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number or a text")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_string()))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value as f64))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value as f64))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Scalar, E> {
        // No field that matters is long; what is cut could not be read anyway.
        Ok(Scalar::Text(value.chars().take(64).collect()))
    }
    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Missing)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }
}
