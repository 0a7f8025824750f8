//! Files, read whole and moved into place when they are whole: an error never leaves half of one
//! behind.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// No scenario, cohort, table of inputs or proof is larger: 256 MiB.
const MOST_READ: u64 = 256 * 1024 * 1024;
/// A folder of results holds one of these,
const MARKS: [&str; 3] = ["results.json", "analysis.json", "published.json"];
/// and of others these alone.
const BESIDE_MARKS: [&str; 16] = [
    "report.html",
    "subjects.csv",
    "scenario.toml",
    "heads.csv",
    "boxes",
    "people",
    "readings.csv",
    "openvex.json",
    "cyclonedx-vex.json",
    "csaf-2.0",
    "csaf-2.1",
    "decision.json",
    "letter.md",
    "security.txt",
    "incident-mir.md",
    "incident-medwatch-3500a.md",
];
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
        let words = "more than 256 MiB, the most that is read of one file";
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

/// Writes a file beside its place and moves it there; see [`stream`].
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Outcome {
    stream(path, |out| out.write_all(bytes))
}

/// Makes the files of a folder durable, and their names: a loss of power leaves all of them.
///
/// # Errors
/// The system's reason.
pub(crate) fn make_durable(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::File::open(entry?.path())?.sync_all()?;
    }
    fs::File::open(folder)?.sync_all()
}

/// Lets `write` fill a file beside its place, however long it is, and moves it there when it is
/// whole. A link stays and its target is replaced; a terminal, a pipe or a device is written to as it
/// is.
pub(crate) fn stream(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Outcome {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    let found = fs::metadata(path);
    if found.as_ref().is_ok_and(fs::Metadata::is_dir) {
        let words = "is a folder; name a file with --out";
        return Err(Failure::environment(format!("{}: {words}", path.display())));
    }
    if found.is_ok_and(|found| !found.is_file()) {
        let mut out = BufWriter::new(File::options().write(true).open(path).map_err(failed)?);
        return write(&mut out).and_then(|()| out.flush()).map_err(failed);
    }
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = beside(&place, "partial");
    // What a killed run left is taken over; what another run is writing is left to it.
    let open = File::options().write(true).create(true).truncate(false).open(&beside);
    let file = open.map_err(failed)?;
    match file.try_lock() {
        // Gone: the run that had it moved it into place a moment ago.
        Ok(()) if beside.exists() => {}
        Ok(()) | Err(TryLockError::WouldBlock) => {
            let words = "another run is writing there";
            return Err(Failure::environment(format!("{}: {words}", path.display())));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let mut out = BufWriter::new(&file);
    let written = file.set_len(0).and_then(|()| write(&mut out)).and_then(|()| out.flush());
    // Dropped without another attempt to write what could not be written.
    let _ = out.into_parts();
    written.and_then(|()| fs::rename(&beside, &place)).map_err(|error| {
        // Nothing half-written stays; that the clearing fails too is said by the first error.
        let _ = fs::remove_file(&beside);
        failed(error)
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

    /// Writes a file in it, or in a folder of it.
    pub(crate) fn write(&self, name: &str, text: &str) -> Outcome {
        let path = self.beside.join(name);
        let within = path.parent().map_or(Ok(()), fs::create_dir_all);
        within.and_then(|()| fs::write(&path, text)).map_err(|error| Failure::file(&path, &error))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_fails_leaves_what_was_there_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("homeostat-stream-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let path = folder.join("table.csv");
        let whole = |out: &mut dyn Write| out.write_all(b"whole");
        assert!(stream(&path, whole).is_ok());
        let half = |out: &mut dyn Write| {
            out.write_all(&[b'x'; 100_000])?;
            Err(std::io::Error::other("no space left"))
        };
        let failed = stream(&path, half).expect_err("the writer failed");
        assert!(matches!(failed, Failure::Environment(words) if words.contains("no space left")));
        assert_eq!(fs::read(&path).ok().as_deref(), Some(&b"whole"[..]));
        // What a killed run left is taken over, and longer than what comes.
        fs::write(folder.join(".table.csv.partial"), [b'y'; 100]).expect("it can be written");
        assert!(stream(&path, whole).is_ok());
        assert_eq!(fs::read(&path).ok().as_deref(), Some(&b"whole"[..]));
        let held = File::create(folder.join(".table.csv.partial")).expect("it can be made");
        held.lock().expect("nobody else holds it");
        let refused = stream(&path, whole).expect_err("somebody writes there");
        assert!(matches!(refused, Failure::Environment(words) if words.contains("another run")));
        drop(held);
        fs::remove_file(folder.join(".table.csv.partial")).expect("it is there");
        assert!(stream(&folder, whole).is_err(), "a folder is no file");
        assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1);
        fs::remove_dir_all(&folder).expect("it is there");
    }
}
