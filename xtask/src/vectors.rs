//! Released vectors: black boxes of every format that was ever released. They must verify and be
//! read cycle by cycle forever; those of this version must replay bit for bit. A box of another
//! version either replays too, or the replay says that another release decided otherwise and calls
//! it no divergence. When a box fails, the change is wrong, not the vector: mend the decoder, or
//! add a new version beside the old one and keep both.

use crate::shell::{self, Outcome};
use std::path::Path;
use std::process::Command;

const HOMEOSTAT: &str = "target/release/homeostat";

pub(crate) fn run(write: bool) -> Outcome {
    shell::run("cargo", &["build", "--release", "--locked"])?;
    if write {
        add()?;
    }
    let boxes = shell::root().join("vectors/boxes");
    let mut folders: Vec<_> = std::fs::read_dir(&boxes)
        .map_err(|error| format!("{}: {error}", boxes.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    if folders.is_empty() {
        return Err("vectors/boxes holds no released black box".into());
    }
    let (mut equal, mut foreign) = (0, 0);
    for folder in &folders {
        let folder = folder.display().to_string();
        shell::run(HOMEOSTAT, &["log", "verify", &folder])?;
        shell::output(HOMEOSTAT, &["log", "show", "--json", &folder], &[])?;
        if replays(&folder)? { equal += 1 } else { foreign += 1 }
    }
    let of_others = format!("{foreign} of other releases differ by their identity");
    eprintln!("vectors: {} boxes verify, {equal} replay equal, {of_others}", folders.len());
    if equal == 0 {
        let hint = "cargo xtask vectors --write after a new version in Cargo.toml";
        return Err(format!("no box of this version in vectors/boxes: {hint}"));
    }
    Ok(())
}

/// Whether a box replays equal; if not, it has to be another release's.
fn replays(folder: &str) -> Outcome<bool> {
    let answer = Command::new(shell::root().join(HOMEOSTAT))
        .args(["log", "replay", "--json", folder])
        .output()
        .map_err(|error| format!("{HOMEOSTAT}: {error}"))?;
    let found: serde_json::Value = serde_json::from_slice(&answer.stdout)
        .map_err(|error| format!("{folder}: the replay gave no verdict: {error}"))?;
    let is = |field: &str| found[field].as_bool() == Some(true);
    match (is("log_good"), is("equal"), is("same_software")) {
        (true, true, _) => Ok(true),
        (true, false, false) => Ok(false),
        _ => Err(format!("{folder}: {found}")),
    }
}

/// The boxes of a release: name, controller, and the trial of one person that leaves it. Short, so that
/// they stay small.
const BOXES: &[(&str, &str, &[&str])] = &[
    ("rules", "rules", A_DAY_OF_INSULIN),
    ("mpc", "mpc", A_DAY_OF_INSULIN),
    ("propofol-mpc", "mpc", AN_INDUCTION),
];
const A_DAY_OF_INSULIN: &[&str] =
    &["--only", "adult#001", "--days", "1", "--run-in", "0", "--announce", "yes"];
/// A quarter of an hour: induction, and the first stimuli.
const AN_INDUCTION: &[&str] = &["--therapy", "propofol", "--count", "1", "--minutes", "15"];

/// Adds boxes of the present version.
fn add() -> Outcome {
    let version = env!("CARGO_PKG_VERSION");
    let out = "target/vectors";
    for (name, controller, of) in BOXES {
        let _ = std::fs::remove_dir_all(shell::root().join(out));
        let usual = ["trial", "--seed", "1", "--controller", controller, "--out", out];
        // A trial may fail its criteria (a day without run-in); its boxes are good all the same.
        let verdict = shell::run(HOMEOSTAT, &[&usual[..], of].concat());
        if let Err(words) = verdict {
            eprintln!("vectors: {words}");
        }
        let boxes = shell::root().join(out).join("boxes");
        let target = shell::root().join(format!("vectors/boxes/v{version}-{name}"));
        copy_first_box(&boxes, &target)?;
    }
    Ok(())
}

/// Copies the one box that the run left.
fn copy_first_box(boxes: &Path, target: &Path) -> Outcome {
    let slot = shell::files(boxes, "checkpoint-0")
        .into_iter()
        .next()
        .ok_or_else(|| format!("{} holds no black box", boxes.display()))?;
    let folder = slot.parent().unwrap_or(boxes);
    for file in shell::files(folder, "") {
        let to = target.join(file.strip_prefix(folder).unwrap_or(&file));
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|error| error.to_string())?;
        }
        std::fs::copy(&file, &to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    Ok(())
}
