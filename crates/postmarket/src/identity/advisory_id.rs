//! Ids of advisories: who gave them, and which one a group goes by.

/// Who gives ids of the form, by their beginning; the first of a group that has one names it.
const GIVERS: [&str; 12] = [
    "CVE-", "GHSA-", "RUSTSEC-", "GO-", "PYSEC-", "BIT-", "ICSMA-", "ICSA-", "DSA-", "USN-",
    "RHSA-", "EUVD-",
];

/// The id as it is compared: without spaces around it; ids of CVE, GHSA and the like in the spelling
/// of their givers.
#[must_use]
pub fn normal_id(text: &str) -> String {
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    match GIVERS.iter().find(|giver| upper.starts_with(**giver)) {
        Some(giver) if *giver == "GHSA-" => {
            format!("GHSA-{}", upper.get(5..).unwrap_or_default().to_ascii_lowercase())
        }
        Some(_) => upper,
        None => text.to_owned(),
    }
}

/// The place of an id among others that mean the same; smaller is better known.
pub(super) fn rank(id: &str) -> usize {
    GIVERS.iter().position(|giver| id.starts_with(giver)).unwrap_or(GIVERS.len())
}
