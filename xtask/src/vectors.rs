//! Released vectors: black boxes of every format that was ever released. They must verify and
//! replay forever. When one no longer does, the change is wrong, not the vector: mend the
//! decoder, or add a new version beside the old one and keep both.

use crate::shell::{self, Outcome};
use std::path::Path;

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
    for folder in &folders {
        let folder = folder.display().to_string();
        shell::run(HOMEOSTAT, &["log", "verify", &folder])?;
        shell::run(HOMEOSTAT, &["log", "replay", &folder])?;
    }
    eprintln!("vectors: {} black boxes verify and replay", folders.len());
    Ok(())
}

/// Adds boxes of the present version.
fn add() -> Outcome {
    let version = env!("CARGO_PKG_VERSION");
    let out = "target/vectors";
    let _ = std::fs::remove_dir_all(shell::root().join(out));
    for arm in ["rules", "mpc"] {
        let arguments = [
            "trial",
            "--only",
            "adult#001",
            "--days",
            "1",
            "--run-in",
            "0",
            "--seed",
            "1",
            "--controller",
            arm,
            "--announce",
            "yes",
            "--out",
            out,
        ];
        // A trial may fail its criteria (a day without run-in); its boxes are good all the same.
        let verdict = shell::run(HOMEOSTAT, &arguments);
        if let Err(words) = verdict {
            eprintln!("vectors: {words}");
        }
        let boxes = shell::root().join(out).join("boxes");
        let target = shell::root().join(format!("vectors/boxes/v{version}-{arm}"));
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
