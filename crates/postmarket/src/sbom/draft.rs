//! A bill while it is read: components by reference, relationships whose ends may come later.

use std::collections::BTreeMap;

use super::bill::{Bill, Component, Relationship, RelationshipKind};
use super::error::{Fault, quoted};

#[derive(Default)]
pub(super) struct Draft {
    pub(super) bill: Bill,
    index: BTreeMap<String, usize>,
    pending: Vec<(String, RelationshipKind, String)>,
}

impl Draft {
    /// Adds a component. One without a reference is given its place in the document as one.
    pub(super) fn add(&mut self, place: &str, mut component: Component) -> Result<usize, Fault> {
        if component.reference.is_empty() {
            place.clone_into(&mut component.reference);
        }
        let at = self.bill.components.len();
        if let Some(earlier) = self.index.insert(component.reference.clone(), at) {
            return Err(Fault::new(
                place,
                "a reference (`bom-ref`, SPDXID) that no other component has",
                format!("{}, which component {earlier} has too", quoted(&component.reference)),
                "give each its own",
            ));
        }
        self.bill.components.push(component);
        Ok(at)
    }

    pub(super) fn find(&self, reference: &str) -> Option<usize> {
        self.index.get(reference).copied()
    }

    pub(super) fn reference(&self, at: usize) -> String {
        self.bill.components.get(at).map_or_else(String::new, |found| found.reference.clone())
    }

    /// Notes a relationship between two references, in whatever order they come.
    pub(super) fn relate(&mut self, from: &str, kind: RelationshipKind, to: &str) {
        self.pending.push((from.to_owned(), kind, to.to_owned()));
    }

    /// Resolves the relationships. What leads out of the bill becomes a remark.
    pub(super) fn finish(self) -> Bill {
        let Self { mut bill, index, pending } = self;
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
        bill.relationships.sort_unstable();
        bill.relationships.dedup();
        bill.remarks.sort();
        bill.remarks.dedup();
        bill
    }
}
