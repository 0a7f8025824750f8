//! The part of JSON Schema (draft 7) that CycloneDX's official schemas use, compiled from the embedded files.
//!
//! The schemas are data: a new version of the standard is a new file and a line in [`DOCUMENTS`]. A keyword that this
//! module does not know fails a test, so that nothing in them is passed over silently.

mod check;
mod format;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex_lite::Regex;

use super::json::{Json, pointer};
use super::limits::Limits;

pub(super) use format::{is_date, is_date_time, is_iri_reference, is_time};

/// Every embedded schema: its file name, as other schemas refer to it, and its text.
const DOCUMENTS: &[(&str, &str)] = &[
    ("1.2.json", include_str!("../../schemas/cyclonedx/1.2.json")),
    ("1.3.json", include_str!("../../schemas/cyclonedx/1.3.json")),
    ("1.4.json", include_str!("../../schemas/cyclonedx/1.4.json")),
    ("1.5.json", include_str!("../../schemas/cyclonedx/1.5.json")),
    ("1.6.json", include_str!("../../schemas/cyclonedx/1.6.json")),
    ("1.7.json", include_str!("../../schemas/cyclonedx/1.7.json")),
    ("spdx.json", include_str!("../../schemas/cyclonedx/spdx.json")),
    ("jsf-0.82.json", include_str!("../../schemas/cyclonedx/jsf-0.82.json")),
    ("cryptography-defs.json", include_str!("../../schemas/cyclonedx/cryptography-defs.json")),
];

/// The versions of CycloneDX that have a JSON schema here.
pub(super) const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// A compiled schema: nodes that refer to each other by index; the first is the root.
#[derive(Debug)]
pub(super) struct Schema {
    nodes: Vec<Node>,
}

/// What one schema object demands of a value. Empty demands nothing.
#[derive(Debug, Default)]
struct Node {
    /// In draft 7 a reference stands for all that is beside it.
    reference: Option<usize>,
    types: Vec<Type>,
    /// Sorted by length, then name: most comparisons of two names end at their lengths.
    properties: Vec<(&'static str, usize)>,
    required: Vec<&'static str>,
    /// `additionalProperties`: `None` allows anything.
    additional: Option<Additional>,
    items: Option<usize>,
    /// `items` as a list: one schema for each of the first items.
    first_items: Vec<usize>,
    /// `additionalItems` is false: no item after [`Node::first_items`].
    closed: bool,
    item_count: Bounds,
    unique_items: bool,
    /// Sorted by [`Json::order`].
    choices: Option<Vec<Json<'static>>>,
    pattern: Option<Pattern>,
    format: Option<&'static str>,
    length: Bounds,
    range: Bounds,
    one_of: Vec<usize>,
    any_of: Vec<usize>,
    all_of: Vec<usize>,
    not: Option<usize>,
    condition: Option<Condition>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    Object,
    List,
    Text,
    Number,
    Integer,
    Bool,
    Null,
}

#[derive(Clone, Copy, Debug)]
enum Additional {
    Forbidden,
    As(usize),
}

#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    least: Option<f64>,
    most: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Condition {
    when: usize,
    then: Option<usize>,
    otherwise: Option<usize>,
}

/// A `pattern`. That of hash values is on every component and so has its own, faster test.
#[derive(Debug)]
enum Pattern {
    HashValue,
    Other(Box<Regex>),
}

const HASH_VALUE: &str =
    "^([a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128})$";

/// The schema of one CycloneDX version, compiled at its first use.
pub(super) fn cyclonedx(version: &str) -> Option<&'static Schema> {
    static COMPILED: [OnceLock<Schema>; VERSIONS.len()] =
        [const { OnceLock::new() }; VERSIONS.len()];
    let at = VERSIONS.iter().position(|known| *known == version)?;
    let cell = COMPILED.get(at)?;
    Some(cell.get_or_init(|| Compiler::compile(&format!("{version}.json"))))
}

/// Whether a text is an id of SPDX's licence list.
pub(super) fn is_licence(id: &str) -> bool {
    let ids = document("spdx.json").map_or(&[][..], |schema| schema.items_of("enum"));
    static SORTED: OnceLock<std::collections::BTreeSet<&'static str>> = OnceLock::new();
    SORTED.get_or_init(|| ids.iter().filter_map(Json::text).collect()).contains(id)
}

fn document(name: &str) -> Option<&'static Json<'static>> {
    static PARSED: [OnceLock<Option<Json<'static>>>; DOCUMENTS.len()] =
        [const { OnceLock::new() }; DOCUMENTS.len()];
    let at = DOCUMENTS.iter().position(|(known, _)| *known == name)?;
    let (name, text) = DOCUMENTS.get(at)?;
    let parsed = PARSED.get(at)?;
    parsed.get_or_init(|| Json::parse(name, text.as_bytes(), &Limits::default()).ok()).as_ref()
}

/// Turns schema objects into nodes; one that is met again, as in a recursion, is the node that it was.
struct Compiler {
    nodes: Vec<Node>,
    known: BTreeMap<(String, String), usize>,
    /// Keywords that are not understood, for the test.
    strange: Vec<String>,
}

impl Compiler {
    fn compile(name: &str) -> Schema {
        let mut compiler = Self { nodes: Vec::new(), known: BTreeMap::new(), strange: Vec::new() };
        compiler.refer(name, "#");
        Schema { nodes: compiler.nodes }
    }

    /// The node of a reference such as `spdx.json` or `#/definitions/component`, seen from a document.
    fn refer(&mut self, from: &str, reference: &str) -> usize {
        let (name, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let name = if name.is_empty() { from } else { name };
        let mut target = document(name);
        for step in fragment.split('/').filter(|step| !step.is_empty()) {
            target = target.and_then(|value| value.get(step));
        }
        match target {
            Some(value) => self.node(name, fragment, value),
            None => {
                self.strange.push(format!("reference {reference}"));
                self.nodes.push(Node::default());
                self.nodes.len() - 1
            }
        }
    }

    fn node(&mut self, file: &str, at: &str, source: &'static Json<'static>) -> usize {
        let key = (file.to_owned(), at.to_owned());
        if let Some(index) = self.known.get(&key) {
            return *index;
        }
        let index = self.nodes.len();
        self.known.insert(key, index);
        self.nodes.push(Node::default());
        let mut node = Node::default();
        if let Json::Object(members) = source {
            for (keyword, value) in members {
                let at = pointer(at, keyword);
                if !self.value_keyword(&mut node, keyword, value)
                    && !self.schema_keyword(&mut node, file, &at, keyword, value)
                {
                    self.strange.push(format!("{file}#{at}"));
                }
            }
            self.conditional(&mut node, file, at, source);
        }
        if let Some(place) = self.nodes.get_mut(index) {
            *place = node;
        }
        index
    }

    /// Keywords that hold plain values.
    fn value_keyword(
        &mut self,
        node: &mut Node,
        keyword: &str,
        value: &'static Json<'static>,
    ) -> bool {
        let number = if let Json::Number(number) = value { Some(*number) } else { None };
        let texts = || value.items().iter().filter_map(Json::text).collect::<Vec<&'static str>>();
        match keyword {
            "type" => {
                let names = value.text().map_or_else(texts, |name| vec![name]);
                node.types = names.into_iter().filter_map(Type::named).collect();
            }
            "required" => node.required = texts(),
            "enum" => {
                let mut choices = value.items().to_vec();
                choices.sort_by(Json::order);
                node.choices = Some(choices);
            }
            "const" => node.choices = Some(vec![value.clone()]),
            "format" => node.format = value.text(),
            "pattern" => node.pattern = value.text().and_then(Pattern::new),
            "minimum" => node.range.least = number,
            "maximum" => node.range.most = number,
            "minLength" => node.length.least = number,
            "maxLength" => node.length.most = number,
            "minItems" => node.item_count.least = number,
            "maxItems" => node.item_count.most = number,
            "uniqueItems" => node.unique_items = matches!(value, Json::Bool(true)),
            "additionalItems" => node.closed = matches!(value, Json::Bool(false)),
            "$schema" | "$id" | "definitions" => {}
            "if" | "then" | "else" => {}
            _ => return false,
        }
        true
    }

    /// Keywords that hold schemas.
    fn schema_keyword(
        &mut self,
        node: &mut Node,
        file: &str,
        at: &str,
        keyword: &str,
        value: &'static Json<'static>,
    ) -> bool {
        match keyword {
            "$ref" => node.reference = value.text().map(|target| self.refer(file, target)),
            "properties" => {
                if let Json::Object(members) = value {
                    node.properties = members
                        .iter()
                        .map(|(name, schema)| {
                            (name.as_ref(), self.node(file, &pointer(at, name), schema))
                        })
                        .collect();
                    node.properties.sort_by_key(|(name, _)| (name.len(), *name));
                }
            }
            "additionalProperties" => {
                node.additional = match value {
                    Json::Bool(false) => Some(Additional::Forbidden),
                    Json::Bool(true) => None,
                    schema => Some(Additional::As(self.node(file, at, schema))),
                };
            }
            "items" if matches!(value, Json::List(_)) => {
                node.first_items = self.list(file, at, value);
            }
            "items" => node.items = Some(self.node(file, at, value)),
            "not" => node.not = Some(self.node(file, at, value)),
            "oneOf" => node.one_of = self.list(file, at, value),
            "anyOf" => node.any_of = self.list(file, at, value),
            "allOf" => node.all_of = self.list(file, at, value),
            _ => return false,
        }
        true
    }

    fn list(&mut self, file: &str, at: &str, value: &'static Json<'static>) -> Vec<usize> {
        let items = value.items().iter().enumerate();
        items.map(|(index, schema)| self.node(file, &format!("{at}/{index}"), schema)).collect()
    }

    fn conditional(
        &mut self,
        node: &mut Node,
        file: &str,
        at: &str,
        source: &'static Json<'static>,
    ) {
        let mut part =
            |name: &str| source.get(name).map(|schema| self.node(file, &pointer(at, name), schema));
        if let Some(when) = part("if") {
            node.condition = Some(Condition { when, then: part("then"), otherwise: part("else") });
        }
    }
}

impl Type {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "object" => Self::Object,
            "array" => Self::List,
            "string" => Self::Text,
            "number" => Self::Number,
            "integer" => Self::Integer,
            "boolean" => Self::Bool,
            "null" => Self::Null,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Integer => "a whole number",
            Self::Bool => "a boolean",
            Self::Null => "null",
        }
    }
}

impl Pattern {
    fn new(text: &str) -> Option<Self> {
        if text == HASH_VALUE {
            return Some(Self::HashValue);
        }
        Regex::new(text).ok().map(|regex| Self::Other(Box::new(regex)))
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::HashValue => is_hash_value(text),
            Self::Other(regex) => regex.is_match(text),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::HashValue => "32, 40, 64, 96 or 128 hexadecimal digits".to_owned(),
            Self::Other(regex) => format!("text of the pattern {}", regex.as_str()),
        }
    }
}

/// The digits of a hash of 128 to 512 bits.
pub(super) fn is_hash_value(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 96 | 128)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_and_reference_of_the_embedded_schemas_is_understood() {
        for version in VERSIONS {
            let mut compiler =
                Compiler { nodes: Vec::new(), known: BTreeMap::new(), strange: Vec::new() };
            compiler.refer(&format!("{version}.json"), "#");
            assert_eq!(compiler.strange, Vec::<String>::new(), "{version}");
            assert!(compiler.nodes.len() > 100, "{version}: {}", compiler.nodes.len());
        }
    }

    #[test]
    fn every_pattern_and_format_of_the_embedded_schemas_has_a_test() {
        fn walk(value: &Json<'_>, found: &mut usize) {
            if let Some(pattern) = value.text_of("pattern") {
                assert!(Pattern::new(pattern).is_some(), "{pattern}");
                *found += 1;
            }
            if let Some(name) = value.text_of("format") {
                assert!(format::is_known(name), "{name}");
            }
            match value {
                Json::List(items) => items.iter().for_each(|item| walk(item, found)),
                Json::Object(members) => members.iter().for_each(|member| walk(&member.1, found)),
                _ => {}
            }
        }
        let mut found = 0;
        for (name, _) in DOCUMENTS {
            walk(document(name).expect(name), &mut found);
        }
        assert!(found > 20, "{found}");
    }
}
