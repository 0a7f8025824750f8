//! Files, read whole and written whole: an error never leaves half of one behind.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// No scenario, cohort, table of inputs or proof is larger: 256 MiB.
const MOST_READ: u64 = 256 * 1024 * 1024;
/// A folder of results holds one of these,
const MARKS: [&str; 2] = ["results.json", "analysis.json"];
/// and of others these alone.
const BESIDE_MARKS: [&str; 6] =
    ["report.html", "subjects.csv", "scenario.toml", "heads.csv", "boxes", "readings.csv"];
const LOCK: &str = ".lock";

/// Reads a text file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read_bytes(path)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
        Failure::environment(format!("{}:{line}: expected UTF-8 text", path.display()))
    })
}

/// Reads a file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_READ + 1).read_to_end(&mut bytes));
    read.map_err(|error| Failure::file(path, &error))?;
    if bytes.len() as u64 > MOST_READ {
        let words = "more than 256 MiB; expected a scenario, a table or a proof";
        return Err(Failure::environment(format!("{}: {words}", path.display())));
    }
    Ok(bytes)
}

/// Reads a small file that must be a regular one: no pipe to wait for, no device without an end.
pub(crate) fn read_regular(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let found = fs::metadata(path).map_err(|error| Failure::file(path, &error))?;
    let refuse = |words: String| Failure::environment(format!("{}: {words}", path.display()));
    if !found.is_file() {
        return Err(refuse("not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| Failure::file(path, &error))?;
    if bytes.len() > most {
        return Err(refuse(format!("more than {} KiB; such a file is never larger", most / 1024)));
    }
    Ok(bytes)
}

/// Writes a file beside its place and moves it there. A link stays and its target is replaced; a
/// terminal, a pipe or a device is written to as it is.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Outcome {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return fs::write(path, bytes).map_err(|error| Failure::file(path, &error));
    }
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = beside(&place, "partial");
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, &place));
    written.map_err(|error| {
        // Nothing half-written stays; that the clearing fails too is said by the first error.
        let _ = fs::remove_file(&beside);
        Failure::file(path, &error)
    })
}

/// A folder that is filled beside its place and moved there when it is whole.
pub(crate) struct NewFolder {
    place: PathBuf,
    beside: PathBuf,
    /// Held while the folder is filled, so that no other run clears it away.
    lock: Option<File>,
    kept: bool,
}

impl NewFolder {
    /// Begins a folder that is to stand at `place`. A former result there is replaced at the end; a
    /// folder with anything else in it is refused, and so are a file and the folder one stands in.
    pub(crate) fn begin(place: &Path) -> Result<Self, Failure> {
        let refuse = |words: &str| Failure::environment(format!("{}: {words}", place.display()));
        if place.exists() && !is_replaceable(place) {
            return Err(refuse(
                "is there and holds no former result, or other files too; name another folder with \
                 --out",
            ));
        }
        let whole = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        if std::env::current_dir().is_ok_and(|current| current.starts_with(&whole)) {
            return Err(refuse("is the folder that you stand in; name another folder with --out"));
        }
        let beside = beside(&whole, "partial");
        let failed = |error: std::io::Error| Failure::file(&beside, &error);
        fs::create_dir_all(&beside).map_err(failed)?;
        let lock = File::create(beside.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(refuse("another run is writing there")),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        clear_killed(&beside).map_err(failed)?;
        Ok(Self { place: whole, beside, lock: Some(lock), kept: false })
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.beside
    }

    /// Writes a file in it.
    pub(crate) fn write(&self, name: &str, text: &str) -> Outcome {
        let path = self.beside.join(name);
        fs::write(&path, text).map_err(|error| Failure::file(&path, &error))
    }

    /// Moves it to its place.
    pub(crate) fn keep(mut self) -> Outcome {
        drop(self.lock.take());
        let moved = fs::remove_file(self.beside.join(LOCK)).and_then(|()| self.replace());
        moved.map_err(|error| Failure::file(&self.place, &error))?;
        self.kept = true;
        Ok(())
    }

    /// The former result goes only when the new one stands.
    fn replace(&self) -> std::io::Result<()> {
        if !self.place.exists() {
            return fs::rename(&self.beside, &self.place);
        }
        let former = beside(&self.place, "former");
        if former.exists() {
            fs::remove_dir_all(&former)?;
        }
        fs::rename(&self.place, &former)?;
        if let Err(error) = fs::rename(&self.beside, &self.place) {
            fs::rename(&former, &self.place)?;
            return Err(error);
        }
        fs::remove_dir_all(&former)
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.kept {
            // The command fails for another reason, which is the one to be told.
            let _ = fs::remove_dir_all(&self.beside);
        }
    }
}

/// Whether a folder is empty or holds what an earlier run of this command left, and nothing else.
fn is_replaceable(place: &Path) -> bool {
    let names = fs::read_dir(place)
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
    let names: Vec<OsString> = match names {
        Ok(names) => names,
        Err(_) => return false,
    };
    let among = |known: &[&str], name: &OsString| known.iter().any(|own| name == *own);
    let marked = names.is_empty() || names.iter().any(|name| among(&MARKS, name));
    marked && names.iter().all(|name| among(&MARKS, name) || among(&BESIDE_MARKS, name))
}

/// Clears what a run left that was killed; the lock is ours.
fn clear_killed(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().map_or_else(|| "out".into(), |name| name.to_owned());
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(".");
    hidden.push(ending);
    path.with_file_name(hidden)
}
