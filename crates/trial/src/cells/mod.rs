//! The cells of a trial, whatever its therapy: arms by hazards by subjects by seeds, who takes part, and
//! how all of them are run in parallel with the same result whatever the number of threads.

mod course;
mod error;
mod identity;
mod select;

use std::path::{Path, PathBuf};

use homeostat_assembly::inspection::{Builder, Inspection, inspect};
use homeostat_blackbox::disk::Disk;
use homeostat_blackbox::folder::{Durability, FolderDisk};
use homeostat_blackbox::verdict::{Options, Visit};
use homeostat_blackbox::verify::verify_log;
use homeostat_patients::wording::csv_text;
use rayon::prelude::*;

use crate::checkers::Findings;
use crate::engine::{MemoryDisk, test_signer};

pub(crate) use course::{authority, is_bounded, mode_spans};
pub use error::{CellError, TrialError, cohort_error};
pub(crate) use identity::box_of_cell;
pub use select::PeopleFile;
pub(crate) use select::{binding, chosen};

/// Threads at most, whatever is asked for.
const THREADS_MOST: usize = 512;

/// Which cell of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellKey {
    /// Place of the arm in the scenario.
    pub arm: usize,
    /// Place of the hazard in the scenario, if it has any.
    pub hazard: Option<usize>,
    /// Place of the subject in the cohort.
    pub subject: usize,
    /// Seed.
    pub seed: u64,
}

/// Where a cell's box is kept.
#[derive(Clone, Copy, Debug)]
pub enum BoxPlace<'p> {
    /// In a folder that does not exist yet.
    Folder(&'p Path),
    /// In memory, while the cell is run and checked.
    Memory,
}

impl BoxPlace<'_> {
    /// Runs something on a disk of this kind.
    pub(crate) fn run<T>(
        self,
        on_memory: impl FnOnce(MemoryDisk) -> Result<T, CellError>,
        on_folder: impl FnOnce(FolderDisk) -> Result<T, CellError>,
    ) -> Result<T, CellError> {
        let folder = match self {
            Self::Memory => return on_memory(MemoryDisk::default()),
            Self::Folder(folder) => folder,
        };
        let disk = FolderDisk::writable(folder, Durability::Process).map_err(|error| {
            let folder = folder.display().to_string();
            CellError::Folder { folder, reason: error.to_string() }
        })?;
        on_folder(disk)
    }
}

/// Reads the finished box of a cell again: verified, and every cycle computed again.
///
/// # Errors
/// The box cannot be read.
pub(crate) fn read_again<D: Disk>(
    disk: &mut D,
    build: Builder<'_>,
    seed: u64,
) -> Result<Inspection, CellError> {
    let options = Options::default();
    let signer = test_signer(seed)?;
    let verify = |visit: Visit<'_>| verify_log(disk, &options, visit);
    Ok(inspect(verify, build, Some(signer.verifier()))?)
}

/// The folder of a subject whose name is none, before his number.
const NUMBERED: &str = "subject-";

/// What came of a cell, as far as every therapy has it.
pub trait CellOutcome {
    /// The subject's name.
    fn subject(&self) -> &str;
    /// What the checkers found, and the head of the box.
    fn findings(&self) -> &Findings;
}

/// The names in a trial, from which its cells follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// The arms.
    pub arms: Vec<String>,
    /// The hazards; every arm runs under each, or once if there are none.
    pub hazards: Vec<String>,
    /// Who takes part.
    pub subjects: Vec<String>,
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds, counting up.
    pub seeds: u32,
}

impl Roster {
    /// Every cell, in the order of the results.
    #[must_use]
    pub fn cells(&self) -> Vec<CellKey> {
        let hazards: Vec<Option<usize>> = match self.hazards.len() {
            0 => vec![None],
            count => (0..count).map(Some).collect(),
        };
        let mut cells = Vec::new();
        for arm in 0..self.arms.len() {
            for hazard in hazards.iter().copied() {
                for subject in 0..self.subjects.len() {
                    // What lies beyond the last seed there is has no number.
                    let seeds = (0..u64::from(self.seeds))
                        .map_while(|later| self.first_seed.checked_add(later));
                    cells.extend(seeds.map(|seed| CellKey { arm, hazard, subject, seed }));
                }
            }
        }
        cells
    }

    /// The key of a cell by the names that people use; without a hazard, the first.
    #[must_use]
    pub fn key(
        &self,
        arm: &str,
        hazard: Option<&str>,
        subject: &str,
        seed: u64,
    ) -> Option<CellKey> {
        let place = |names: &[String], name: &str| names.iter().position(|known| known == name);
        let hazard = match hazard {
            None if self.hazards.is_empty() => None,
            None => Some(0),
            Some(name) => Some(place(&self.hazards, name)?),
        };
        let (arm, subject) = (place(&self.arms, arm)?, place(&self.subjects, subject)?);
        Some(CellKey { arm, hazard, subject, seed })
    }

    /// The name of a cell's arm.
    #[must_use]
    pub fn arm(&self, key: CellKey) -> &str {
        self.arms.get(key.arm).map_or("", String::as_str)
    }

    /// The name of a cell's hazard, if it has one.
    #[must_use]
    pub fn hazard(&self, key: CellKey) -> Option<&str> {
        self.hazards.get(key.hazard?).map(String::as_str)
    }

    /// Folder of a cell's box below the folder of all boxes: `<arm>/<subject>`, the arm with its
    /// hazard, the subject with its seed where there are several.
    #[must_use]
    pub fn box_folder(&self, key: CellKey) -> PathBuf {
        let arm = self.arm(key);
        let arm = self.hazard(key).map_or(arm.to_owned(), |hazard| format!("{arm}.{hazard}"));
        let subject = self.subjects.get(key.subject).map_or("", String::as_str);
        let folder = PathBuf::from(arm).join(self.folder_name(subject, key.subject));
        if self.seeds == 1 { folder } else { folder.join(format!("seed-{}", key.seed)) }
    }

    /// A subject's name as the name of a folder: his own where it is one, and no other's where some file
    /// systems take capital and small letters for the same.
    fn folder_name(&self, subject: &str, place: usize) -> String {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '-' | '_');
        let named = !subject.is_empty() && subject.len() <= 64 && subject.chars().all(fits);
        let numbered =
            subject.get(..NUMBERED.len()).is_some_and(|s| s.eq_ignore_ascii_case(NUMBERED));
        let mut others = self.subjects.iter().enumerate().filter(|(other, _)| *other != place);
        if named && !numbered && !others.any(|(_, other)| other.eq_ignore_ascii_case(subject)) {
            subject.to_owned()
        } else {
            format!("{NUMBERED}{}", place + 1)
        }
    }

    /// Runs all cells on `jobs` threads, at most one for each cell; `done` is called after each. Boxes are kept below `boxes`, or
    /// nowhere.
    ///
    /// # Errors
    /// The first error in the order of the cells.
    pub fn run<R: Send>(
        &self,
        boxes: Option<&Path>,
        jobs: usize,
        done: &(dyn Fn() + Sync),
        cell: &(dyn Fn(CellKey, BoxPlace<'_>) -> Result<R, CellError> + Sync),
    ) -> Result<Vec<(CellKey, R)>, TrialError> {
        let cells = self.cells();
        // More threads than cells have nothing to do, and far more cannot be started.
        let jobs = jobs.min(cells.len()).min(THREADS_MOST);
        let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
        let threads = threads.map_err(|error| TrialError::Threads(error.to_string()))?;
        let run_one = |key: &CellKey| {
            let folder = boxes.map(|boxes| boxes.join(self.box_folder(*key)));
            let result = cell(*key, folder.as_deref().map_or(BoxPlace::Memory, BoxPlace::Folder));
            done();
            result.map(|result| (*key, result)).map_err(|error| {
                let cell = self.box_folder(*key).display().to_string();
                TrialError::Cell { cell, error }
            })
        };
        let results: Vec<_> = threads.install(|| cells.par_iter().map(run_one).collect());
        results.into_iter().collect()
    }

    /// The head of every box: what `homeostat trial repro --expect` compares with.
    #[must_use]
    pub fn heads_csv<R: CellOutcome>(&self, results: &[(CellKey, R)]) -> String {
        let mut text = "arm,hazard,subject,seed,entries,head\n".to_owned();
        for (key, cell) in results {
            let (arm, hazard) = (self.arm(*key), self.hazard(*key).unwrap_or(""));
            let (subject, seed) = (csv_text(cell.subject()), key.seed);
            let Findings { entries, root, .. } = cell.findings();
            text.push_str(&format!("{arm},{hazard},{subject},{seed},{entries},{root}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_boxes_never_leave_their_place() {
        let roster = Roster {
            arms: vec!["one".into()],
            hazards: vec!["none".into(), "late".into()],
            subjects: vec!["adult#003".into(), "../../etc".into()],
            first_seed: 3,
            seeds: 2,
        };
        assert_eq!(roster.cells().len(), 8);
        let key = roster.key("one", Some("late"), "../../etc", 4).expect("it is there");
        assert_eq!(roster.box_folder(key), PathBuf::from("one.late/subject-2/seed-4"));
        assert_eq!(roster.folder_name("a b", 0), "subject-1");
        assert_eq!(roster.key("one", None, "nobody", 3), None);
    }

    #[test]
    fn no_two_subjects_share_a_folder_whatever_the_file_system() {
        let names = ["Anna", "anna", "bert", "subject-1", "Subject-9", "x y"];
        let subjects = names.map(str::to_owned).to_vec();
        let roster = Roster { arms: vec!["one".into()], subjects, seeds: 1, ..Roster::default() };
        let folders: Vec<String> = roster
            .cells()
            .into_iter()
            .map(|key| roster.box_folder(key).display().to_string().to_ascii_lowercase())
            .collect();
        let unique: std::collections::BTreeSet<&String> = folders.iter().collect();
        assert_eq!(unique.len(), names.len(), "{folders:?}");
        assert_eq!(folders[2], "one/bert");
    }

    #[test]
    fn the_last_seed_there_is_can_be_run_and_none_after_it() {
        let roster = Roster {
            arms: vec!["one".into()],
            subjects: vec!["a".into()],
            first_seed: u64::MAX - 1,
            seeds: 5,
            ..Roster::default()
        };
        let seeds: Vec<u64> = roster.cells().into_iter().map(|key| key.seed).collect();
        assert_eq!(seeds, [u64::MAX - 1, u64::MAX]);
    }
}
