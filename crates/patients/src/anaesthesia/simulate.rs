//! A table of what people were infused with in, a table of their concentrations, index and pressure
//! out.
//!
//! The input has the columns `subject,second,propofol_mg_per_s,remifentanil_ug_per_s,
//! norepinephrine_ug_per_s`, the last three optional and their fields allowed to be empty. A rate holds
//! from the beginning of its second until the next row that has one of the same drug. Rows may come in
//! any order.
//!
//! The output comes subject by subject, and is handed over reading by reading: it needs no more memory
//! for a week than for a minute.

use super::effect::tolerance_of_laryngoscopy;
use super::haemodynamics::Haemodynamics;
use super::mammillary::Concentrations;
use super::monitor::{Monitor, MonitorModel, MonitorSample};
use super::patient::{AnaesthesiaPatient, Arousal, Infusions};
use super::stimulus::Profile;
use super::subject::AnaesthesiaSubject;
use super::units::{BispectralIndex, MgPerSecond, NgPerMl, Seconds, UgPerMl, UgPerSecond};
use crate::error::TableError;
use crate::random::Seed;
use crate::table::{Figure, Row, Table};
use crate::wording::{csv_text, nearest};
use std::collections::BTreeMap;
use std::io;

/// A week: beyond, a second is a mistake rather than a wish.
pub const LONGEST_SECONDS: u32 = 604_800;
/// Fastest propofol: 200 mg in 4 s, faster than a hand.
pub const FASTEST_PROPOFOL: MgPerSecond = MgPerSecond(50.0);
/// Fastest remifentanil: three times what a pump of 1200 mL/h of 50 µg/mL gives.
pub const FASTEST_REMIFENTANIL: UgPerSecond = UgPerSecond(50.0);
/// Fastest norepinephrine: about 8 µg/kg/min.
pub const FASTEST_NOREPINEPHRINE: UgPerSecond = UgPerSecond(10.0);

const COLUMNS: &[&str] = &["subject", "second", RATES[0].column, RATES[1].column, RATES[2].column];
const RATES: [Figure; 3] = [
    Figure::new("propofol_mg_per_s", 0.0, FASTEST_PROPOFOL.0, "mg/s, or nothing"),
    Figure::new("remifentanil_ug_per_s", 0.0, FASTEST_REMIFENTANIL.0, "ug/s, or nothing"),
    Figure::new("norepinephrine_ug_per_s", 0.0, FASTEST_NOREPINEPHRINE.0, "ug/s, or nothing"),
];

/// New rates, by second.
type Changes = BTreeMap<u32, [Option<f64>; 3]>;

/// All that is infused.
#[derive(Clone, Debug)]
pub struct InfusionSchedule {
    /// One a subject that takes part: its place in the cohort and its changes.
    subjects: Vec<(usize, Changes)>,
    last_second: u32,
}

/// How long to simulate, what happens beside the infusions, and what to report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InfusionOptions {
    /// Seconds to live, at most [`LONGEST_SECONDS`]; if `None`, to the end of the hour of the last row.
    pub seconds: Option<u32>,
    /// Seconds between reported readings; at least 1.
    pub every: u32,
    /// Surgery.
    pub stimulus: Profile,
    /// Whether remifentanil attenuates stimuli.
    pub attenuated: bool,
    /// A monitor to look through.
    pub monitor: Option<MonitorModel>,
    /// Seed of noise and of random stimuli.
    pub seed: Seed,
}

impl Default for InfusionOptions {
    fn default() -> Self {
        Self {
            seconds: None,
            every: 1,
            stimulus: Profile::None,
            attenuated: false,
            monitor: None,
            seed: Seed(1),
        }
    }
}

/// One subject at the beginning of one second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InfusionReading<'s> {
    /// The subject's name.
    pub subject: &'s str,
    /// Seconds since the start.
    pub second: u32,
    /// Propofol, µg/mL.
    pub propofol: Concentrations,
    /// Remifentanil, ng/mL.
    pub remifentanil: Concentrations,
    /// Infused norepinephrine in plasma.
    pub norepinephrine: NgPerMl,
    /// Index after its delay, without noise.
    pub index: BispectralIndex,
    /// Index of this moment's effect.
    pub undelayed: BispectralIndex,
    /// Probability that laryngoscopy is tolerated.
    pub tolerance: f64,
    /// Pressure, output, rate.
    pub haemodynamics: Option<Haemodynamics>,
    /// What the monitor shows, if there is one.
    pub shown: Option<MonitorSample>,
}

impl InfusionSchedule {
    /// Reads the input table. A table without rows means: everyone in the cohort, without drugs.
    ///
    /// # Errors
    /// [`TableError`] naming the line and column of the first field that cannot be used, among them a
    /// subject that the cohort does not have, a rate out of its range, a rate given twice for one second,
    /// and a drug of which the subject has no model.
    pub fn parse(
        file: &str,
        text: &str,
        cohort: &[AnaesthesiaSubject],
    ) -> Result<Self, TableError> {
        let table = Table::open(file, text)?;
        table.need("subject")?;
        table.need("second")?;
        table.allow_only(COLUMNS)?;
        let names = cohort.iter().map(|subject| subject.name.as_str());
        let places: BTreeMap<&str, usize> =
            names.clone().enumerate().map(|(place, name)| (name, place)).collect();
        let mut changes: BTreeMap<usize, Changes> = BTreeMap::new();
        table.for_each(|row| {
            let name = row.text("subject");
            let known = places.get(name).and_then(|&place| Some((place, cohort.get(place)?)));
            let Some((place, subject)) = known else {
                let known = nearest(name, names.clone());
                return Err(row.wrong("subject", &format!("a subject of the cohort, {known}")));
            };
            add(row, subject, changes.entry(place).or_default())
        })?;
        let subjects: Vec<(usize, Changes)> = if changes.is_empty() {
            (0..cohort.len()).map(|place| (place, Changes::new())).collect()
        } else {
            changes.into_iter().collect()
        };
        let last = subjects.iter().filter_map(|(_, own)| own.keys().next_back());
        let last_second = last.copied().fold(0, Ord::max);
        Ok(Self { subjects, last_second })
    }

    /// The seconds that these options give the subjects.
    #[must_use]
    pub fn seconds(&self, options: &InfusionOptions) -> u32 {
        let whole_hours = (self.last_second / 3600 + 1) * 3600;
        options.seconds.unwrap_or(whole_hours).min(LONGEST_SECONDS)
    }

    /// How many rows' seconds lie at or behind the end and are never lived.
    #[must_use]
    pub fn unlived(&self, options: &InfusionOptions) -> usize {
        let end = self.seconds(options);
        self.subjects.iter().map(|(_, own)| own.range(end..).count()).sum()
    }
}

/// Adds a row to its subject's changes.
fn add(row: Row<'_>, subject: &AnaesthesiaSubject, own: &mut Changes) -> Result<(), TableError> {
    let second = match row.text("second").parse::<u32>() {
        Ok(second) if second < LONGEST_SECONDS => second,
        _ => {
            let expected = format!("a whole number of seconds from 0 to {}", LONGEST_SECONDS - 1);
            return Err(row.wrong("second", &expected));
        }
    };
    let has_model =
        [true, subject.figures.remifentanil.is_some(), subject.figures.pressor.is_some()];
    let rates = own.entry(second).or_default();
    for ((rate, figure), has_model) in rates.iter_mut().zip(&RATES).zip(has_model) {
        let Some(new) = row.figure_or_none(figure)? else { continue };
        if new > 0.0 && !has_model {
            return Err(row.wrong(figure.column, "0 or nothing: the subject has no model of it"));
        }
        if rate.is_some() {
            return Err(row.wrong(figure.column, "one rate a second and subject"));
        }
        *rate = Some(new);
    }
    Ok(())
}

/// Lives through the schedule and hands over every reading: subject by subject in the order of the
/// cohort, second by second.
///
/// # Errors
/// The first error of `take`, at once.
pub fn simulate_infusions<E>(
    cohort: &[AnaesthesiaSubject],
    schedule: &InfusionSchedule,
    options: &InfusionOptions,
    mut take: impl FnMut(&InfusionReading<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for (place, changes) in &schedule.subjects {
        if let Some(subject) = cohort.get(*place) {
            live(subject, changes, schedule.seconds(options), options, &mut take)?;
        }
    }
    Ok(())
}

fn live<E>(
    subject: &AnaesthesiaSubject,
    changes: &Changes,
    seconds: u32,
    options: &InfusionOptions,
    take: &mut impl FnMut(&InfusionReading<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut patient = subject.patient();
    let length = Seconds(f64::from(seconds));
    let stimulus = options.stimulus.course(&subject.name, options.seed, length);
    let mut monitor = options
        .monitor
        .map(|model| Monitor::new(model, patient.index(), &subject.name, options.seed));
    let mut changes = changes.iter().peekable();
    let mut rates = [0.0; 3];
    for second in 0..=seconds {
        let index = patient.index();
        let shown = monitor.as_mut().and_then(|monitor| monitor.advance_second(index));
        if second % options.every.max(1) == 0 {
            take(&reading(subject, second, &patient, shown))?;
        }
        if second == seconds {
            break;
        }
        if let Some((_, new)) = changes.next_if(|(due, _)| **due == second) {
            for (rate, new) in rates.iter_mut().zip(new) {
                *rate = new.unwrap_or(*rate);
            }
        }
        let [propofol, remifentanil, norepinephrine] = rates;
        let infusions = Infusions {
            propofol: MgPerSecond(propofol),
            remifentanil: UgPerSecond(remifentanil),
            norepinephrine: UgPerSecond(norepinephrine),
        };
        // The stimulus of the second's end, like the effect that it is added to.
        let stimulus = stimulus.at(Seconds(f64::from(second + 1)));
        patient.advance_second(infusions, Arousal { stimulus, attenuated: options.attenuated });
    }
    Ok(())
}

fn reading<'s>(
    subject: &'s AnaesthesiaSubject,
    second: u32,
    patient: &AnaesthesiaPatient,
    shown: Option<MonitorSample>,
) -> InfusionReading<'s> {
    let (propofol, remifentanil): (UgPerMl, NgPerMl) = patient.effect_site();
    InfusionReading {
        subject: &subject.name,
        second,
        propofol: patient.propofol(),
        remifentanil: patient.remifentanil(),
        norepinephrine: patient.norepinephrine(),
        index: patient.index(),
        undelayed: patient.undelayed_index(),
        tolerance: tolerance_of_laryngoscopy(propofol, remifentanil),
        haemodynamics: patient.haemodynamics(),
        shown,
    }
}

/// What every table has.
const HEAD: &str = "subject,second,propofol_plasma_ug_per_ml,propofol_effect_site_ug_per_ml,\
    remifentanil_plasma_ng_per_ml,remifentanil_effect_site_ng_per_ml,\
    norepinephrine_plasma_ng_per_ml,bis,bis_undelayed,map_mmhg,cardiac_output_l_per_min,\
    heart_rate_per_min";
/// What is added with every state.
const STATES: &str = ",propofol_fast_ug_per_ml,propofol_slow_ug_per_ml,\
    remifentanil_fast_ng_per_ml,remifentanil_slow_ng_per_ml,tolerance_of_laryngoscopy";
/// What is added with a monitor.
const SHOWN: &str = ",bis_shown,sqi_percent,emg_db,suppression_percent";

/// Writes the readings as a table; `states` adds the peripheral compartments and the probability that
/// laryngoscopy is tolerated. Numbers have as many digits as reading them back exactly needs. A value
/// that there is not is an empty field.
///
/// # Errors
/// The first error of `out`.
pub fn write_infusions_csv(
    cohort: &[AnaesthesiaSubject],
    schedule: &InfusionSchedule,
    options: &InfusionOptions,
    states: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let extra = if states { STATES } else { "" };
    let monitor = if options.monitor.is_some() { SHOWN } else { "" };
    writeln!(out, "{HEAD}{extra}{monitor}")?;
    simulate_infusions(cohort, schedule, options, |now| {
        let (propofol, opioid) = (&now.propofol, &now.remifentanil);
        write!(
            out,
            "{},{},{},{},{},{},{},{},{}",
            csv_text(now.subject),
            now.second,
            propofol.plasma,
            propofol.effect_site,
            opioid.plasma,
            opioid.effect_site,
            now.norepinephrine.0,
            now.index.0,
            now.undelayed.0,
        )?;
        match now.haemodynamics {
            Some(h) => write!(out, ",{},{},{}", h.pressure.0, h.output.0, h.heart_rate.0)?,
            None => write!(out, ",,,")?,
        }
        if states {
            let [fast, slow] = propofol.peripheral;
            let [opioid_fast, opioid_slow] = opioid.peripheral;
            write!(out, ",{fast},{slow},{opioid_fast},{opioid_slow},{}", now.tolerance)?;
        }
        if options.monitor.is_some() {
            write_shown(now.shown, out)?;
        }
        writeln!(out)
    })
}

fn write_shown(shown: Option<MonitorSample>, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(sample) = shown else {
        return write!(out, ",,,,");
    };
    match sample.index {
        Some(index) => write!(out, ",{}", index.0)?,
        None => write!(out, ",")?,
    }
    let (quality, power) = (sample.quality.0, sample.electromyogram.0);
    write!(out, ",{quality},{power},{}", sample.suppression.0)
}

#[cfg(test)]
mod tests;
