//! Does the second opinion bite? Mutates the lines of kernel and therapy that bear on the dose,
//! one at a time, runs one trial corpus with each mutant, and counts on which share of those that
//! really changed what was delivered the second opinion spoke up where it had not before.

use crate::shell::{self, Outcome};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where mutants are made.
const SOURCES: &[&str] = &[
    "crates/kernel/src/cycle.rs",
    "crates/insulin/src/on_board.rs",
    "crates/insulin/src/loop_controller.rs",
    "crates/insulin/src/controller",
    "crates/insulin/src/sensing",
    "crates/insulin/src/units.rs",
];

/// What is exchanged for what.
const EXCHANGES: &[(&str, &str)] = &[
    (" + ", " - "),
    (" - ", " + "),
    (" * ", " / "),
    (" / ", " * "),
    (" < ", " > "),
    (" > ", " < "),
    (" <= ", " > "),
    (" >= ", " < "),
    (" && ", " || "),
    (" || ", " && "),
    (" += ", " -= "),
    (" -= ", " += "),
];

/// The corpus: a few subjects of every group, two days, both controllers, both ways of eating.
const CORPUS: &[&str] = &[
    "--subject",
    "adult#003",
    "--subject",
    "adolescent#007",
    "--subject",
    "child#009",
    "--days",
    "2",
    "--run-in",
    "0",
    "--seed",
    "7",
    "--controller",
    "rules",
    "--controller",
    "mpc",
    "--announce",
    "both",
    "--sensor",
    "dexcom",
];

const MUTANTS_MAX: usize = 120;

struct Mutant {
    file: PathBuf,
    line: usize,
    before: String,
    after: String,
}

/// What a run of the corpus showed, per cell: a fingerprint of the orders, and how often the
/// second opinion objected or differed.
type Shown = BTreeMap<String, (String, u64)>;

#[derive(Default)]
struct Score {
    unbuildable: usize,
    without_effect: usize,
    caught: usize,
    missed: Vec<String>,
}

pub(crate) fn run(most: Option<usize>) -> Outcome {
    let tree = shell::root().join("target/bite/tree");
    copy_tree(&tree)?;
    let baseline = shown(&tree)?.ok_or("the unchanged tree does not build")?;
    let mutants = choose(all_mutants()?, most.unwrap_or(MUTANTS_MAX));
    let total = mutants.len();
    let mut score = Score::default();
    for (number, mutant) in mutants.into_iter().enumerate() {
        let place = tree.join(&mutant.file);
        let original = shell::read(&place)?;
        std::fs::write(&place, with_line(&original, &mutant)).map_err(|e| e.to_string())?;
        let words = format!(
            "{}:{} `{}` became `{}`",
            mutant.file.display(),
            mutant.line + 1,
            mutant.before.trim(),
            mutant.after.trim()
        );
        let verdict = judge(&baseline, shown(&tree)?, &words, &mut score);
        eprintln!("bite {}/{total}: {verdict}: {words}", number + 1);
        std::fs::write(&place, original).map_err(|e| e.to_string())?;
    }
    report(&score, total)
}

fn judge(baseline: &Shown, shown: Option<Shown>, words: &str, score: &mut Score) -> &'static str {
    let Some(shown) = shown else {
        score.unbuildable += 1;
        return "does not build or run";
    };
    let changed = shown
        .iter()
        .any(|(cell, (orders, _))| baseline.get(cell).is_none_or(|(before, _)| before != orders));
    if !changed {
        score.without_effect += 1;
        return "no effect on any order";
    }
    let louder = shown
        .iter()
        .any(|(cell, (_, spoken))| baseline.get(cell).is_some_and(|(_, before)| spoken > before));
    if louder {
        score.caught += 1;
        return "caught";
    }
    score.missed.push(words.to_owned());
    "MISSED"
}

fn report(score: &Score, total: usize) -> Outcome {
    let relevant = score.caught + score.missed.len();
    let share = (score.caught * 1_000).checked_div(relevant).unwrap_or(0);
    let mut text = format!(
        "mutants {total}: {} do not build or run, {} without effect on any order, {relevant} \
         relevant to the dose\nsecond opinion caught {} of {relevant}: {}.{} %\n",
        score.unbuildable,
        score.without_effect,
        score.caught,
        share / 10,
        share % 10
    );
    for missed in &score.missed {
        let _ = writeln!(text, "missed {missed}");
    }
    println!("{text}");
    if share < 800 {
        return Err("the second opinion caught less than 80 % of the dose-relevant mutants".into());
    }
    Ok(())
}

fn all_mutants() -> Outcome<Vec<Mutant>> {
    let root = shell::root();
    let mut mutants = Vec::new();
    for source in SOURCES {
        let path = root.join(source);
        let files = if path.is_dir() { shell::files(&path, ".rs") } else { vec![path] };
        for file in files.into_iter().filter(|file| !file.ends_with("tests.rs")) {
            let text = shell::read(&file)?;
            let name = file.strip_prefix(&root).unwrap_or(&file).to_path_buf();
            mutants.extend(mutants_of(&name, &text));
        }
    }
    Ok(mutants)
}

fn mutants_of(file: &Path, text: &str) -> Vec<Mutant> {
    let shipped = text.split("#[cfg(test)]").next().unwrap_or(text);
    let mut mutants = Vec::new();
    for (line, before) in shipped.lines().enumerate() {
        let code = before.trim_start();
        if ["//", "#", "use ", "impl", "pub trait", "where", "type "]
            .iter()
            .any(|start| code.starts_with(start))
        {
            continue;
        }
        for (from, to) in EXCHANGES {
            if before.contains(from) {
                let after = before.replacen(from, to, 1);
                let before = before.to_owned();
                mutants.push(Mutant { file: file.to_path_buf(), line, before, after });
            }
        }
    }
    mutants
}

/// An even sample, so that every file has its share.
fn choose(mutants: Vec<Mutant>, most: usize) -> Vec<Mutant> {
    let stride = mutants.len().div_ceil(most.max(1)).max(1);
    mutants.into_iter().step_by(stride).collect()
}

fn with_line(text: &str, mutant: &Mutant) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (number, line) in text.lines().enumerate() {
        out.push_str(if number == mutant.line { &mutant.after } else { line });
        out.push('\n');
    }
    out
}

fn copy_tree(tree: &Path) -> Outcome {
    let _ = std::fs::remove_dir_all(tree);
    std::fs::create_dir_all(tree).map_err(|error| error.to_string())?;
    let target = tree.display().to_string();
    let copy = ["-r", "crates", "xtask", "Cargo.toml", "Cargo.lock", "clippy.toml", &target];
    shell::run("cp", &copy)
}

/// Builds the tree and runs the corpus; `None` when the mutant does not build or run.
fn shown(tree: &Path) -> Outcome<Option<Shown>> {
    let target = shell::root().join("target/bite/build");
    let out = shell::root().join("target/bite/out");
    let built = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--offline", "-p", "homeostat-cli"])
        .env("CARGO_TARGET_DIR", &target)
        // The mutants are many and the corpus is small: a quick build beats a quick program.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .current_dir(tree)
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !built.status.success() {
        return Ok(None);
    }
    let _ = std::fs::remove_dir_all(&out);
    let ran = Command::new(target.join("release/homeostat"))
        .arg("trial")
        .args(CORPUS)
        .arg("--out")
        .arg(&out)
        .output()
        .map_err(|error| format!("homeostat: {error}"))?;
    // A negative verdict of the trial is a result, a crash is not.
    if !matches!(ran.status.code(), Some(0 | 1)) {
        return Ok(None);
    }
    cells(&shell::read(&out.join("cells.csv"))?).map(Some)
}

/// Reads `cells.csv`: arm, subject, ..., `orders` (fingerprint), `objected`, `differed`.
fn cells(text: &str) -> Outcome<Shown> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| {
        header
            .iter()
            .position(|title| *title == name)
            .ok_or_else(|| format!("cells.csv has no column `{name}`"))
    };
    let names = [column("arm")?, column("subject")?];
    let [orders, objected, differed] =
        [column("orders")?, column("objected")?, column("differed")?];
    let mut shown = Shown::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let text = |at: usize| fields.get(at).copied().unwrap_or_default();
        let count = |at: usize| text(at).parse::<u64>().unwrap_or(0);
        let cell = names.map(text).join("/");
        shown.insert(cell, (text(orders).to_owned(), count(objected) + count(differed)));
    }
    Ok(shown)
}
