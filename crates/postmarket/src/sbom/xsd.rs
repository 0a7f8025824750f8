//! The part of XML Schema that CycloneDX's official schemas use, compiled from the embedded files.
//!
//! Content models are read greedily and without going back: XML Schema demands that they can be ("unique particle
//! attribution"). What this module does not know fails a test.

mod check;
mod simple;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::limits::Limits;
use super::xml::Element;
use simple::Simple;

const DOCUMENTS: [(&str, &str); 6] = [
    ("1.2", include_str!("../../schemas/cyclonedx/1.2.xsd")),
    ("1.3", include_str!("../../schemas/cyclonedx/1.3.xsd")),
    ("1.4", include_str!("../../schemas/cyclonedx/1.4.xsd")),
    ("1.5", include_str!("../../schemas/cyclonedx/1.5.xsd")),
    ("1.6", include_str!("../../schemas/cyclonedx/1.6.xsd")),
    ("1.7", include_str!("../../schemas/cyclonedx/1.7.xsd")),
];
const SPDX: &str = include_str!("../../schemas/cyclonedx/spdx.xsd");

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Xsd {
    /// The namespace that it describes.
    pub(super) namespace: String,
    types: Vec<Kind>,
    root: Option<(String, usize)>,
}

/// What an element of a type may hold.
#[derive(Clone, Debug, Default)]
struct Kind {
    /// Text, where text is allowed and bound to something.
    text: Option<Simple>,
    /// Whether any text at all may stand in it.
    mixed: bool,
    content: Option<Particle>,
    attributes: Vec<AttributeRule>,
    /// Attributes beside those: of any namespace, of other namespaces, none.
    others: Others,
    /// Nothing is known of it: everything is allowed.
    anything: bool,
}

#[derive(Clone, Debug)]
struct AttributeRule {
    name: String,
    value: Option<Simple>,
    required: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Others {
    #[default]
    None,
    OtherNamespace,
    Any,
}

/// A part of a content model.
#[derive(Clone, Debug)]
struct Particle {
    term: Term,
    least: usize,
    /// `None`: without bound.
    most: Option<usize>,
}

#[derive(Clone, Debug)]
enum Term {
    Element { name: String, kind: usize },
    Wildcard { any: bool },
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
}

/// The schema of one CycloneDX version, compiled at its first use.
pub(super) fn cyclonedx(version: &str) -> Option<&'static Xsd> {
    static COMPILED: [OnceLock<Option<Xsd>>; DOCUMENTS.len()] =
        [const { OnceLock::new() }; DOCUMENTS.len()];
    let at = DOCUMENTS.iter().position(|(known, _)| *known == version)?;
    let (_, text) = DOCUMENTS.get(at)?;
    COMPILED.get(at)?.get_or_init(|| Compiler::compile(text).map(|found| found.0)).as_ref()
}

struct Compiler {
    schema: Element,
    licences: Element,
    types: Vec<Kind>,
    /// Named complex types that were compiled, or are being.
    known: BTreeMap<String, usize>,
    strange: Vec<String>,
}

impl Compiler {
    /// The schema, and what in it was not understood.
    fn compile(text: &str) -> Option<(Xsd, Vec<String>)> {
        let limits = Limits::default();
        let schema = Element::parse("schema", text.as_bytes(), &limits).ok()?;
        let licences = Element::parse("spdx.xsd", SPDX.as_bytes(), &limits).ok()?;
        let namespace = schema.attribute("targetNamespace")?.to_owned();
        let mut compiler = Self {
            schema,
            licences,
            types: Vec::new(),
            known: BTreeMap::new(),
            strange: Vec::new(),
        };
        let source = compiler.schema.named("element").next()?.clone();
        let root = compiler.element(&source);
        let root = source.attribute("name").map(|name| (name.to_owned(), root));
        Some((Xsd { namespace, types: compiler.types, root }, compiler.strange))
    }

    /// The type of an element's declaration.
    fn element(&mut self, source: &Element) -> usize {
        if let Some(inline) = source.child("complexType") {
            let kind = self.complex(inline);
            return self.add(kind);
        }
        if let Some(inline) = source.child("simpleType") {
            let kind = Kind { text: Some(self.simple(inline)), ..Kind::default() };
            return self.add(kind);
        }
        match source.attribute("type").map(str::to_owned) {
            None => self.add(Kind { anything: true, ..Kind::default() }),
            Some(name) => self.named(&name),
        }
    }

    fn add(&mut self, kind: Kind) -> usize {
        self.types.push(kind);
        self.types.len() - 1
    }

    /// The type of a name such as `bom:component`, `xs:string`.
    fn named(&mut self, name: &str) -> usize {
        if let Some(index) = self.known.get(name) {
            return *index;
        }
        let index = self.add(Kind::default());
        self.known.insert(name.to_owned(), index);
        let local = name.rsplit(':').next().unwrap_or(name);
        let mut complex = self.schema.named("complexType");
        let source = complex.find(|kind| kind.attribute("name") == Some(local)).cloned();
        drop(complex);
        let kind = match source {
            Some(source) if !name.starts_with("xs:") => self.complex(&source),
            _ => Kind { text: Some(self.simple_named(name)), ..Kind::default() },
        };
        if let Some(place) = self.types.get_mut(index) {
            *place = kind;
        }
        index
    }

    fn complex(&mut self, source: &Element) -> Kind {
        let mut kind = Kind { mixed: source.attribute("mixed") == Some("true"), ..Kind::default() };
        self.body(source, &mut kind);
        kind
    }

    fn body(&mut self, source: &Element, kind: &mut Kind) {
        for part in &source.children {
            match part.name.as_str() {
                "sequence" | "choice" => kind.content = Some(self.particle(part)),
                "attribute" => {
                    let value = match part.attribute("type").map(str::to_owned) {
                        Some(name) => Some(self.simple_named(&name)),
                        None => part.child("simpleType").map(|inline| self.simple(inline)),
                    };
                    kind.attributes.push(AttributeRule {
                        name: part.attribute("name").unwrap_or_default().to_owned(),
                        value,
                        required: part.attribute("use") == Some("required"),
                    });
                }
                "anyAttribute" => {
                    let other = part.attribute("namespace") == Some("##other");
                    kind.others = if other { Others::OtherNamespace } else { Others::Any };
                }
                "attributeGroup" => {
                    let name = part.attribute("ref").unwrap_or_default();
                    let local = name.rsplit(':').next().unwrap_or(name);
                    let mut groups = self.schema.named("attributeGroup");
                    let group =
                        groups.find(|group| group.attribute("name") == Some(local)).cloned();
                    drop(groups);
                    match group {
                        Some(group) => self.body(&group, kind),
                        None => self.strange.push(format!("attributeGroup {name}")),
                    }
                }
                "simpleContent" => {
                    for extension in &part.children {
                        let base = extension.attribute("base").unwrap_or_default().to_owned();
                        kind.text = Some(self.simple_named(&base));
                        self.body(extension, kind);
                    }
                }
                "annotation" => {}
                other => self.strange.push(other.to_owned()),
            }
        }
    }

    fn particle(&mut self, source: &Element) -> Particle {
        let least = source.attribute("minOccurs").and_then(|count| count.parse().ok()).unwrap_or(1);
        let most = match source.attribute("maxOccurs") {
            Some("unbounded") => None,
            Some(count) => count.parse().ok().or(Some(1)),
            None => Some(1),
        };
        let parts = |compiler: &mut Self| {
            let kept = source.children.iter().filter(|part| part.name != "annotation");
            kept.map(|part| compiler.particle(part)).collect::<Vec<_>>()
        };
        let term = match source.name.as_str() {
            "sequence" => Term::Sequence(parts(self)),
            "choice" => Term::Choice(parts(self)),
            "any" => Term::Wildcard { any: source.attribute("namespace") == Some("##any") },
            "element" => Term::Element {
                name: source.attribute("name").unwrap_or_default().to_owned(),
                kind: self.element(source),
            },
            other => {
                self.strange.push(other.to_owned());
                Term::Sequence(Vec::new())
            }
        };
        Particle { term, least, most }
    }

    fn simple_named(&mut self, name: &str) -> Simple {
        if let Some(builtin) = name.strip_prefix("xs:") {
            return Simple::builtin(builtin).unwrap_or_else(|| {
                self.strange.push(name.to_owned());
                Simple::default()
            });
        }
        let local = name.rsplit(':').next().unwrap_or(name);
        let home = if name.starts_with("spdx:") { &self.licences } else { &self.schema };
        let source =
            home.named("simpleType").find(|kind| kind.attribute("name") == Some(local)).cloned();
        match source {
            Some(source) => self.simple(&source),
            None => {
                self.strange.push(format!("simpleType {name}"));
                Simple::default()
            }
        }
    }

    fn simple(&mut self, source: &Element) -> Simple {
        if let Some(union) = source.child("union") {
            let members = union.attribute("memberTypes").unwrap_or_default().to_owned();
            let mut either: Vec<Simple> =
                members.split_whitespace().map(|name| self.simple_named(name)).collect();
            for inline in union.named("simpleType") {
                either.push(self.simple(inline));
            }
            return Simple::union(either);
        }
        let Some(restriction) = source.child("restriction") else {
            self.strange.push("simpleType without restriction or union".to_owned());
            return Simple::default();
        };
        let base = restriction.attribute("base").unwrap_or("xs:string").to_owned();
        let mut simple = self.simple_named(&base);
        for facet in &restriction.children {
            let value = facet.attribute("value").unwrap_or_default();
            if facet.name != "annotation" && !simple.restrict(&facet.name, value) {
                self.strange.push(format!("{} {value}", facet.name));
            }
        }
        simple.finish();
        simple
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_embedded_schemas_is_understood() {
        for (version, text) in DOCUMENTS {
            let (xsd, strange) = Compiler::compile(text).expect(version);
            assert_eq!(strange, Vec::<String>::new(), "{version}");
            assert!(xsd.types.len() > 40, "{version}: {}", xsd.types.len());
            assert!(xsd.namespace.ends_with(version), "{}", xsd.namespace);
            assert_eq!(xsd.root.expect(version).0, "bom");
        }
    }
}
