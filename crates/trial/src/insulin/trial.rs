//! A whole trial: arms by hazards by subjects by seeds, in parallel, with the same result whatever
//! the number of threads.

use std::io::Read;
use std::path::{Path, PathBuf};

use homeostat_patients::hovorka::sample_hovorka;
use homeostat_patients::random::Seed;
use homeostat_patients::wording::{nearest, quoted};
use homeostat_patients::{Cohort, TableError};
use rayon::prelude::*;

use super::cell::{BoxPlace, Cell, CellError, CellResult};
use super::scenario::{Family, Scenario};

/// Subjects that are drawn of the Hovorka family when nobody says how many.
const HOVORKA_SUBJECTS: u32 = 30;
/// No cohort file is larger: 64 MiB.
const MOST_READ: u64 = 64 * 1024 * 1024;

/// Why a trial could not be run.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The cohort file cannot be read.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// The cohort file does not hold what it should.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The scenario names somebody who is not there.
    #[error("subject {}: not in the cohort; expected {known}", quoted(name))]
    Subject {
        /// The name.
        name: String,
        /// Who may have been meant, in words.
        known: String,
    },
    /// The scenario names somebody twice.
    #[error("subject {}: named twice; expected each subject once", quoted(name))]
    Twice {
        /// The name.
        name: String,
    },
    /// The scenario wants more subjects than there are.
    #[error("count: found {count}; expected at most {subjects}, all that the cohort has")]
    Count {
        /// How many are wanted.
        count: u32,
        /// How many there are.
        subjects: usize,
    },
    /// A criterion that decides binds nobody, and would pass whatever happens.
    #[error("criteria[{}].subjects: found {}, which binds nobody who takes part; expected the first \
        letters of a subject, {known}", place + 1, quoted(subjects))]
    Criterion {
        /// Place of the criterion in the scenario, from 0.
        place: usize,
        /// The first letters that nobody has.
        subjects: String,
        /// Who may have been meant, in words.
        known: String,
    },
    /// The threads could not be started.
    #[error("threads: {0}")]
    Threads(String),
    /// A cell failed.
    #[error("{cell}: {error}")]
    Cell {
        /// Which.
        cell: String,
        /// Why.
        error: CellError,
    },
}

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

/// A scenario with its cohort: ready to run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The scenario.
    pub scenario: Scenario,
    /// The subjects, all of whom take part.
    pub cohort: Cohort,
}

impl Trial {
    /// Finds the subjects of a scenario.
    ///
    /// # Errors
    /// When the cohort file cannot be used, a subject is named that is not there or twice, more are
    /// wanted than there are, or a criterion binds nobody.
    pub fn prepare(scenario: Scenario) -> Result<Self, TrialError> {
        let patients = &scenario.patients;
        let cohort = match &patients.family {
            Family::UvaPadova => Cohort::published(),
            Family::Hovorka => {
                let count = patients.count.unwrap_or(HOVORKA_SUBJECTS) as usize;
                Cohort::Hovorka(sample_hovorka(count, Seed(patients.seed)))
            }
            Family::File(file) => read_cohort(file)?,
        };
        let names = cohort.names();
        let places = if patients.subjects.is_empty() {
            let count = patients.count.unwrap_or(u32::MAX);
            if patients.count.is_some() && count as usize > names.len() {
                return Err(TrialError::Count { count, subjects: names.len() });
            }
            (0..names.len().min(count as usize)).collect()
        } else {
            patients
                .subjects
                .iter()
                .map(|name| place_of(&names, name))
                .collect::<Result<Vec<_>, _>>()?
        };
        let twice = (1..places.len()).find(|at| places[..*at].contains(&places[*at]));
        if let Some(at) = twice {
            return Err(TrialError::Twice { name: names[places[at]].clone() });
        }
        let cohort = cohort.select(&places);
        bound(&scenario, &cohort.names())?;
        Ok(Self { cohort, scenario })
    }

    /// Every cell, in the order of the results.
    #[must_use]
    pub fn cells(&self) -> Vec<CellKey> {
        let Scenario { arms, hazards, seeds, .. } = &self.scenario;
        let hazards: Vec<Option<usize>> = match hazards.len() {
            0 => vec![None],
            count => (0..count).map(Some).collect(),
        };
        let mut cells = Vec::new();
        for arm in 0..arms.len() {
            for hazard in &hazards {
                for subject in 0..self.cohort.names().len() {
                    for seed in seeds.first..seeds.first + u64::from(seeds.count) {
                        cells.push(CellKey { arm, hazard: *hazard, subject, seed });
                    }
                }
            }
        }
        cells
    }

    /// The cell with this key. A key that is not of this trial gives `None`.
    #[must_use]
    pub fn cell(&self, key: CellKey) -> Option<Cell<'_>> {
        let hazard = match key.hazard {
            None => None,
            Some(place) => Some(self.scenario.hazards.get(place)?),
        };
        Some(Cell {
            scenario: &self.scenario,
            cohort: &self.cohort,
            subject: key.subject,
            arm: self.scenario.arms.get(key.arm)?,
            hazard,
            seed: key.seed,
        })
    }

    /// The key of a cell by the names that people use.
    #[must_use]
    pub fn key(
        &self,
        arm: &str,
        hazard: Option<&str>,
        subject: &str,
        seed: u64,
    ) -> Option<CellKey> {
        let arm = self.scenario.arms.iter().position(|known| known.name == arm)?;
        let hazard = match hazard {
            None if self.scenario.hazards.is_empty() => None,
            None => Some(0),
            Some(name) => Some(self.scenario.hazards.iter().position(|known| known.name == name)?),
        };
        let subject = self.cohort.names().iter().position(|name| name == subject)?;
        Some(CellKey { arm, hazard, subject, seed })
    }

    /// Folder of a cell's box below the folder of all boxes: `<arm>/<subject>`, the arm with its
    /// hazard, the subject with its seed where there are several.
    #[must_use]
    pub fn box_folder(&self, key: CellKey) -> PathBuf {
        let arm = self.scenario.arms.get(key.arm).map_or("", |arm| arm.name.as_str());
        let hazard = key.hazard.and_then(|place| self.scenario.hazards.get(place));
        let arm = hazard.map_or(arm.to_owned(), |hazard| format!("{arm}.{}", hazard.name));
        let names = self.cohort.names();
        let subject = names.get(key.subject).map_or("", String::as_str);
        let folder = PathBuf::from(arm).join(folder_name(subject, key.subject));
        if self.scenario.seeds.count == 1 {
            folder
        } else {
            folder.join(format!("seed-{}", key.seed))
        }
    }

    /// Runs all cells on `jobs` threads; `done` is called after each. Boxes are kept below
    /// `boxes`, or nowhere.
    ///
    /// # Errors
    /// The first error in the order of the cells.
    pub fn run(
        &self,
        boxes: Option<&Path>,
        jobs: usize,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<(CellKey, CellResult)>, TrialError> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
        let threads = threads.map_err(|error| TrialError::Threads(error.to_string()))?;
        let cells = self.cells();
        let results: Vec<Result<(CellKey, CellResult), TrialError>> = threads.install(|| {
            cells
                .par_iter()
                .map(|key| {
                    let result = self.run_cell(*key, boxes);
                    done();
                    result.map(|result| (*key, result))
                })
                .collect()
        });
        results.into_iter().collect()
    }

    fn run_cell(&self, key: CellKey, boxes: Option<&Path>) -> Result<CellResult, TrialError> {
        let folder = boxes.map(|boxes| boxes.join(self.box_folder(key)));
        let place = folder.as_deref().map_or(BoxPlace::Memory, BoxPlace::Folder);
        let cell = self.cell(key).ok_or(CellError::Subject(key.subject));
        cell.and_then(|cell| cell.run(place)).map_err(|error| {
            let cell = self.box_folder(key).display().to_string();
            TrialError::Cell { cell, error }
        })
    }
}

fn place_of(names: &[String], name: &str) -> Result<usize, TrialError> {
    names.iter().position(|known| known == name).ok_or_else(|| {
        let known = nearest(name, names.iter().map(String::as_str));
        TrialError::Subject { name: name.to_owned(), known }
    })
}

/// Fails on a deciding criterion that binds none of the subjects.
fn bound(scenario: &Scenario, names: &[String]) -> Result<(), TrialError> {
    let binds = |letters: &str| names.iter().any(|name| name.starts_with(letters));
    let mut criteria = scenario.criteria.iter().enumerate();
    match criteria.find(|(_, criterion)| !criterion.aim && !binds(&criterion.subjects)) {
        None => Ok(()),
        Some((place, criterion)) => {
            let subjects = criterion.subjects.clone();
            let known = nearest(&subjects, names.iter().map(String::as_str));
            Err(TrialError::Criterion { place, subjects, known })
        }
    }
}

/// Reads a simglucose parameter file, with the questionnaire `Quest.csv` if that stands beside it.
///
/// # Errors
/// When a file cannot be read, or does not hold what it should.
pub fn read_cohort(file: &str) -> Result<Cohort, TrialError> {
    let read = |path: &Path| {
        let mut text = String::new();
        let opened = std::fs::File::open(path);
        let read = opened.and_then(|open| open.take(MOST_READ + 1).read_to_string(&mut text));
        let reason = match read {
            Ok(length) if length as u64 <= MOST_READ => return Ok(text),
            Ok(_) => "more than 64 MiB; expected a table with a row for each subject".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(TrialError::File { file: path.display().to_string(), reason })
    };
    let parameters = read(Path::new(file))?;
    let beside = Path::new(file).with_file_name("Quest.csv");
    let answers = if beside.exists() { Some(read(&beside)?) } else { None };
    let beside = beside.display().to_string();
    let answers = answers.as_deref().map(|text| (beside.as_str(), text));
    Ok(Cohort::read((file, &parameters), answers)?)
}

/// A subject's name as the name of a folder.
fn folder_name(subject: &str, place: usize) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '-' | '_');
    if !subject.is_empty() && subject.len() <= 64 && subject.chars().all(fits) {
        subject.to_owned()
    } else {
        format!("subject-{}", place + 1)
    }
}

#[cfg(test)]
mod tests;
