//! What the checkers found, as rows and words of a report.

use super::model::{Criterion, CriterionKind};
use crate::cells::{CellKey, CellOutcome, Roster};

/// The question of each checker that every therapy has.
const QUESTIONS: [(&str, &str); 7] = [
    ("guard", "every order within the profile's bounds, every delivery within the orders"),
    ("lease", "nothing delivered without a permission that still holds"),
    ("opinion", "nothing delivered as proposed against the second opinion"),
    ("alarm", "every cause that lowers the loop is announced, once"),
    ("chain", "every black box verifies"),
    ("signature", "every profile was signed by the signer, for the device that used it"),
    ("replay", "every recorded cycle is computed again bit for bit; every lie is found"),
];

/// One row a checker, over all cells. `harm` is the question of the therapy's own.
#[must_use]
pub fn checker_rows<R: CellOutcome>(results: &[(CellKey, R)], harm: &str) -> Vec<Criterion> {
    // A cell that was refused before its start has no verdicts.
    let found = |(_, cell): &(CellKey, R)| !cell.findings().verdicts.is_empty();
    let Some((_, first)) = results.iter().find(|one| found(one)) else { return Vec::new() };
    let row = |index: usize, checker: &str| {
        let verdicts =
            || results.iter().filter_map(|(_, cell)| cell.findings().verdicts.get(index));
        let violations: u64 = verdicts().map(|verdict| verdict.violations).sum();
        let words = QUESTIONS.iter().find(|(name, _)| *name == checker);
        let own = if checker == "harm" { harm } else { checker };
        Criterion {
            id: verdicts().next().map_or(String::new(), |v| v.requirements.to_owned()),
            what: words.map_or(own, |(_, words)| words).to_owned(),
            kind: CriterionKind::Must,
            required: "0 violations".to_owned(),
            reached: format!("{violations} in {} cells", verdicts().count()),
            passed: violations == 0,
        }
    };
    let verdicts = first.findings().verdicts.iter().enumerate();
    verdicts.map(|(index, verdict)| row(index, verdict.checker)).collect()
}

/// The first violation that each checker found, with the folder of its cell.
#[must_use]
pub fn first_violations<R: CellOutcome>(roster: &Roster, results: &[(CellKey, R)]) -> Vec<String> {
    let checkers = results.iter().map(|(_, cell)| cell.findings().verdicts.len()).max();
    let first = |index: usize| {
        results.iter().find_map(|(key, cell)| {
            let verdict = cell.findings().verdicts.get(index)?;
            let words = verdict.first.as_ref()?;
            let place = roster.box_folder(*key).display().to_string();
            Some(format!("First violation of {}, in {place}: {words}.", verdict.checker))
        })
    };
    (0..checkers.unwrap_or(0)).filter_map(first).collect()
}
