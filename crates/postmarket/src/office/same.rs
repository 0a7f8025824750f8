//! Which finding a vulnerability is: its names are joined and split as feeds say that ids are the same, and take it back.

use super::facts::Group;
use super::findings::FindingRow;

/// What becomes of the findings of a component in a product.
#[derive(Debug, Default)]
pub(super) struct Same<'g> {
    /// What holds, with the finding that it is; a new one where there is none.
    pub(super) holds: Vec<(&'g Group, Option<&'g FindingRow>)>,
    /// Open findings that are another one now.
    pub(super) joined: Vec<(&'g FindingRow, &'g FindingRow)>,
    /// Open findings that do not hold any more, with what is said of them.
    pub(super) gone: Vec<(&'g FindingRow, &'g Group)>,
}

fn named(row: &FindingRow, group: &Group) -> bool {
    row.names.iter().any(|name| group.names.contains(name))
}

impl<'g> Same<'g> {
    /// Finds for each vulnerability the finding that it was, every finding once.
    pub(super) fn of(groups: &'g [Group], before: &'g [FindingRow]) -> Self {
        let (mut open, closed): (Vec<&Group>, Vec<&Group>) =
            groups.iter().partition(|group| group.holds());
        // Of two that were one finding, it stays with the one by whose name it went.
        open.sort_by_key(|group| {
            !before.iter().any(|row| row.told.open && row.vulnerability == group.id)
        });
        let mut same = Self::default();
        let mut left: Vec<&FindingRow> = before.iter().collect();
        for group in open {
            let rank = |row: &&FindingRow| (!row.told.open, row.vulnerability != group.id, row.id);
            let found = left.iter().copied().filter(|row| named(row, group)).min_by_key(rank);
            left.retain(|row| found.is_none_or(|found| found.id != row.id));
            same.holds.push((group, found));
        }
        for row in left.into_iter().filter(|row| row.told.open) {
            let into = same.holds.iter().find(|(group, _)| named(row, group));
            if let Some(into) = into.and_then(|(_, found)| *found) {
                same.joined.push((row, into));
            } else if let Some(group) = closed.iter().find(|group| named(row, group)) {
                same.gone.push((row, group));
            }
        }
        same
    }
}
