//! The requirement trace: which test cites which requirement. Generated from the names of the
//! tests (`mod_07_...` cites MOD-07), so that it cannot be older than they are.

use crate::shell::{self, Outcome};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Families of the register whose ids a test may cite.
const FAMILIES: &[&str] = &[
    "act", "alm", "aut", "auz", "cld", "com", "cry", "ctl", "det", "doc", "gen", "gly", "int",
    "iop", "ipr", "lbl", "lif", "log", "mod", "pmk", "pro", "prv", "pwr", "res", "sbm", "sen",
    "sim", "sup", "tim", "tst", "uix", "upd",
];

pub(crate) fn run(check: bool) -> Outcome {
    let root = shell::root();
    let mut cited: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in shell::files(&root.join("crates"), ".rs") {
        let text = shell::read(&path)?;
        let file = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let mut test = false;
        for line in text.lines() {
            let line = line.trim();
            test |= line == "#[test]";
            let Some(rest) = line.strip_prefix("fn ") else { continue };
            let name = rest.split('(').next().unwrap_or_default();
            if let (true, Some(id)) = (test || file.contains("/tests"), id_of(name)) {
                cited.entry(id).or_default().push(format!("`{name}` ({file})"));
            }
            test = false;
        }
    }
    let mut text = String::from(
        "# Requirement trace\n\nWritten by `cargo xtask trace` from the names of the tests: each \
         test that begins with an id of the\nregister supports evidence for that requirement. \
         A requirement that is not listed has no test here yet.\n\n",
    );
    let tests: usize = cited.values().map(Vec::len).sum();
    let _ = writeln!(text, "{} requirements, {tests} tests.\n", cited.len());
    for (id, tests) in &cited {
        let _ = writeln!(text, "## {id}\n");
        for test in tests {
            let _ = writeln!(text, "- {test}");
        }
        text.push('\n');
    }
    shell::generated("docs/book/trace.md", &text, check, "trace")
}

/// `mod_07_upward_needs_dwell` cites `MOD-07`.
fn id_of(name: &str) -> Option<String> {
    let mut parts = name.split('_');
    let family = parts.next()?;
    let number = parts.next()?;
    let known = FAMILIES.contains(&family);
    let digits = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    (known && digits).then(|| format!("{}-{number}", family.to_uppercase()))
}
