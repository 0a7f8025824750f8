//! A whole trial: arms by hazards by persons by seeds, in parallel, with the same result whatever the
//! number of threads.

use std::path::Path;

use homeostat_patients::anaesthesia::cohort::{Population, ionescu, ionescu_surface, sample};
use homeostat_patients::anaesthesia::validity::Limits;
use homeostat_patients::anaesthesia::{AnaesthesiaSubject, read_anaesthesia_subjects};
use homeostat_patients::random::Seed;

use super::cell::{Cell, CellResult, beyond_the_loop};
use super::scenario::{CohortChoice, Patients, Scenario};
use crate::cells::{CellError, CellKey, PeopleFile, Roster, TrialError, binding, chosen};

/// People who are drawn when nobody says how many.
const DRAWN: u32 = 60;
/// As many are drawn as the number of a named person asks for, at most.
const MOST_DRAWN: u32 = 100_000;

/// A scenario with its people: ready to run.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The scenario.
    pub scenario: Scenario,
    /// The people, all of whom take part.
    pub subjects: Vec<AnaesthesiaSubject>,
    /// The table that they come from, if they do.
    pub files: Vec<PeopleFile>,
}

impl Trial {
    /// Finds the people of a scenario.
    ///
    /// # Errors
    /// When the cohort file cannot be used or has nobody, somebody is named who is not there or twice,
    /// more are wanted than there are, somebody who is to be given remifentanil has no kinetics of it,
    /// a criterion binds nobody, or somebody's profile would be refused: a trial that cannot end does
    /// not begin.
    pub fn prepare(mut scenario: Scenario) -> Result<Self, TrialError> {
        let patients = &scenario.patients;
        let (everyone, files) = cohort(patients, scenario.remifentanil.is_some())?;
        let names: Vec<String> = everyone.iter().map(|subject| subject.name.clone()).collect();
        let places = chosen(&names, &patients.subjects, patients.count)?;
        let subjects: Vec<AnaesthesiaSubject> =
            places.into_iter().filter_map(|place| everyone.get(place).cloned()).collect();
        let names: Vec<String> = subjects.iter().map(|subject| subject.name.clone()).collect();
        opioid_fits(&scenario, &subjects)?;
        let criteria = scenario.criteria.iter();
        binding(criteria.map(|one| (one.subjects.as_str(), one.aim)), &names)?;
        // The scenario and the boxes name the table as the results will have it, wherever it lay.
        for kept in &files {
            scenario.patients.cohort = CohortChoice::File(kept.name.clone());
        }
        let trial = Self { scenario, subjects, files };
        trial.check_profiles()?;
        Ok(trial)
    }

    /// Who is beyond a limit of a model that somebody overrode, and which: of the models that describe
    /// the person, and of the loop's own.
    pub fn overridden(&self) -> impl Iterator<Item = String> + '_ {
        self.subjects.iter().flat_map(|subject| {
            let name = &subject.name;
            let own = subject.overridden.iter().map(move |breach| ("", breach.clone()));
            let of_the_loop = beyond_the_loop(subject).into_iter();
            own.chain(of_the_loop.map(|breach| (" in the loop's profile", breach)))
                .map(move |(place, breach)| format!("{name}: limit overridden{place}: {breach}"))
        })
    }

    /// A profile that no hazard spoils must be a profile.
    fn check_profiles(&self) -> Result<(), TrialError> {
        let (arm, seed) = (0, self.scenario.seeds.first);
        let hazards: Vec<Option<usize>> = match self.scenario.hazards.len() {
            0 => vec![None],
            several => (0..several).map(Some).collect(),
        };
        for subject in 0..self.subjects.len() {
            let cells =
                hazards.iter().map(|hazard| CellKey { arm, hazard: *hazard, subject, seed });
            let sound = cells.filter_map(|key| self.cell(key)).find(|cell| !cell.is_misset());
            sound
                .map_or(Ok(()), |cell| cell.profile().map(drop).map_err(TrialError::Untreatable))?;
        }
        Ok(())
    }

    /// The names from which the cells follow.
    #[must_use]
    pub fn roster(&self) -> Roster {
        let Scenario { arms, hazards, seeds, .. } = &self.scenario;
        Roster {
            arms: arms.iter().map(|arm| arm.name.clone()).collect(),
            hazards: hazards.iter().map(|hazard| hazard.name.clone()).collect(),
            subjects: self.subjects.iter().map(|subject| subject.name.clone()).collect(),
            first_seed: seeds.first,
            seeds: seeds.count,
        }
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
            subject: self.subjects.get(key.subject)?,
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

/// Refuses to give remifentanil to somebody of whom nobody can say what it would do.
fn opioid_fits(scenario: &Scenario, subjects: &[AnaesthesiaSubject]) -> Result<(), TrialError> {
    let without = subjects.iter().find(|subject| subject.figures.remifentanil.is_none());
    match without.filter(|_| scenario.remifentanil.is_some()) {
        None => Ok(()),
        Some(subject) => Err(TrialError::Unfit {
            name: subject.name.clone(),
            reason:
                "no kinetics of remifentanil, which the scenario gives; expected people who have a \
                     model of it"
                    .to_owned(),
        }),
    }
}

fn cohort(
    patients: &Patients,
    opioids: bool,
) -> Result<(Vec<AnaesthesiaSubject>, Vec<PeopleFile>), TrialError> {
    // Each person has streams of their own: who is drawn does not depend on how many are.
    let drawn = |population| {
        let numbered = patients.subjects.iter().filter_map(|name| name.rsplit('#').next());
        let largest = numbered.filter_map(|number| number.parse::<u32>().ok()).max();
        let count = patients.count.or(largest).unwrap_or(DRAWN).min(MOST_DRAWN);
        sample(population, opioids, count as usize, Seed(patients.seed))
    };
    let everyone = match &patients.cohort {
        CohortChoice::Ionescu => ionescu(),
        CohortChoice::IonescuSurface => ionescu_surface(),
        CohortChoice::Adults => drawn(Population::Adults),
        CohortChoice::Elderly => drawn(Population::Elderly),
        CohortChoice::Children => drawn(Population::Children),
        CohortChoice::File(file) => {
            let table = PeopleFile::read(Path::new(file))?;
            let everyone = read_anaesthesia_subjects(file, &table.text, Limits::Keep)?;
            return Ok((everyone, vec![table]));
        }
    };
    Ok((everyone, Vec::new()))
}

#[cfg(test)]
mod tests;
