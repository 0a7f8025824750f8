//! What things are called: package URLs, CPE names, ids of advisories and which of them are one.

mod advisory_id;
mod aliases;
mod cpe;
mod purl;
mod purl_types;

pub use advisory_id::normal_id;
pub use aliases::{AliasGroups, AliasStep, AliasTable};
pub use cpe::{Attribute, Cpe, CpeError, CpeField, CpeValue, Relation};
pub(crate) use purl::percent_decode;
pub use purl::{Purl, PurlError, PurlParts};
pub(crate) use purl_types::is_known;
