//! Bills of materials: read, checked, compared, written.

mod bill;
mod cargo;
mod compiled;
mod csv;
mod cyclonedx;
mod diff;
mod draft;
mod error;
mod json;
mod limits;
mod own;
mod quality;
mod read;
mod schema;
mod spdx;
mod spdx2;
mod spdx3;
mod support;
mod write;
mod xml;
mod xsd;

pub use bill::{
    Bill, Component, ComponentKind, Hash, Relationship, RelationshipKind, SourceForm, Support,
};
pub use cargo::{Product, bill_of_product};
pub use compiled::compiled_sources;
pub(crate) use compiled::is_translation_unit;
pub use diff::{Change, Difference, Fact, diff};
pub use error::BillError;
pub use limits::Limits;
pub use quality::{Count, Element, Missing, Profile, Verdict, quality};
pub use read::read;
pub use support::promise;
pub use write::{Form, write};

#[cfg(test)]
mod tests;
