//! What was reached of one crate, out of llvm-cov's two exports. A generic function has counters
//! for every type it is used with, and every test program has its own: they are added up here,
//! place by place, so that a branch counts once.

use crate::shell::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What of a file belongs to the product.
pub(crate) struct Source {
    name: String,
    /// Line by line; `None` where nobody wrote the code that runs: tests, and what is derived.
    lines: Vec<Option<String>>,
}

impl Source {
    /// The file's shipped lines; `None` for a file of tests.
    pub(crate) fn shipped(name: &str, text: &str) -> Option<Self> {
        if name.contains("/tests/") || name.ends_with("/tests.rs") {
            return None;
        }
        let mut lines = Vec::new();
        let (mut derived, mut tests) = (false, false);
        for line in text.lines() {
            derived |= line.trim_start().starts_with("#[derive(");
            tests |= line.starts_with("mod tests {");
            lines.push((!derived && !tests).then(|| line.to_owned()));
            derived &= !line.contains(")]");
        }
        Some(Self { name: name.to_owned(), lines })
    }

    fn line(&self, number: u64) -> Option<&str> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.lines.get(index)?.as_deref()
    }
}

/// From where to where, as line, column, line, column.
type Span = [u64; 4];

/// The counts of one crate, by file and place.
#[derive(Default)]
pub(crate) struct Tally {
    sources: BTreeMap<String, Source>,
    /// How often a condition was true and false.
    branches: BTreeMap<(String, Span), [u64; 2]>,
    regions: BTreeMap<(String, Span), u64>,
    lines: BTreeMap<(String, u64), u64>,
}

impl Tally {
    /// A file of the crate, by the path that the compiler knows it by.
    pub(crate) fn add_source(&mut self, path: String, source: Source) {
        self.sources.insert(path, source);
    }

    /// Adds the regions and branches of llvm-cov's JSON.
    pub(crate) fn count_regions(&mut self, json: &str) -> Outcome {
        let export: serde_json::Value =
            serde_json::from_str(json).map_err(|error| format!("llvm-cov's export: {error}"))?;
        let functions = export["data"][0]["functions"].as_array();
        for function in functions.ok_or("llvm-cov's export holds no functions")? {
            let Some(path) = function["filenames"][0].as_str() else { continue };
            let Some(source) = self.sources.get(path) else { continue };
            // from where to where, count, file, expansion, kind (0 for code)
            for region in numbers(&function["regions"]) {
                let &[line, column, to, end, count, 0, _, 0] = region.as_slice() else { continue };
                if source.line(line).is_some() {
                    let place = (path.to_owned(), [line, column, to, end]);
                    let sum = self.regions.entry(place).or_default();
                    *sum = sum.saturating_add(count);
                }
            }
            // from where to where, times true, times false, file, expansion, kind (4 for a branch)
            for branch in numbers(&function["branches"]) {
                let &[line, column, to, end, yes, no, 0, _, 4] = branch.as_slice() else {
                    continue;
                };
                if source.line(line).is_some() {
                    let place = (path.to_owned(), [line, column, to, end]);
                    let sums = self.branches.entry(place).or_default();
                    *sums = [sums[0].saturating_add(yes), sums[1].saturating_add(no)];
                }
            }
        }
        Ok(())
    }

    /// Adds the lines of llvm-cov's lcov export.
    pub(crate) fn count_lines(&mut self, lcov: &str) {
        let mut path = "";
        for record in lcov.lines() {
            if let Some(file) = record.strip_prefix("SF:") {
                path = file;
            }
            let Some(source) = self.sources.get(path) else { continue };
            let Some((line, count)) =
                record.strip_prefix("DA:").and_then(|data| data.split_once(','))
            else {
                continue;
            };
            let (Ok(line), Ok(count)) = (line.parse(), count.parse::<u64>()) else { continue };
            if source.line(line).is_some() {
                let sum = self.lines.entry((path.to_owned(), line)).or_default();
                *sum = sum.saturating_add(count);
            }
        }
    }

    /// Outcomes of conditions that occurred, and all of them.
    pub(crate) fn branches(&self) -> (u64, u64) {
        reached(self.branches.values().flatten())
    }

    /// Regions that were entered, and all of them.
    pub(crate) fn regions(&self) -> (u64, u64) {
        reached(self.regions.values())
    }

    /// Lines that ran, and all of them.
    pub(crate) fn lines(&self) -> (u64, u64) {
        reached(self.lines.values())
    }

    /// A line for each condition that had one outcome only.
    pub(crate) fn branches_not_taken(&self) -> String {
        let mut text = String::new();
        for ((path, span), [yes, no]) in &self.branches {
            let what = match (yes, no) {
                (0, 0) => "never asked",
                (0, _) => "never true",
                (_, 0) => "never false",
                _ => continue,
            };
            let _ = writeln!(text, "{} {what}", self.place(path, *span));
        }
        text
    }

    /// A line for each region that was not entered.
    pub(crate) fn regions_not_entered(&self) -> String {
        let mut text = String::new();
        for ((path, span), _) in self.regions.iter().filter(|(_, count)| **count == 0) {
            let _ = writeln!(text, "{} not entered", self.place(path, *span));
        }
        text
    }

    /// File, line, column and the words that stand there.
    fn place(&self, path: &str, [line, column, to, end]: Span) -> String {
        let Some(source) = self.sources.get(path) else { return path.to_owned() };
        let text = source.line(line).unwrap_or_default();
        let number = |column: u64| usize::try_from(column).unwrap_or_default().saturating_sub(1);
        let last = if line == to { number(end) } else { text.len() };
        let words = text.get(number(column)..last).unwrap_or(text).trim();
        format!("{}:{line}:{column} `{words}`", source.name)
    }
}

fn reached<'a>(counts: impl Iterator<Item = &'a u64>) -> (u64, u64) {
    counts.fold((0, 0), |(reached, all), count| (reached + u64::from(*count > 0), all + 1))
}

/// A list of lists of numbers; `true` and `false` do not occur in them.
fn numbers(value: &serde_json::Value) -> Vec<Vec<u64>> {
    let list = |value: &serde_json::Value| {
        let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(serde_json::Value::as_u64).collect()
    };
    value.as_array().map(|all| all.iter().map(list).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#[derive(\n    Clone,\n)]\nstruct A;\nfn a(b: bool) {\n    if b {}\n}\n\
                        mod tests {\n    fn c() {}\n}\n";

    fn tally() -> Tally {
        let mut tally = Tally::default();
        if let Some(source) = Source::shipped("crates/a/src/lib.rs", TEXT) {
            tally.add_source("/a.rs".to_owned(), source);
        }
        tally
    }

    fn export(branches: &str) -> String {
        let regions = "[[5,1,7,2,3,0,0,0],[6,10,6,12,0,0,0,0],[2,5,2,6,0,0,0,0],[9,5,9,9,0,0,0,0]]";
        format!(
            r#"{{"data":[{{"functions":[
                {{"filenames":["/a.rs"],"regions":{regions},"branches":[{branches}]}},
                {{"filenames":["/b.rs"],"regions":[[1,1,1,9,0,0,0,0]],"branches":[]}}]}}]}}"#
        )
    }

    #[test]
    fn counters_of_one_place_are_added_and_other_code_is_left_out() {
        let mut tally = tally();
        assert!(tally.count_regions(&export("[6,8,6,9,0,2,0,0,4]")).is_ok());
        assert_eq!((tally.branches(), tally.regions()), ((1, 2), (1, 2)));
        assert_eq!(tally.branches_not_taken(), "crates/a/src/lib.rs:6:8 `b` never true\n");
        assert_eq!(tally.regions_not_entered(), "crates/a/src/lib.rs:6:10 `{}` not entered\n");
        assert!(tally.count_regions(&export("[6,8,6,9,1,0,0,0,4]")).is_ok());
        assert_eq!((tally.branches(), tally.regions()), ((2, 2), (1, 2)));
        assert_eq!(tally.branches_not_taken(), "");
    }

    #[test]
    fn lines_are_those_that_were_written_and_shipped() {
        let mut tally = tally();
        tally.count_lines("SF:/b.rs\nDA:5,1\nSF:/a.rs\nDA:2,0\nDA:5,4\nDA:6,0\nDA:9,0\n");
        assert_eq!(tally.lines(), (1, 2));
    }

    #[test]
    fn an_export_that_is_not_one_is_an_error_and_not_full_coverage() {
        assert!(tally().count_regions("{}").is_err());
        assert!(tally().count_regions("llvm-cov: no such file").is_err());
    }

    #[test]
    fn files_of_tests_are_not_counted() {
        assert!(Source::shipped("crates/a/src/b/tests.rs", TEXT).is_none());
        assert!(Source::shipped("crates/a/src/tests/b.rs", TEXT).is_none());
    }
}
