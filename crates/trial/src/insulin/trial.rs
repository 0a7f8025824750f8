//! A whole trial: arms by hazards by subjects by seeds, in parallel, with the same result whatever
//! the number of threads.

use std::path::Path;

use homeostat_patients::Cohort;
use homeostat_patients::hovorka::sample_hovorka;
use homeostat_patients::random::Seed;

use super::cell::{Cell, CellError, CellResult};
use super::scenario::{Family, Scenario};
pub use crate::cells::{CellKey, TrialError};
use crate::cells::{PeopleFile, Roster, binding, chosen};

/// Subjects that are drawn of the Hovorka family when nobody says how many.
const HOVORKA_SUBJECTS: u32 = 30;

/// A scenario with its cohort: ready to run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The scenario.
    pub scenario: Scenario,
    /// The subjects, all of whom take part.
    pub cohort: Cohort,
    /// The files that they come from, if they do.
    pub files: Vec<PeopleFile>,
}

impl Trial {
    /// Finds the subjects of a scenario.
    ///
    /// # Errors
    /// When the cohort file cannot be used, a subject is named that is not there or twice, more are
    /// wanted than there are, or a criterion binds nobody.
    pub fn prepare(mut scenario: Scenario) -> Result<Self, TrialError> {
        let patients = &scenario.patients;
        let (cohort, files) = match &patients.cohort {
            Family::UvaPadova => (Cohort::published(), Vec::new()),
            Family::Hovorka => {
                let count = patients.count.unwrap_or(HOVORKA_SUBJECTS) as usize;
                (Cohort::Hovorka(sample_hovorka(count, Seed(patients.seed))), Vec::new())
            }
            Family::File(file) => read_people(file)?,
        };
        let places = chosen(&cohort.names(), &patients.subjects, patients.count)?;
        let cohort = cohort.select(&places);
        let criteria = scenario.criteria.iter();
        binding(criteria.map(|one| (one.subjects.as_str(), one.aim)), &cohort.names())?;
        // The scenario and the boxes name the parameters as the results will have them.
        if let Some(parameters) = files.first() {
            scenario.patients.cohort = Family::File(parameters.name.clone());
        }
        Ok(Self { scenario, cohort, files })
    }

    /// The names from which the cells follow.
    #[must_use]
    pub fn roster(&self) -> Roster {
        let Scenario { arms, hazards, seeds, .. } = &self.scenario;
        Roster {
            arms: arms.iter().map(|arm| arm.name.clone()).collect(),
            hazards: hazards.iter().map(|hazard| hazard.name.clone()).collect(),
            subjects: self.cohort.names(),
            first_seed: seeds.first,
            seeds: seeds.count,
        }
    }

    /// Every cell, in the order of the results.
    #[must_use]
    pub fn cells(&self) -> Vec<CellKey> {
        self.roster().cells()
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
        self.roster().run(boxes, jobs, done, &|key, place| {
            self.cell(key).ok_or(CellError::Subject(key.subject))?.run(place)
        })
    }
}

/// Reads a simglucose parameter file, with the questionnaire `Quest.csv` if that stands beside it.
///
/// # Errors
/// When a file cannot be read, or does not hold what it should.
pub fn read_cohort(file: &str) -> Result<Cohort, TrialError> {
    Ok(read_people(file)?.0)
}

/// The cohort, and the files as they were read: the parameters first.
fn read_people(file: &str) -> Result<(Cohort, Vec<PeopleFile>), TrialError> {
    let mut files = vec![PeopleFile::read(Path::new(file))?];
    let beside = Path::new(file).with_file_name("Quest.csv");
    if beside.exists() {
        files.push(PeopleFile::read(&beside)?);
    }
    let beside = beside.display().to_string();
    let answers = files.get(1).map(|answers| (beside.as_str(), answers.text.as_str()));
    let cohort = Cohort::read((file, &files[0].text), answers)?;
    Ok((cohort, files))
}

#[cfg(test)]
mod tests;
