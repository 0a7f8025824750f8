//! Bills of materials: read, checked, compared, written.

mod bill;
mod error;
mod json;
mod limits;
mod schema;

pub use bill::{
    Bill, Component, ComponentKind, Hash, Relationship, RelationshipKind, SourceForm, Support,
};
pub use error::BillError;
pub use limits::Limits;

#[cfg(test)]
mod tests;
