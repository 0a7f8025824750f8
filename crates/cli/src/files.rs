//! Files, read whole and written whole: an error never leaves half of one behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

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
    fs::read(path).map_err(|error| Failure::file(path, &error))
}

/// Writes a file beside its place and moves it there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Outcome {
    let beside = beside(path);
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
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
    kept: bool,
}

impl NewFolder {
    /// Begins a folder that is to stand at `place`. A former result there is replaced at the end;
    /// a folder of anything else is refused, and so is a file.
    pub(crate) fn begin(place: &Path) -> Result<Self, Failure> {
        if place.exists() && !is_replaceable(place) {
            return Err(Failure::environment(format!(
                "{}: is there and holds no former result; name another folder with --out",
                place.display()
            )));
        }
        let beside = beside(place);
        let cleared = if beside.exists() { fs::remove_dir_all(&beside) } else { Ok(()) };
        let made = cleared.and_then(|()| fs::create_dir_all(&beside));
        made.map_err(|error| Failure::file(&beside, &error))?;
        Ok(Self { place: place.to_owned(), beside, kept: false })
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
        let moved = self.replace();
        moved.map_err(|error| Failure::file(&self.place, &error))?;
        self.kept = true;
        Ok(())
    }

    fn replace(&self) -> std::io::Result<()> {
        if self.place.exists() {
            fs::remove_dir_all(&self.place)?;
        }
        fs::rename(&self.beside, &self.place)
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

/// Whether a folder is empty or holds what an earlier run of this command left.
fn is_replaceable(place: &Path) -> bool {
    let marks = ["results.json", "analysis.json"];
    let empty = fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none());
    empty || marks.iter().any(|mark| place.join(mark).is_file())
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(|| "out".into(), |name| name.to_owned());
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".partial");
    path.with_file_name(hidden)
}
