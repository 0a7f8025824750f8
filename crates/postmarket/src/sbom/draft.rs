//! A bill while it is read: components by key, relationships whose ends may come later.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::bill::{Bill, Component, Relationship, RelationshipKind};
use super::error::{Fault, quoted};

#[derive(Default)]
pub(super) struct Draft {
    pub(super) bill: Bill,
    /// By what the document itself calls a component: `bom-ref`, SPDXID.
    index: BTreeMap<String, usize>,
    /// What the bill says of itself gave components other references than these.
    pub(super) renamed: bool,
    pending: Vec<(String, RelationshipKind, String)>,
    /// Kinds of relationships that a bill does not carry, and how many of each there were.
    strange: BTreeMap<String, usize>,
}

impl Draft {
    /// Adds a component under its reference. One without a reference is given its place in the document as one.
    pub(super) fn add(
        &mut self,
        place: impl Display,
        mut component: Component,
    ) -> Result<usize, Fault> {
        if component.reference.is_empty() {
            component.reference = place.to_string();
        }
        let at = self.bill.components.len();
        if let Some(earlier) = self.index.insert(component.reference.clone(), at) {
            return Err(Fault::new(
                place.to_string(),
                "a reference (`bom-ref`, SPDXID) that no other component has",
                format!("{}, which component {earlier} has too", quoted(&component.reference)),
                "give each its own",
            ));
        }
        self.bill.components.push(component);
        Ok(at)
    }

    pub(super) fn find(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    pub(super) fn component(&mut self, key: &str) -> Option<&mut Component> {
        let at = self.find(key)?;
        self.bill.components.get_mut(at)
    }

    /// The key of a component that nothing has renamed yet.
    pub(super) fn key(&self, at: usize) -> String {
        self.bill.components.get(at).map_or_else(String::new, |one| one.reference.clone())
    }

    /// Notes a relationship between two keys, in whatever order they come.
    pub(super) fn relate(&mut self, from: &str, kind: RelationshipKind, to: &str) {
        self.pending.push((from.to_owned(), kind, to.to_owned()));
    }

    /// Counts a relationship of a kind that a bill does not carry.
    pub(super) fn not_carried(&mut self, kind: &str) {
        *self.strange.entry(kind.to_owned()).or_default() += 1;
    }

    /// Makes the only one of the document's subjects the bill's product.
    pub(super) fn set_root(&mut self, subjects: &[String]) {
        match subjects {
            [] => {}
            [one] => match self.find(one) {
                Some(at) => self.bill.root = Some(at),
                None => self.bill.remarks.push(format!("the bill describes {one}, which it lacks")),
            },
            several => {
                let names = several.join(", ");
                self.bill.remarks.push(format!("the bill describes several products: {names}"));
            }
        }
    }

    /// Resolves the relationships. What leads out of the bill becomes a remark.
    pub(super) fn finish(self) -> Bill {
        let Self { mut bill, index, renamed, pending, strange } = self;
        for (from, kind, to) in pending {
            match (index.get(&from), index.get(&to)) {
                (Some(from), Some(to)) => {
                    bill.relationships.push(Relationship { from: *from, kind, to: *to });
                }
                (known, _) => {
                    let missing = if known.is_none() { &from } else { &to };
                    bill.remarks.push(format!(
                        "{from} {} {to}: {missing} is not a component of the bill",
                        kind.name()
                    ));
                }
            }
        }
        for (kind, count) in strange {
            bill.remarks.push(format!("{count} relationships of the kind {kind} are not carried"));
        }
        // Never to a name that another has.
        if renamed {
            let mut keys = vec![String::new(); bill.components.len()];
            for (key, at) in index {
                if let Some(place) = keys.get_mut(at) {
                    *place = key;
                }
            }
            let mut seen: BTreeSet<String> = BTreeSet::new();
            for (component, key) in bill.components.iter_mut().zip(&keys) {
                if seen.contains(&component.reference) {
                    component.reference.clone_from(key);
                }
                seen.insert(component.reference.clone());
            }
        }
        bill.relationships.sort_unstable();
        bill.relationships.dedup();
        bill.remarks.sort();
        bill.remarks.dedup();
        bill
    }
}
