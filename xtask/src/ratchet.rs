//! Figures that may fall and never rise: a section of `budgets.toml` holds the bound of each.

use crate::shell::{self, Outcome};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Named figures; less is better.
pub(crate) type Figures = BTreeMap<String, u64>;

/// Sections of `budgets.toml` with the words that stand above each.
const SECTIONS: &[(&str, &str)] = &[
    (
        "at_most",
        "# Upper bounds, checked by `cargo xtask budgets`. A larger figure needs a change here, \
         with its reason\n# in the commit.\n",
    ),
    (
        "not_covered_at_most",
        "# What the tests of the heart leave untouched, checked by `cargo xtask coverage`. \
         A larger figure needs\n# a change here, with its reason in the commit.\n",
    ),
];

/// Replaces the bounds of one section; the others stay as they are.
pub(crate) fn store(section: &str, bounds: &Figures) -> Outcome {
    let path = shell::root().join("budgets.toml");
    let text = with_section(&shell::read(&path)?, section, bounds)?;
    std::fs::write(path, text).map_err(|error| format!("budgets.toml: {error}"))
}

/// Compares the figures with the bounds of their section.
pub(crate) fn compare(section: &str, figures: &Figures) -> Outcome {
    let all = sections(&shell::read(&shell::root().join("budgets.toml"))?)?;
    let none = Figures::new();
    let bounds = all.get(section).unwrap_or(&none);
    for (name, figure) in figures {
        if let Some(bound) = bounds.get(name) {
            eprintln!("budgets: {name} = {figure} of {bound}");
        }
    }
    let over = over(figures, bounds);
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

fn over(figures: &Figures, bounds: &Figures) -> Vec<String> {
    let complaint = |(name, figure): (&String, &u64)| match bounds.get(name) {
        None => Some(format!("{name} = {figure} has no budget in budgets.toml")),
        Some(bound) if figure > bound => {
            Some(format!("{name} = {figure} is over its budget of {bound}"))
        }
        Some(_) => None,
    };
    figures.iter().filter_map(complaint).collect()
}

fn sections(text: &str) -> Outcome<BTreeMap<String, Figures>> {
    toml::from_str(text).map_err(|error| format!("budgets.toml: {error}"))
}

fn with_section(text: &str, section: &str, bounds: &Figures) -> Outcome<String> {
    let mut all = sections(text)?;
    all.insert(section.to_owned(), bounds.clone());
    let mut parts = Vec::new();
    for (name, words) in SECTIONS {
        let Some(bounds) = all.get(*name) else { continue };
        let mut part = format!("{words}\n[{name}]\n");
        for (name, bound) in bounds {
            let _ = writeln!(part, "\"{name}\" = {bound}");
        }
        parts.push(part);
    }
    Ok(parts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(all: &[(&str, u64)]) -> Figures {
        all.iter().map(|(name, figure)| ((*name).to_owned(), *figure)).collect()
    }

    #[test]
    fn a_figure_may_fall_but_not_rise_nor_lack_a_bound() {
        let bounds = figures(&[("record.branches", 3)]);
        assert!(over(&figures(&[("record.branches", 3)]), &bounds).is_empty());
        assert_eq!(
            over(&figures(&[("kernel.lines", 0), ("record.branches", 4)]), &bounds),
            [
                "kernel.lines = 0 has no budget in budgets.toml",
                "record.branches = 4 is over its budget of 3"
            ]
        );
    }

    #[test]
    fn writing_one_section_keeps_the_others() {
        let before = with_section("", "at_most", &figures(&[("stack.bytes", 7)]));
        let text = before
            .and_then(|text| with_section(&text, "not_covered_at_most", &figures(&[("b", 2)])))
            .and_then(|text| with_section(&text, "not_covered_at_most", &figures(&[("a", 1)])))
            .unwrap_or_default();
        assert!(text.starts_with("# Upper bounds"), "{text}");
        let found: Vec<(String, Figures)> =
            sections(&text).unwrap_or_default().into_iter().collect();
        let expected = [
            ("at_most".to_owned(), figures(&[("stack.bytes", 7)])),
            ("not_covered_at_most".to_owned(), figures(&[("a", 1)])),
        ];
        assert_eq!(found, expected);
    }
}
