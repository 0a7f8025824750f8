//! Reading JSON with a finger on the place, so that every refusal names where it happened.

use super::event::{Event, Intake, Place, Rejected, Sink};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt::{self, Write as _};

/// The largest file that an adapter reads. NVD's largest yearly file is a tenth of it.
pub const LARGEST_FILE: usize = 256 << 20;
/// The most records that one file may hold: three times all CVE records of today.
pub const MOST_RECORDS: usize = 1_000_000;

/// Why a record was not taken, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) pointer: String,
    pub(crate) reason: String,
    /// As [`Rejected::breaks_off`].
    pub(crate) breaks_off: bool,
}

impl Fault {
    pub(crate) fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into(), breaks_off: false }
    }

    /// The file cannot be read on from here.
    pub(crate) fn break_off(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { breaks_off: true, ..Self::new(pointer, reason) }
    }
}

/// Hands on what the records of one file say, and counts what became of them.
pub(crate) struct Collector<'f> {
    file: &'f str,
    to: &'f mut Sink<'f>,
    intake: Intake,
}

impl<'f> Collector<'f> {
    pub(crate) fn new(file: &'f str, to: &'f mut Sink<'f>) -> Self {
        Self { file, to, intake: Intake::default() }
    }

    /// Counts one record, whose events are taken all or not at all.
    pub(crate) fn record(&mut self, made: Result<Vec<Event>, Fault>) {
        self.intake.records += 1;
        match made {
            Ok(events) => {
                self.intake.taken += 1;
                events.into_iter().for_each(&mut *self.to);
            }
            Err(fault) => self.intake.rejected.push(Rejected {
                place: Place { file: self.file.into(), pointer: fault.pointer },
                reason: fault.reason,
                breaks_off: fault.breaks_off,
            }),
        }
    }

    pub(crate) fn finish(self) -> Intake {
        self.intake
    }
}

/// The text of a file, or why it cannot be read at all. A byte order mark is passed over.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > LARGEST_FILE {
        let reason =
            format!("expected at most {LARGEST_FILE} bytes, found {}: split the file", bytes.len());
        return Err(Fault::break_off("", reason));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        let reason = "expected UTF-8, found other bytes: convert the file";
        Fault::break_off(format!("line {line}"), reason)
    })
}

/// One JSON document. Nesting beyond 128 levels is refused by the parser.
pub(crate) fn document(bytes: &[u8]) -> Result<Value, Fault> {
    serde_json::from_str(text_of(bytes)?).map_err(|error| unreadable("", &error))
}

fn unreadable(base: &str, error: &serde_json::Error) -> Fault {
    let place = if base.is_empty() { format!("line {}", error.line()) } else { base.into() };
    Fault::break_off(place, format!("expected JSON, found: {error}; fetch the file again"))
}

/// Every record of a file that is one record, an array of them, an object with the array in one of `wrappers`, or
/// one record a line.
pub(crate) fn records(
    bytes: &[u8],
    file: &str,
    to: &mut Sink<'_>,
    wrappers: &[&str],
    read: impl Fn(&Node<'_, '_>) -> Result<Vec<Event>, Fault>,
) -> Intake {
    let mut collector = Collector::new(file, to);
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err(fault) => {
            collector.record(Err(fault));
            return collector.finish();
        }
    };
    if looks_like_lines(text) {
        lines(&mut collector, text, &read);
        return collector.finish();
    }
    let mut source = serde_json::Deserializer::from_str(text);
    let document = Document { collector: &mut collector, wrappers, read: &read };
    if let Err(error) = source.deserialize_any(document).and_then(|()| source.end()) {
        collector.record(Err(unreadable("", &error)));
    }
    collector.finish()
}

/// A document whose records are read one after another: no more than one of them stands in memory as a tree.
struct Document<'c, 'f, R> {
    collector: &'c mut Collector<'f>,
    wrappers: &'c [&'c str],
    read: &'c R,
}

impl<'de, R: Fn(&Node<'_, '_>) -> Result<Vec<Event>, Fault>> Visitor<'de> for Document<'_, '_, R> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a record or an array of them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        let path = Path::Root("");
        List { collector: self.collector, path: &path, read: self.read }.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (root, mut fields, mut wrapped) = (Path::Root(""), serde_json::Map::new(), false);
        while let Some(key) = map.next_key::<String>()? {
            if self.wrappers.contains(&&*key) {
                wrapped = true;
                let path = Path::Field(&root, &key);
                map.next_value_seed(List {
                    collector: &mut *self.collector,
                    path: &path,
                    read: self.read,
                })?;
            } else if wrapped {
                map.next_value::<IgnoredAny>()?;
            } else {
                fields.insert(key, map.next_value()?);
            }
        }
        if !wrapped {
            self.collector.record((self.read)(&Node { value: &Value::Object(fields), path: root }));
        }
        Ok(())
    }
}

/// An array of records.
struct List<'c, 'f, R> {
    collector: &'c mut Collector<'f>,
    path: &'c Path<'c>,
    read: &'c R,
}

impl<'de, R: Fn(&Node<'_, '_>) -> Result<Vec<Event>, Fault>> DeserializeSeed<'de>
    for List<'_, '_, R>
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_seq(self)
    }
}

impl<'de, R: Fn(&Node<'_, '_>) -> Result<Vec<Event>, Fault>> Visitor<'de> for List<'_, '_, R> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for index in 0..MOST_RECORDS {
            let Some(value) = list.next_element::<Value>()? else { return Ok(()) };
            let node = Node { value: &value, path: Path::Item(self.path, index) };
            self.collector.record((self.read)(&node));
        }
        if list.next_element::<IgnoredAny>()?.is_some() {
            let reason = format!("expected at most {MOST_RECORDS} records: split the file");
            let mut place = String::new();
            self.path.write(&mut place);
            self.collector.record(Err(Fault::break_off(place, reason)));
            while list.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }
}

/// Several lines of which the first is a whole document by itself.
fn looks_like_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or("").trim();
    let alone = |text| serde_json::from_str::<IgnoredAny>(text).is_ok();
    lines.next().is_some() && first.starts_with('{') && first.ends_with('}') && alone(first)
}

fn lines(
    collector: &mut Collector<'_>,
    text: &str,
    read: &impl Fn(&Node<'_, '_>) -> Result<Vec<Event>, Fault>,
) {
    let full = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (index, line) in full.take(MOST_RECORDS) {
        let base = format!("line {}", index + 1);
        let made = serde_json::from_str::<Value>(line)
            .map_err(|error| unreadable(&base, &error))
            .and_then(|value| read(&Node::root(&value, &base)));
        collector.record(made);
    }
}

/// Where a value stands, as a chain back to the root; written out only when somebody asks.
#[derive(Clone, Copy)]
enum Path<'p> {
    Root(&'p str),
    Field(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Root(base) => out.push_str(base),
            Self::Field(parent, key) => {
                parent.write(out);
                out.push('/');
                out.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Self::Item(parent, index) => {
                parent.write(out);
                let _ = write!(out, "/{index}");
            }
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Node<'v, 'p> {
    pub(crate) value: &'v Value,
    path: Path<'p>,
}

impl<'v, 'p> Node<'v, 'p> {
    pub(crate) fn root(value: &'v Value, base: &'p str) -> Self {
        Self { value, path: Path::Root(base) }
    }

    /// The JSON pointer.
    pub(crate) fn pointer(&self) -> String {
        let mut out = String::new();
        self.path.write(&mut out);
        out
    }

    /// The place in `file`.
    pub(crate) fn place(&self, file: &str) -> Place {
        Place { file: file.into(), pointer: self.pointer() }
    }

    /// A refusal at this place.
    pub(crate) fn fault(&self, expected: &str) -> Fault {
        let found = match self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => format!("{flag}"),
            Value::Number(number) => format!("the number {number}"),
            Value::String(text) => {
                format!("the text {:?}", text.chars().take(60).collect::<String>())
            }
            Value::Array(items) => format!("an array of {}", items.len()),
            Value::Object(fields) => format!("an object of {}", fields.len()),
        };
        Fault::new(self.pointer(), format!("expected {expected}, found {found}"))
    }

    /// A field that is there and not null.
    pub(crate) fn get<'n>(&'n self, key: &'n str) -> Option<Node<'v, 'n>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node { value, path: Path::Field(&self.path, key) })
    }

    /// A text field that must be there and hold something.
    pub(crate) fn need(&self, key: &str) -> Result<&'v str, Fault> {
        match self.get(key) {
            Some(node) => match node.text()? {
                "" => Err(node.fault("some text")),
                text => Ok(text),
            },
            None => Err(Fault::new(
                self.pointer(),
                format!("expected a field {key:?}, found none: complete the record"),
            )),
        }
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Result<&'v str, Fault> {
        self.value.as_str().ok_or_else(|| self.fault("text"))
    }

    /// A text field that may be absent.
    pub(crate) fn maybe(&self, key: &str) -> Result<Option<&'v str>, Fault> {
        self.get(key).map(|node| node.text()).transpose()
    }

    /// A text field that may be absent, owned.
    pub(crate) fn owned(&self, key: &str) -> Result<Option<String>, Fault> {
        Ok(self.maybe(key)?.map(str::to_owned))
    }

    /// Runs over a list that may be absent.
    pub(crate) fn each(
        &self,
        key: &str,
        mut visit: impl FnMut(&Node<'v, '_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(list) = self.get(key) else { return Ok(()) };
        let items = list.value.as_array().ok_or_else(|| list.fault("an array"))?;
        for (index, value) in items.iter().enumerate() {
            visit(&Node { value, path: Path::Item(&list.path, index) })?;
        }
        Ok(())
    }

    /// A list of texts that may be absent.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, Fault> {
        let mut out = Vec::new();
        self.each(key, |item| {
            out.push(item.text()?.to_owned());
            Ok(())
        })?;
        Ok(out)
    }
}
