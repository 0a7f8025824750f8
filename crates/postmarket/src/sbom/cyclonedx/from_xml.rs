//! CycloneDX's XML in the shape of its JSON, for the parts that a bill takes over.

use std::borrow::Cow;

use super::super::json::Json;
use super::super::xml::Element;

/// Elements that only hold the items of a list: the name of the list, and of its items.
const LISTS: &[(&str, &[&str])] = &[
    ("authors", &["author"]),
    ("components", &["component"]),
    ("dependencies", &["dependency"]),
    ("externalReferences", &["reference"]),
    ("hashes", &["hash"]),
    ("licenses", &["license", "expression"]),
    ("lifecycles", &["lifecycle"]),
    ("patches", &["patch"]),
    ("properties", &["property"]),
    ("resolves", &["issue"]),
    ("services", &["service"]),
];

/// Elements that stand several times in a row for one list.
const REPEATED: [&str; 2] = ["swhid", "omniborId"];

/// Elements of which text and attributes both count: the member that takes the text.
const TEXTS: [(&str, &str); 2] = [("hash", "content"), ("property", "value")];

/// The root element and everything in it that a bill may take over.
pub(super) fn json(element: &Element) -> Json<'_> {
    let mut members: Vec<(Cow<'_, str>, Json<'_>)> = element
        .attributes
        .iter()
        .filter(|attribute| attribute.namespace.is_empty())
        .map(|attribute| (attribute.name.as_str().into(), text(&attribute.value)))
        .collect();
    if let Some((_, member)) = TEXTS.iter().find(|(name, _)| *name == element.name) {
        members.push(((*member).into(), text(&element.text)));
        return Json::object(members);
    }
    if element.name == "dependency" {
        for (member, name) in [("dependsOn", "dependency"), ("provides", "provides")] {
            let references = element.named(name).filter_map(|child| child.attribute("ref"));
            members.push((member.into(), Json::List(references.map(text).collect())));
        }
        return Json::object(members);
    }
    if element.children.is_empty() && members.is_empty() {
        return text(&element.text);
    }
    for name in REPEATED {
        let items: Vec<Json<'_>> = element.named(name).map(|item| text(&item.text)).collect();
        if !items.is_empty() {
            members.push((name.into(), Json::List(items)));
        }
    }
    for child in element.children.iter().filter(|child| child.namespace == element.namespace) {
        let known = LISTS.iter().find(|(name, _)| *name == child.name);
        let value = match known {
            Some((_, items)) => list(child, items),
            None if child.name == "tools" => tools(child),
            None => json(child),
        };
        members.push((child.name.as_str().into(), value));
    }
    Json::object(members)
}

fn list<'e>(element: &'e Element, names: &[&str]) -> Json<'e> {
    let known = |child: &&Element| {
        child.namespace == element.namespace && names.contains(&child.name.as_str())
    };
    let item = |child: &'e Element| match child.name.as_str() {
        // A licence stands in a list of alternatives, each an object with one member.
        "license" => Json::object(vec![("license".into(), json(child))]),
        "expression" => Json::object(vec![("expression".into(), text(&child.text))]),
        _ => json(child),
    };
    Json::List(element.children.iter().filter(known).map(item).collect())
}

/// Tools are a list of `tool`, or since 1.5 an object of components and services.
fn tools(element: &Element) -> Json<'_> {
    let old: Vec<Json<'_>> = element.named("tool").map(json).collect();
    if old.is_empty() { json(element) } else { Json::List(old) }
}

fn text(text: &str) -> Json<'_> {
    Json::Text(Cow::Borrowed(text.trim()))
}
