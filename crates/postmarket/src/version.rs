//! Versions of every ecosystem, how they are ordered, and which of them a range holds.
//!
//! A version is read once, into an order-preserving byte key; from then on every comparison is one
//! of bytes. What the rules of its ecosystem cannot order has no key, and every question about it
//! is answered [`Unknown`](Contained::Unknown), never no.

mod alpine;
mod composer;
mod debian;
mod dotted;
mod generic;
mod holds;
mod key;
mod linux;
mod maven;
mod osv_events;
mod pep440;
mod prose;
mod range;
mod rpm;
mod rubygems;
mod scheme;
mod semver;
mod vers;

pub use holds::{KeyedRange, holds};
pub use osv_events::{OsvEvent, range_of_events};
pub use prose::{Words, read_words};
pub use range::{Bound, Contained, Interval, Range};
pub use scheme::{ECOSYSTEMS, PURL_TYPES, Scheme};
pub use vers::{Vers, VersError};

pub(crate) use key::Key;
use std::cmp::Ordering;

/// Longer texts are no versions: they are kept, and not ordered.
pub const TEXT_MAX: usize = 4096;

/// A version as its source wrote it, with the key that orders it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    scheme: Scheme,
    key: Option<Key>,
    text: Box<str>,
}

impl Version {
    /// Reads a version. Never fails: what cannot be ordered has no key.
    #[must_use]
    pub fn parse(scheme: Scheme, text: &str) -> Self {
        let mut key = Key::default();
        let ordered = write_key(scheme, text, &mut key);
        Self { scheme, key: ordered.map(|()| key), text: text.into() }
    }

    /// The scheme by whose rules it was read.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The version as its source wrote it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The key: bytes that compare as the versions do, within one scheme. `None` if it cannot be ordered.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.key.as_ref().map(Key::as_bytes)
    }

    /// Which of two versions is the later one. `None` if either cannot be ordered or their schemes differ.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.scheme != other.scheme {
            return None;
        }
        Some(self.key()?.cmp(other.key()?))
    }
}

/// Which of two versions is the later one by the rules of `scheme`. `None` if either cannot be ordered.
#[must_use]
pub fn compare(scheme: Scheme, left: &str, right: &str) -> Option<Ordering> {
    let (mut left_key, mut right_key) = (Key::default(), Key::default());
    write_key(scheme, left, &mut left_key)?;
    write_key(scheme, right, &mut right_key)?;
    Some(left_key.as_bytes().cmp(right_key.as_bytes()))
}

/// Writes the key of a version; `None`, with a key of no meaning, if it cannot be ordered.
fn write_key(scheme: Scheme, text: &str, key: &mut Key) -> Option<()> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let text = text.trim_ascii();
    match scheme {
        Scheme::SemVer => semver::write(text, key),
        Scheme::SemVerBuild => semver::write_with_build(text, key),
        Scheme::Npm => semver::write_npm(text, key),
        Scheme::Go => semver::write_go(text, key),
        Scheme::NuGet => semver::write_nuget(text, key),
        Scheme::Pep440 => pep440::write(text, key),
        Scheme::Maven => maven::write(text, key),
        Scheme::RubyGems => rubygems::write(text, key),
        Scheme::Composer => composer::write(text, key),
        Scheme::Debian => debian::write(text, key),
        Scheme::Opam => debian::write_opam(text, key),
        Scheme::Rpm => rpm::write(text, key),
        Scheme::Alpine => alpine::write(text, key),
        Scheme::Cran => dotted::write_cran(text, key),
        Scheme::Hackage => dotted::write_hackage(text, key),
        Scheme::Linux => linux::write(text, key),
        Scheme::Generic => generic::write(text, key),
        Scheme::Unordered => None,
    }
}

#[cfg(test)]
mod tests;
