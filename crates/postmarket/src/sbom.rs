//! Bills of materials: read, checked, compared, written.

mod bill;

pub use bill::{
    Bill, Component, ComponentKind, Hash, Relationship, RelationshipKind, SourceForm, Support,
};
