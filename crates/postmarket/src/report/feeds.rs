//! Feed files as a person thinks of them: a folder of files is one feed.

use super::FeedFacts;
use crate::feed::mirror::Listed;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

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
