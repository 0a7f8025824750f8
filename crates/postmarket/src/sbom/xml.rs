//! An XML document as a bounded tree of elements.
//!
//! Document type declarations are refused, so no entity can expand: only the five of XML itself and character
//! references are known.

use std::rc::Rc;

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::error::BillError;
use super::limits::Limits;

/// Attributes that one element may have; the standard's have fewer than twenty.
const ATTRIBUTES: usize = 256;

/// One element.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    /// The namespace's address; empty if there is none.
    pub(super) namespace: Rc<str>,
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Element>,
    /// All text directly within it, one piece after the other.
    pub(super) text: String,
    /// The line on which it begins.
    pub(super) line: usize,
}

/// One attribute; declarations of namespaces are none.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) namespace: Rc<str>,
    pub(super) name: String,
    pub(super) value: String,
}

impl Element {
    /// The root element of a whole document.
    pub(super) fn parse(file: &str, bytes: &[u8], limits: &Limits) -> Result<Self, BillError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| BillError::Syntax {
            file: file.to_owned(),
            place: format!("byte {}", error.valid_up_to()),
            message: "the text is not UTF-8".to_owned(),
        })?;
        Parser::new(file, text, limits).run()
    }

    /// The value of an attribute without namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let plain = |other: &&Attribute| other.namespace.is_empty() && other.name == name;
        self.attributes.iter().find(plain).map(|found| found.value.as_str())
    }

    /// The first child of a name in the element's own namespace.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name && child.namespace == self.namespace)
    }

    /// The children of a name in the element's own namespace.
    pub(super) fn named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        let own = move |child: &&Self| child.name == name && child.namespace == self.namespace;
        self.children.iter().filter(own)
    }
}

struct Parser<'t> {
    file: &'t str,
    text: &'t str,
    limits: &'t Limits,
    reader: NsReader<&'t [u8]>,
    open: Vec<Element>,
    root: Option<Element>,
    values: usize,
    /// How far lines were counted: byte and line.
    counted: (usize, usize),
    names: Vec<Rc<str>>,
}

impl<'t> Parser<'t> {
    fn new(file: &'t str, text: &'t str, limits: &'t Limits) -> Self {
        let reader = NsReader::from_str(text);
        Self {
            file,
            text,
            limits,
            reader,
            open: Vec::new(),
            root: None,
            values: 0,
            counted: (0, 1),
            names: vec![Rc::from("")],
        }
    }

    fn run(mut self) -> Result<Element, BillError> {
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.broken(error.to_string())),
            };
            match event {
                Event::Start(start) => self.start(&start)?,
                Event::Empty(start) => {
                    self.start(&start)?;
                    self.end()?;
                }
                Event::End(_) => self.end()?,
                Event::Text(text) => self.text(&text.xml10_content())?,
                Event::CData(text) => self.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let named = match &*reference.xml10_content() {
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "amp" => Some('&'),
                        "apos" => Some('\''),
                        "quot" => Some('"'),
                        _ => reference.resolve_char_ref().ok().flatten(),
                    };
                    match named {
                        Some(letter) => self.text(letter.encode_utf8(&mut [0; 4]))?,
                        None => {
                            let message = "an entity that XML itself does not define".to_owned();
                            return Err(self.broken(message));
                        }
                    }
                }
                Event::DocType(_) => {
                    let message = "a document type declaration, which a bill may not have";
                    return Err(self.broken(message.to_owned()));
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        if !self.open.is_empty() {
            return Err(self.broken("the document ends within an element".to_owned()));
        }
        self.root.take().ok_or_else(|| self.broken("there is no element".to_owned()))
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), BillError> {
        if self.root.is_some() {
            return Err(self.broken("a second root element".to_owned()));
        }
        if self.open.len() > self.limits.depth {
            return Err(self.too_much("levels of nesting", self.limits.depth));
        }
        let (space, local) = self.reader.resolver().resolve_element(start.name());
        let space = Self::namespace(&space).map(str::to_owned);
        let name = local.into_inner().to_owned();
        let Some(space) = space else {
            return Err(self.broken("a prefix that no namespace is declared for".to_owned()));
        };
        let mut element = Element {
            namespace: self.shared(&space),
            name,
            line: self.line(),
            ..Element::default()
        };
        for attribute in start.attributes() {
            // Attributes are compared with each other: many in one element would take long.
            if element.attributes.len() >= ATTRIBUTES {
                return Err(self.too_much("attributes of one element", ATTRIBUTES));
            }
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(error) => return Err(self.broken(error.to_string())),
            };
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (space, local) = self.reader.resolver().resolve_attribute(attribute.key);
            let space = Self::namespace(&space).map(str::to_owned);
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let (Some(space), Ok(value)) = (space, value) else {
                return Err(self.broken("an attribute with an unknown prefix or entity".to_owned()));
            };
            let name = local.into_inner().to_owned();
            let namespace = self.shared(&space);
            element.attributes.push(Attribute { namespace, name, value: value.into_owned() });
        }
        self.values += 1 + element.attributes.len();
        if self.values > self.limits.values {
            return Err(self.too_much("values", self.limits.values));
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) -> Result<(), BillError> {
        match (self.open.pop(), self.open.last_mut()) {
            (Some(done), Some(parent)) => parent.children.push(done),
            (Some(done), None) => self.root = Some(done),
            (None, _) => return Err(self.broken("an end without its beginning".to_owned())),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), BillError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(self.broken("text outside the root element".to_owned())),
        }
        Ok(())
    }

    fn namespace<'n>(space: &ResolveResult<'n>) -> Option<&'n str> {
        match space {
            ResolveResult::Bound(space) => Some(space.into_inner()),
            ResolveResult::Unbound => Some(""),
            ResolveResult::Unknown(_) => None,
        }
    }

    /// One shared text for each namespace; a document has few.
    fn shared(&mut self, space: &str) -> Rc<str> {
        const REMEMBERED: usize = 16;
        if let Some(known) = self.names.iter().find(|known| known.as_ref() == space) {
            return Rc::clone(known);
        }
        let new: Rc<str> = Rc::from(space);
        if self.names.len() < REMEMBERED {
            self.names.push(Rc::clone(&new));
        }
        new
    }

    fn line(&mut self) -> usize {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let (from, lines) = self.counted;
        let passed = self.text.as_bytes().get(from..at).unwrap_or(&[]);
        let lines = lines + passed.iter().filter(|byte| **byte == b'\n').count();
        self.counted = (at.max(from), lines);
        lines
    }

    fn broken(&mut self, message: String) -> BillError {
        let place = format!("line {}", self.line());
        BillError::Syntax { file: self.file.to_owned(), place, message }
    }

    fn too_much(&self, what: &'static str, limit: usize) -> BillError {
        BillError::TooMuch { file: self.file.to_owned(), what, limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Element, BillError> {
        let limits = Limits { depth: 4, values: 20, ..Limits::default() };
        Element::parse("x.xml", text.as_bytes(), &limits)
    }

    #[test]
    fn elements_keep_namespace_text_and_line() {
        let root = read("<a xmlns='u' xmlns:p='v'>\n<b p:x='1' y='&lt;'/>t&amp;<![CDATA[<]]></a>")
            .unwrap();
        assert_eq!((&*root.namespace, root.name.as_str(), root.text.trim()), ("u", "a", "t&<"));
        let child = root.child("b").unwrap();
        assert_eq!((child.line, child.attribute("y"), child.attribute("x")), (2, Some("<"), None));
    }

    #[test]
    fn declarations_and_entities_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xx\">]><a>&x;</a>";
        assert!(read(bomb).unwrap_err().to_string().contains("document type declaration"));
        assert!(read("<a>&x;</a>").is_err() && read("<a b='&x;'/>").is_err());
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let deep = "<a>".repeat(9);
        assert!(matches!(read(&deep), Err(BillError::TooMuch { what: "levels of nesting", .. })));
        let wide: String = (0..300).map(|number| format!(" a{number}=''")).collect();
        let wide = read(&format!("<a{wide}/>"));
        assert!(matches!(wide, Err(BillError::TooMuch { limit: ATTRIBUTES, .. })));
        let many = format!("<a>{}</a>", "<b/>".repeat(30));
        assert!(matches!(read(&many), Err(BillError::TooMuch { what: "values", .. })));
    }

    #[test]
    fn what_is_not_one_well_formed_document_is_refused() {
        for bad in ["", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "<p:a/>", "</a>", "<a x='1' x='2'/>"]
        {
            assert!(matches!(read(bad), Err(BillError::Syntax { .. })), "{bad}");
        }
    }
}
