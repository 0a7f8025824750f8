//! What a trial of insulin delivery found.

use serde::{Deserialize, Serialize};

use crate::figures::PatientTrace;
use crate::metrics::{
    CvgaPoint, DailyProfile, EnvelopePoint, Extremes, Glucose, GlucoseSummary, Insulin, Percent,
    Sample, Seconds, Series, SeriesError, TimeInRanges, Weighting, ZoneCounts, cohort_envelope,
    cvga_point, summarise,
};

/// Steps of the cohort envelope: 15 minutes.
const ENVELOPE_STEP: Seconds = Seconds::from_minutes(15);
/// Steps of the small pictures: 15 minutes.
const PICTURE_STEP: i64 = 900;

/// The results of every arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlucoseOutcome {
    /// The arms, in the order of the report's arms.
    pub arms: Vec<GlucoseArm>,
}

/// One patient as the trial hands it over.
#[derive(Clone, Debug, PartialEq)]
pub struct GlucosePatient {
    /// The patient's name.
    pub subject: String,
    /// The age group: adults, adolescents, children.
    pub group: String,
    /// The model family.
    pub family: String,
    /// True glucose in strictly rising time from a midnight on; finite, above zero.
    pub readings: Vec<(Seconds, Glucose)>,
    /// Insulin delivered a day, where known.
    pub insulin_per_day: Option<Insulin>,
}

/// One patient's results under one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlucoseSubject {
    /// The patient's name.
    pub subject: String,
    /// The age group.
    pub group: String,
    /// The model family.
    pub family: String,
    /// The measures.
    pub summary: GlucoseSummary,
    /// The place on the control-variability grid.
    pub cvga: CvgaPoint,
    /// Insulin delivered a day, where known.
    pub insulin_per_day: Option<Insulin>,
    /// The trace in 15-minute means, for the small picture.
    pub picture: Vec<(Seconds, Glucose)>,
}

/// The results of a group of patients: unweighted means over patients, and the worst patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlucoseGroup {
    /// The group's name.
    pub group: String,
    /// The model family.
    pub family: String,
    /// How many patients.
    pub patients: usize,
    /// Mean shares of time.
    pub ranges: TimeInRanges,
    /// Mean of the patients' mean glucose.
    pub mean: Glucose,
    /// Mean of the patients' coefficients of variation.
    pub variation: Percent,
    /// Mean glucose management indicator.
    pub gmi: Percent,
    /// Mean glycaemia risk index.
    pub gri: f64,
    /// The least time in range of any patient.
    pub least_target: Percent,
    /// The most time below 70 mg/dL of any patient.
    pub most_below_70: Percent,
    /// The most time below 54 mg/dL of any patient.
    pub most_below_54: Percent,
    /// How many patients were ever below 54 mg/dL.
    pub patients_below_54: usize,
    /// Mean insulin a day, where every patient's is known.
    pub insulin_per_day: Option<Insulin>,
}

/// The results of one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlucoseArm {
    /// The arm's id.
    pub arm: String,
    /// All patients together.
    pub everyone: GlucoseGroup,
    /// Groups in the order in which their first patients come.
    pub groups: Vec<GlucoseGroup>,
    /// The glucose profile of all patients and days.
    pub profile: DailyProfile,
    /// The cohort through the trial.
    pub envelope: Vec<EnvelopePoint>,
    /// Patients in the zones of the grid.
    pub zones: ZoneCounts,
    /// The patients.
    pub subjects: Vec<GlucoseSubject>,
    /// Traces worth looking at, the worst first. The trial adds them (see [`GlucoseArm::worst`]).
    pub traces: Vec<PatientTrace>,
}

impl GlucoseArm {
    /// Computes an arm's results. Patients without readings are left out.
    ///
    /// # Errors Those of [`Series::new`], with the patient's name, when times do not rise or a
    /// value is none.
    pub fn of(arm: &str, patients: &[GlucosePatient]) -> Result<Self, (String, SeriesError)> {
        let mut subjects = Vec::new();
        for patient in patients {
            subjects.extend(subject(patient).map_err(|error| (patient.subject.clone(), error))?);
        }
        let everything = patients.iter().flat_map(|patient| patient.readings.iter().copied());
        let traces: Vec<&[(Seconds, Glucose)]> =
            patients.iter().map(|patient| patient.readings.as_slice()).collect();
        let points: Vec<CvgaPoint> = subjects.iter().map(|subject| subject.cvga).collect();
        let mut names: Vec<(&str, &str)> = Vec::new();
        for subject in &subjects {
            let name = (subject.group.as_str(), subject.family.as_str());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let groups = names
            .into_iter()
            .map(|(group, family)| {
                let members: Vec<&GlucoseSubject> =
                    subjects.iter().filter(|s| s.group == group && s.family == family).collect();
                GlucoseGroup::of(group, family, &members)
            })
            .collect();
        Ok(Self {
            arm: arm.to_owned(),
            everyone: GlucoseGroup::of("all", "", &subjects.iter().collect::<Vec<_>>()),
            groups,
            profile: DailyProfile::of(everything),
            envelope: cohort_envelope(&traces, ENVELOPE_STEP),
            zones: ZoneCounts::of(&points),
            subjects,
            traces: Vec::new(),
        })
    }

    /// The patients from the worst on: most time below 54, then below 70, then least in range.
    #[must_use]
    pub fn worst(&self) -> Vec<&GlucoseSubject> {
        let mut ranked: Vec<&GlucoseSubject> = self.subjects.iter().collect();
        ranked.sort_by(|one, other| {
            let (left, right) = (&one.summary.ranges, &other.summary.ranges);
            let below_54 = right.very_low.get().total_cmp(&left.very_low.get());
            let below_70 = right.below_70().get().total_cmp(&left.below_70().get());
            let target = left.target.get().total_cmp(&right.target.get());
            below_54.then(below_70).then(target)
        });
        ranked
    }
}

fn subject(patient: &GlucosePatient) -> Result<Option<GlucoseSubject>, SeriesError> {
    let samples = patient.readings.iter().map(|&(at, glucose)| Sample { at, glucose }).collect();
    let series = Series::new(samples, Weighting::Time)?;
    let found = summarise(&series).zip(cvga_point(&series, Extremes::Whole));
    Ok(found.map(|(summary, cvga)| GlucoseSubject {
        subject: patient.subject.clone(),
        group: patient.group.clone(),
        family: patient.family.clone(),
        summary,
        cvga,
        insulin_per_day: patient.insulin_per_day,
        picture: picture(&patient.readings),
    }))
}

/// Means over 15 minutes, to a tenth of a mg/dL.
fn picture(readings: &[(Seconds, Glucose)]) -> Vec<(Seconds, Glucose)> {
    readings
        .chunk_by(|one, next| one.0.0.div_euclid(PICTURE_STEP) == next.0.0.div_euclid(PICTURE_STEP))
        .map(|chunk| {
            let mean = mean(chunk.iter().map(|(_, glucose)| glucose.mg_dl()));
            (chunk[0].0, Glucose::from_mg_dl((mean * 10.0).round() / 10.0))
        })
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

impl GlucoseGroup {
    /// Means over patients and the worst of them; zeros for an empty group.
    #[must_use]
    pub fn of(group: &str, family: &str, members: &[&GlucoseSubject]) -> Self {
        let summaries = || members.iter().map(|member| &member.summary);
        let share = |part: fn(&TimeInRanges) -> Percent| {
            Percent::new(mean(summaries().map(|summary| part(&summary.ranges).get())))
        };
        let most = |part: fn(&TimeInRanges) -> Percent| {
            let shares = summaries().map(|summary| part(&summary.ranges).get());
            Percent::new(shares.reduce(homeostat_numeric::max).unwrap_or(0.0))
        };
        let least = summaries().map(|summary| summary.ranges.target.get());
        let least = least.reduce(homeostat_numeric::min).unwrap_or(0.0);
        let doses: Vec<f64> =
            members.iter().filter_map(|m| m.insulin_per_day).map(Insulin::units).collect();
        let all_known = doses.len() == members.len() && !doses.is_empty();
        Self {
            group: group.to_owned(),
            family: family.to_owned(),
            patients: members.len(),
            ranges: TimeInRanges {
                very_low: share(|r| r.very_low),
                low: share(|r| r.low),
                target: share(|r| r.target),
                high: share(|r| r.high),
                very_high: share(|r| r.very_high),
                tight: share(|r| r.tight),
            },
            mean: Glucose::from_mg_dl(mean(summaries().map(|s| s.spread.mean.mg_dl()))),
            variation: Percent::new(mean(
                summaries().map(|s| s.spread.coefficient_of_variation.get()),
            )),
            gmi: Percent::new(mean(summaries().map(|s| s.gmi.get()))),
            gri: mean(summaries().map(|s| s.gri.index)),
            least_target: Percent::new(least),
            most_below_70: most(TimeInRanges::below_70),
            most_below_54: most(|r| r.very_low),
            patients_below_54: summaries().filter(|s| s.ranges.very_low.get() > 0.0).count(),
            insulin_per_day: all_known.then(|| Insulin::from_units(mean(doses.iter().copied()))),
        }
    }
}
