//! Feed files as a person thinks of them: a folder of files is one feed.

use super::FeedFacts;
use crate::feed::mirror::Listed;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// Feeds older than this many days are called old: they come out daily.
const OLD_DAYS: i64 = 7;

/// How old the oldest of some feeds is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeedAge {
    oldest: Timestamp,
    days: i64,
}

impl FeedAge {
    /// Of feeds by the times at which they were fetched, looked at `at` (both RFC 3339). `None` without feeds.
    pub fn of<'f>(fetched: impl IntoIterator<Item = &'f str>, at: &str) -> Option<Self> {
        let oldest: Timestamp = fetched.into_iter().filter_map(|time| time.parse().ok()).min()?;
        let at: Timestamp = at.parse().ok()?;
        Some(Self { oldest, days: at.duration_since(oldest).as_hours() / 24 })
    }

    /// Whether much may have become known since.
    #[must_use]
    pub fn is_old(self) -> bool {
        self.days > OLD_DAYS
    }

    /// When, and a warning if that is long ago.
    #[must_use]
    pub fn words(self) -> String {
        let warning = ": what became known since is missing, fetch them again";
        format!("{self}{}", if self.is_old() { warning } else { "" })
    }
}

impl fmt::Display for FeedAge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = if self.days == 1 { "day" } else { "days" };
        write!(out, "{}, {} {days} ago", self.oldest, self.days)
    }
}

/// One line a feed: files in a folder of the mirror count as one, with the digest of their names and digests and the
/// earliest time at which one of them was fetched.
#[must_use]
pub fn feed_facts<'l>(files: impl IntoIterator<Item = (&'l Listed, usize)>) -> Vec<FeedFacts> {
    let mut feeds: BTreeMap<&str, Vec<(&Listed, usize)>> = BTreeMap::new();
    for (listed, records) in files {
        let name = listed.name.split_once('/').map_or(listed.name.as_str(), |(folder, _)| folder);
        feeds.entry(name).or_default().push((listed, records));
    }
    feeds.into_iter().map(|(name, files)| one(name, &files)).collect()
}

fn one(name: &str, files: &[(&Listed, usize)]) -> FeedFacts {
    let digest = match files {
        [(only, _)] if only.name == name => only.sha256.clone(),
        _ => {
            let mut hash = Sha256::new();
            for (listed, _) in files {
                hash.update(format!("{} {}\n", listed.sha256, listed.name));
            }
            hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
        }
    };
    FeedFacts {
        name: name.to_owned(),
        digest,
        fetched: files.iter().map(|(listed, _)| listed.fetched.clone()).min().unwrap_or_default(),
        records: files.iter().map(|(_, records)| records).sum(),
    }
}
