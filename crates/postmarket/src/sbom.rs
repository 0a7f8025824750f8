//! Bills of materials: read, checked, compared, written.

mod bill;
mod cyclonedx;
mod draft;
mod error;
mod json;
mod limits;
mod own;
mod read;
mod schema;
mod xml;
mod xsd;

pub use bill::{
    Bill, Component, ComponentKind, Hash, Relationship, RelationshipKind, SourceForm, Support,
};
pub use error::BillError;
pub use limits::Limits;
pub use read::read;

#[cfg(test)]
mod tests;
