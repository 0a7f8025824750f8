//! What things are called: package URLs, CPE names, ids of advisories and which of them are one.

mod purl;
mod purl_types;

pub use purl::{Purl, PurlError, PurlParts};
