//! A document held against a compiled schema.

use std::collections::BTreeMap;

use super::super::error::{Fault, quoted};
use super::super::xml::Element;
use super::{Kind, Others, Particle, Term, Xsd};

/// Where a content model stopped: the child, and which names could have stood there.
struct Stop {
    at: usize,
    expected: Vec<String>,
}

/// A model's way through the children of one element.
struct Match<'e> {
    namespace: &'e str,
    children: &'e [Element],
    /// The types of the children that were taken, in their order.
    kinds: Vec<Option<usize>>,
    stop: Stop,
}

impl Xsd {
    /// Whether a document is what the schema demands; if not, the first fault in the order of the document.
    pub(in super::super) fn check(&self, root: &Element) -> Result<(), Fault> {
        let Some((name, kind)) = &self.root else { return Ok(()) };
        if root.name != *name || *root.namespace != *self.namespace {
            return Err(Fault::new(
                format!("/{} (line {})", root.name, root.line),
                format!("the element `{name}` of {}", self.namespace),
                format!("`{}` of {}", root.name, root.namespace),
                "declare the namespace of the version of the standard",
            ));
        }
        self.element(root, *kind, &mut Vec::new())?;
        unique_references(root)
    }

    fn element<'e>(
        &self,
        element: &'e Element,
        kind: usize,
        path: &mut Vec<&'e Element>,
    ) -> Result<(), Fault> {
        let Some(kind) = self.types.get(kind).filter(|kind| !kind.anything) else { return Ok(()) };
        path.push(element);
        attributes(&self.namespace, element, kind, path)?;
        match &kind.text {
            Some(simple) => {
                if let Some(child) = element.children.first() {
                    return Err(fault(path, "text only", format!("the element `{}`", child.name)));
                }
                if !simple.takes(&element.text) {
                    return Err(fault(path, simple.described(), quoted(element.text.trim())));
                }
            }
            None if !kind.mixed && !element.text.trim().is_empty() => {
                return Err(fault(path, "elements, no text", quoted(element.text.trim())));
            }
            None => self.children(element, kind, path)?,
        }
        path.pop();
        Ok(())
    }

    fn children<'e>(
        &self,
        element: &'e Element,
        kind: &Kind,
        path: &mut Vec<&'e Element>,
    ) -> Result<(), Fault> {
        let mut matching = Match {
            namespace: &self.namespace,
            children: &element.children,
            kinds: Vec::with_capacity(element.children.len()),
            stop: Stop { at: 0, expected: Vec::new() },
        };
        let whole = kind.content.as_ref().is_none_or(|content| matching.particle(content));
        if !whole || matching.kinds.len() < element.children.len() {
            let Stop { at, mut expected } = matching.stop;
            expected.sort();
            expected.dedup();
            let expected = match expected.as_slice() {
                [] => "no further element".to_owned(),
                names => format!("one of the elements {}", names.join(", ")),
            };
            let found = match element.children.get(at.max(matching.kinds.len())) {
                Some(child) => {
                    path.push(child);
                    format!("the element `{}`", child.name)
                }
                None => "the end of the element".to_owned(),
            };
            return Err(fault(path, expected, found));
        }
        for (child, kind) in element.children.iter().zip(matching.kinds) {
            if let Some(kind) = kind {
                self.element(child, kind, path)?;
            }
        }
        Ok(())
    }
}

impl Match<'_> {
    /// Takes as many rounds of a particle as there are; whether that is enough of them.
    fn particle(&mut self, particle: &Particle) -> bool {
        let mut rounds = 0;
        while particle.most.is_none_or(|most| rounds < most) {
            let before = self.kinds.len();
            let whole = self.term(&particle.term);
            if !whole {
                // What was taken in vain cannot be taken otherwise: a true fault.
                return self.kinds.len() == before && rounds >= particle.least;
            }
            rounds += 1;
            if self.kinds.len() == before {
                // A round of nothing may be repeated as often as need be.
                return true;
            }
        }
        true
    }

    /// One round of a term. If it returns `false`, what it took stays taken.
    fn term(&mut self, term: &Term) -> bool {
        match term {
            Term::Element { name, kind } => {
                let next = self.children.get(self.kinds.len());
                let own =
                    |child: &&Element| child.name == *name && *child.namespace == *self.namespace;
                if next.filter(own).is_some() {
                    self.kinds.push(Some(*kind));
                    return true;
                }
                self.missed(format!("`{name}`"));
                false
            }
            Term::Wildcard { any } => {
                let next = self.children.get(self.kinds.len());
                let foreign = |child: &&Element| {
                    *any || (*child.namespace != *self.namespace && !child.namespace.is_empty())
                };
                if next.filter(foreign).is_some() {
                    self.kinds.push(None);
                    return true;
                }
                self.missed("an element of another namespace".to_owned());
                false
            }
            Term::Sequence(parts) => parts.iter().all(|part| self.particle(part)),
            Term::Choice(parts) => {
                let before = self.kinds.len();
                let mut empty = parts.is_empty();
                for part in parts {
                    let whole = self.particle(part);
                    if self.kinds.len() > before {
                        return whole;
                    }
                    empty |= whole;
                }
                empty
            }
        }
    }

    fn missed(&mut self, name: String) {
        let at = self.kinds.len();
        if at > self.stop.at {
            self.stop = Stop { at, expected: Vec::new() };
        }
        if at == self.stop.at && self.stop.expected.len() < 80 {
            self.stop.expected.push(name);
        }
    }
}

fn attributes(
    namespace: &str,
    element: &Element,
    kind: &Kind,
    path: &[&Element],
) -> Result<(), Fault> {
    const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
    for attribute in element.attributes.iter().filter(|found| *found.namespace != *INSTANCE) {
        let rule = kind.attributes.iter().find(|rule| rule.name == attribute.name);
        match rule.filter(|_| attribute.namespace.is_empty()) {
            Some(rule) => {
                if let Some(simple) = &rule.value
                    && !simple.takes(&attribute.value)
                {
                    let expected = format!("`{}` to be {}", rule.name, simple.described());
                    return Err(fault(path, expected, quoted(&attribute.value)));
                }
            }
            None => {
                let foreign = !attribute.namespace.is_empty() && *attribute.namespace != *namespace;
                let allowed = match kind.others {
                    Others::None => false,
                    Others::OtherNamespace => foreign,
                    Others::Any => true,
                };
                if !allowed {
                    let found = format!("the attribute `{}`", attribute.name);
                    return Err(fault(path, "only attributes of the standard", found));
                }
            }
        }
    }
    for rule in kind.attributes.iter().filter(|rule| rule.required) {
        if element.attribute(&rule.name).is_none() {
            let expected = format!("the attribute `{}`", rule.name);
            return Err(fault(path, expected, "an element without it"));
        }
    }
    Ok(())
}

/// The schema's one identity rule: no two elements have the same `bom-ref`.
fn unique_references(root: &Element) -> Result<(), Fault> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waiting: Vec<&Element> = vec![root];
    while let Some(element) = waiting.pop() {
        waiting.extend(element.children.iter().rev());
        let Some(reference) = element.attribute("bom-ref") else { continue };
        if let Some(line) = seen.insert(reference, element.line) {
            return Err(Fault::new(
                format!("{} (line {})", element.name, element.line),
                "a `bom-ref` that no other element has",
                format!("{}, which line {line} has too", quoted(reference)),
                "give each its own",
            ));
        }
    }
    Ok(())
}

fn fault(path: &[&Element], expected: impl Into<String>, found: impl Into<String>) -> Fault {
    let names: String = path.iter().map(|element| format!("/{}", element.name)).collect();
    let line = path.last().map_or(0, |element| element.line);
    let advice = "write it as this version of the standard has it";
    Fault::new(format!("{names} (line {line})"), expected, found, advice)
}
