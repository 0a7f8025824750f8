//! Real feeds for tests and benches: `HOMEOSTAT_DATA` names the folder with `advisories/`, whose archives (`.tar.xz`,
//! `.json.xz`) are unpacked once into the folder for temporary files. Where they are not, those who ask are skipped and
//! say so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with `icsma-*.json`, `kev*.json` and RustSec's OSV files in `crates/`.
pub(crate) fn advisories() -> Option<PathBuf> {
    let found = std::env::var_os("HOMEOSTAT_DATA")
        .and_then(|folder| unpacked(&PathBuf::from(folder).join("advisories")));
    if found.is_none() {
        eprintln!(
            "skipped: set HOMEOSTAT_DATA to the folder that holds advisories/ (tar and xz unpack them)"
        );
    }
    found
}

fn unpacked(folder: &Path) -> Option<PathBuf> {
    let mut archives: Vec<PathBuf> =
        fs::read_dir(folder).ok()?.flatten().map(|one| one.path()).collect();
    archives.retain(|path| path.extension().is_some_and(|ending| ending == "xz"));
    archives.sort();
    let bytes: u64 =
        archives.iter().filter_map(|path| fs::metadata(path).ok()).map(|one| one.len()).sum();
    let place = std::env::temp_dir().join(format!("homeostat-advisories-{bytes}"));
    if place.is_dir() {
        return Some(place);
    }
    // Whole or not at all, whoever else is unpacking.
    let beside = place.with_extension(std::process::id().to_string());
    fs::create_dir_all(&beside).ok()?;
    for archive in archives {
        let stem = archive.file_stem()?.to_string_lossy().into_owned();
        let done = if stem.ends_with(".tar") {
            Command::new("tar")
                .arg("-xJf")
                .arg(&archive)
                .arg("-C")
                .arg(&beside)
                .status()
                .ok()?
                .success()
        } else {
            let output = Command::new("xz").arg("-dc").arg(&archive).output().ok()?;
            fs::write(beside.join(stem), &output.stdout).ok()?;
            output.status.success()
        };
        if !done {
            return None;
        }
    }
    if fs::rename(&beside, &place).is_err() {
        let _ = fs::remove_dir_all(&beside);
    }
    place.is_dir().then_some(place)
}
