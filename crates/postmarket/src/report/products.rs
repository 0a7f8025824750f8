//! Products of advisories that no name leads to, as lines for people.

use super::one_line;
use crate::matching::Waiting;
use std::fmt::Write as _;

/// How many wait, and those that are like a component, `most` of them: where a person looks first.
#[must_use]
pub fn products(waiting: &[Waiting], most: usize) -> String {
    let mut text = String::new();
    if waiting.is_empty() {
        return text;
    }
    let alike = waiting.iter().filter(|one| !one.alike.is_empty());
    let count = alike.clone().count();
    let _ = writeln!(
        text,
        "{} products of advisories wait for a person, no component bears their names; {count} are like one{}",
        waiting.len(),
        if count > 0 { ":" } else { "" }
    );
    for one in alike.take(most) {
        let _ = writeln!(text, "  {}", product(one));
    }
    if count > most {
        let _ = writeln!(text, "  and {} more", count - most);
    }
    text
}

/// One of them: what feeds call it, in which advisories, and which components are like it.
#[must_use]
pub fn product(one: &Waiting) -> String {
    let vendor = if one.vendor.is_empty() { String::new() } else { format!("{}: ", one.vendor) };
    let alike = match one.alike.as_slice() {
        [] => String::new(),
        alike => format!("; is it {}?", alike.join(", or ")),
    };
    one_line(&format!("{vendor}{} ({}){alike}", one.product, one.advisories.join(", ")))
        .into_owned()
}
