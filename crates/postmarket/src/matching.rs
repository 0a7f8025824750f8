//! Matching: which components, releases and devices an advisory concerns, and which advisories a bill.
//!
//! [`affects`] is the one question, a pure function of an advisory and a component. [`Watch`] asks it both ways over
//! many of them and keeps what was found as events. Devices collapse to releases and releases to components, so that a
//! new advisory costs as much as the versions that bear its name.

mod affects;
mod book;
mod catalogue;
mod compiled;
mod distribution;
mod findings;
mod name;
mod product_table;
mod queue;
mod subject;
mod watch;

pub use affects::{Answer, Rule, Verdict, affects};
pub use book::{AdvisoryId, Book, Put};
pub use catalogue::{Added, Catalogue, ComponentId, Full, Reach, Release, ReleaseId};
pub use compiled::{Files, files};
pub use findings::{Change, FindingEvent, Ledger};
pub use name::{Called, Confidence, Name};
pub use product_table::{Dismissal, ProductTable, TableError};
pub use queue::{Tally, Waiting};
pub use subject::Subject;
pub use watch::{Delta, Finding, Grouped, Scan, Taken, Watch};
