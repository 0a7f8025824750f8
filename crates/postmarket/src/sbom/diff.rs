//! What changed between two bills: of two releases, or of a release and what a device says of itself (SBM-10).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::bill::{Bill, Component};

/// A fact of a component that two bills can say differently.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The version.
    Version,
    /// The hashes.
    Hashes,
    /// The supplier.
    Supplier,
    /// The licences.
    Licences,
    /// Level or end of support.
    Support,
    /// Whether it runs, is optional, or only builds the product.
    Scope,
}

/// One fact that changed, as text; empty where a bill says nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Change {
    /// What the component is called in both bills: its purl without version, or else its name.
    pub component: String,
    /// Which fact.
    pub fact: Fact,
    /// What the older bill says.
    pub before: String,
    /// What the newer one says.
    pub after: String,
}

/// All that differs between two bills, each list sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[must_use]
pub struct Difference {
    /// Components that only the newer bill has, as name and version.
    pub added: Vec<String>,
    /// Components that only the older one has.
    pub removed: Vec<String>,
    /// Facts that changed.
    pub changed: Vec<Change>,
    /// Relationships that only the newer bill has, as `from kind to`.
    pub relationships_added: Vec<String>,
    /// Relationships that only the older one has.
    pub relationships_removed: Vec<String>,
}

impl Difference {
    /// Whether both bills say the same. A device's report equals its release only then.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two bills. Components are matched by purl without its version, and those that are left by group and name;
/// of several versions of one component equal versions are matched first, the others in order.
pub fn diff(older: &Bill, newer: &Bill) -> Difference {
    let mut difference = Difference::default();
    let pairs = pairs(older, newer);
    let matched: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
    let found: BTreeSet<usize> = pairs.iter().map(|pair| pair.1).collect();
    let rest = |bill: &Bill, known: &BTreeSet<usize>| -> Vec<String> {
        let all = bill.components.iter().enumerate();
        all.filter(|(at, _)| !known.contains(at)).map(|(_, component)| shown(component)).collect()
    };
    difference.removed = rest(older, &matched);
    difference.added = rest(newer, &found);
    for (before, after) in &pairs {
        if let (Some(before), Some(after)) =
            (older.components.get(*before), newer.components.get(*after))
        {
            changes(before, after, &mut difference.changed);
        }
    }
    let (before, after) = (arrows(older), arrows(newer));
    difference.relationships_removed = before.difference(&after).cloned().collect();
    difference.relationships_added = after.difference(&before).cloned().collect();
    difference.added.sort();
    difference.removed.sort();
    difference.changed.sort();
    difference
}

/// The purl without version, qualifiers kept; the bare name where there is none.
fn key(component: &Component) -> String {
    match &component.purl {
        Some(purl) => without_version(purl),
        None => name(component),
    }
}

fn without_version(purl: &str) -> String {
    let end = purl.find(['?', '#']).unwrap_or(purl.len());
    let (path, tail) = purl.split_at(end);
    // A version begins behind the last `@` of the last part: a scope's `@` stands before a slash.
    let slash = path.rfind('/').unwrap_or(0);
    match path.rfind('@').filter(|at| *at > slash) {
        Some(at) => format!("{}{tail}", path.get(..at).unwrap_or(path)),
        None => purl.to_owned(),
    }
}

fn name(component: &Component) -> String {
    match &component.group {
        Some(group) => format!("{group}/{}", component.name),
        None => component.name.clone(),
    }
}

fn shown(component: &Component) -> String {
    let version = component.version.as_deref().unwrap_or("(no version)");
    format!("{} {version}", name(component))
}

fn pairs(older: &Bill, newer: &Bill) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut left: BTreeSet<usize> = (0..older.components.len()).collect();
    let mut right: BTreeSet<usize> = (0..newer.components.len()).collect();
    for by in [key, name] {
        let groups = |bill: &Bill, open: &BTreeSet<usize>| {
            let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for at in open {
                if let Some(component) = bill.components.get(*at) {
                    groups.entry(by(component)).or_default().push(*at);
                }
            }
            groups
        };
        let theirs = groups(newer, &right);
        for (key, ours) in groups(older, &left) {
            let Some(theirs) = theirs.get(&key) else { continue };
            for (before, after) in match_versions((older, &ours), (newer, theirs)) {
                left.remove(&before);
                right.remove(&after);
                pairs.push((before, after));
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Pairs components of one name: equal versions first, then those that are left in the order of their versions.
fn match_versions(
    (older, ours): (&Bill, &[usize]),
    (newer, theirs): (&Bill, &[usize]),
) -> Vec<(usize, usize)> {
    let sorted = |bill: &Bill, list: &[usize]| {
        let mut list: Vec<(Option<String>, usize)> = list
            .iter()
            .map(|at| (bill.components.get(*at).and_then(|found| found.version.clone()), *at))
            .collect();
        list.sort();
        list
    };
    let (ours, theirs) = (sorted(older, ours), sorted(newer, theirs));
    let mut waiting: BTreeMap<&Option<String>, Vec<usize>> = BTreeMap::new();
    for (version, at) in theirs.iter().rev() {
        waiting.entry(version).or_default().push(*at);
    }
    let mut pairs = Vec::new();
    let mut unmatched = Vec::new();
    for (version, at) in &ours {
        match waiting.get_mut(version).and_then(Vec::pop) {
            Some(other) => pairs.push((*at, other)),
            None => unmatched.push(*at),
        }
    }
    let left = waiting.into_values().flat_map(|list| list.into_iter().rev());
    pairs.extend(unmatched.into_iter().zip(left));
    pairs
}

fn changes(before: &Component, after: &Component, changed: &mut Vec<Change>) {
    let called = key(after);
    let hashes = |component: &Component| {
        let pairs =
            component.hashes.iter().map(|hash| format!("{}:{}", hash.algorithm, hash.value));
        sorted(pairs)
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let support = |component: &Component| {
        let Some(end) = &component.support.end else { return text(&component.support.level) };
        format!("{} until {end}", text(&component.support.level))
    };
    let facts = [
        (Fact::Version, text(&before.version), text(&after.version)),
        (Fact::Hashes, hashes(before), hashes(after)),
        (Fact::Supplier, text(&before.supplier), text(&after.supplier)),
        (
            Fact::Licences,
            sorted(before.licences.iter().cloned()),
            sorted(after.licences.iter().cloned()),
        ),
        (Fact::Support, support(before), support(after)),
        (Fact::Scope, text(&before.scope), text(&after.scope)),
    ];
    for (fact, before, after) in facts {
        if before != after {
            changed.push(Change { component: called.clone(), fact, before, after });
        }
    }
}

fn sorted(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts.dedup();
    texts.join(", ")
}

/// Relationships by what their ends are called, so that references and versions may differ.
fn arrows(bill: &Bill) -> BTreeSet<String> {
    let called = |at: usize| bill.components.get(at).map(key).unwrap_or_default();
    let arrow = |found: &super::bill::Relationship| {
        format!("{} {} {}", called(found.from), found.kind.name(), called(found.to))
    };
    bill.relationships.iter().map(arrow).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Hash, Relationship, RelationshipKind, Support};
    use super::*;

    fn part(name: &str, version: &str) -> Component {
        Component {
            reference: format!("{name} {version}"),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            purl: Some(format!("pkg:npm/%40scope/{name}@{version}?arch=arm")),
            ..Component::default()
        }
    }

    fn bill(components: Vec<Component>) -> Bill {
        Bill { components, ..Bill::default() }
    }

    #[test]
    fn sbm_10_a_device_report_equals_its_release_or_the_difference_is_named() {
        let release = bill(vec![part("a", "1"), part("b", "2")]);
        // The device lists in another order and with references of its own.
        let mut report = bill(vec![part("b", "2"), part("a", "1")]);
        report.components[0].reference = "other".to_owned();
        assert!(diff(&release, &report).is_empty());
        report.components[1].hashes =
            vec![Hash { algorithm: "SHA-256".to_owned(), value: "ab".to_owned() }];
        let found = diff(&release, &report);
        assert!(!found.is_empty());
        assert_eq!(found.changed[0].fact, Fact::Hashes);
        assert_eq!(found.changed[0].component, "pkg:npm/%40scope/a?arch=arm");
        assert_eq!(found.changed[0].after, "SHA-256:ab");
    }

    #[test]
    fn added_removed_and_changed_components_are_told_apart() {
        let mut newer = bill(vec![part("a", "2"), part("c", "1")]);
        newer.components[0].supplier = Some("S".to_owned());
        newer.components[0].licences = vec!["MIT".to_owned()];
        newer.components[0].support = Support { level: None, end: Some("2030-01-01".to_owned()) };
        newer.components[0].scope = Some("build".to_owned());
        let found = diff(&bill(vec![part("a", "1"), part("b", "1")]), &newer);
        assert_eq!((found.added, found.removed), (vec!["c 1".to_owned()], vec!["b 1".to_owned()]));
        let facts: Vec<Fact> = found.changed.iter().map(|change| change.fact).collect();
        let expected = [Fact::Version, Fact::Supplier, Fact::Licences, Fact::Support, Fact::Scope];
        assert_eq!(facts, expected);
    }

    #[test]
    fn several_versions_of_one_component_are_matched_version_by_version() {
        let older = bill(vec![part("a", "1"), part("a", "2")]);
        let newer = bill(vec![part("a", "2"), part("a", "3")]);
        let found = diff(&older, &newer);
        assert!(found.added.is_empty() && found.removed.is_empty(), "{found:?}");
        let versions: Vec<_> =
            found.changed.iter().map(|it| (it.before.as_str(), it.after.as_str())).collect();
        assert_eq!(versions, [("1", "3")]);
    }

    #[test]
    fn a_component_that_gains_a_purl_is_matched_by_its_name() {
        let mut bare = part("a", "1");
        bare.purl = None;
        let found = diff(&bill(vec![bare]), &bill(vec![part("a", "1")]));
        assert!(found.added.is_empty() && found.removed.is_empty() && found.changed.is_empty());
    }

    #[test]
    fn relationships_are_compared_by_what_their_ends_are_called() {
        let mut newer = bill(vec![part("a", "2"), part("b", "1")]);
        let older = bill(vec![part("a", "1"), part("b", "1")]);
        let arrow = Relationship { from: 0, kind: RelationshipKind::DependsOn, to: 1 };
        newer.relationships.push(arrow);
        let found = diff(&older, &newer);
        assert_eq!(found.relationships_added.len(), 1);
        assert!(found.relationships_added[0].contains("depends-on"), "{found:?}");
        assert!(diff(&newer, &newer).is_empty());
    }
}
