//! What an analysis of real readings found.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

use crate::exports::{Export, SubjectTrace, Unusable};
use crate::metrics::{
    DailyProfile, Glucose, GlucoseSummary, Percent, Seconds, Series, TimeInRanges, Weighting,
    summarise,
};

/// How many examples of a rejected reading are kept a rule.
const EXAMPLES: usize = 5;

/// The analysis of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisReport {
    /// The report's title.
    pub title: String,
    /// The file and how it was read.
    pub source: SourceFacts,
    /// The people in it.
    pub subjects: Vec<AnalysisSubject>,
    /// The rows that gave no reading.
    pub unusable: Unusable,
    /// Remarks on the whole file.
    pub notes: Vec<String>,
}

/// The file and how it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFacts {
    /// The file's name.
    pub file: String,
    /// The format.
    pub format: String,
    /// The unit of the values: mg/dL or mmol/L.
    pub unit: String,
    /// How the unit is known, in words.
    pub unit_known: String,
    /// Whether the unit is a guess: nothing in the file and nobody said it.
    pub unit_guessed: bool,
    /// The version of the software.
    pub version: String,
    /// The command that repeats the analysis.
    pub command: String,
}

impl SourceFacts {
    /// The facts of an export.
    #[must_use]
    pub fn of(file: &str, export: &Export, version: &str, command: &str) -> Self {
        use crate::exports::UnitSource;
        let known = match export.unit_source {
            UnitSource::Told => "as told with --units",
            UnitSource::Header => "as the file says",
            UnitSource::Values => {
                "guessed from the range of the values; nothing in the file says it, --units settles it"
            }
        };
        Self {
            file: file.to_owned(),
            format: export.format.name().to_owned(),
            unit: export.unit.name().to_owned(),
            unit_known: known.to_owned(),
            unit_guessed: export.unit_source == UnitSource::Values,
            version: version.to_owned(),
            command: command.to_owned(),
        }
    }
}

/// Why the sensing stage would not have used a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The rule's short name.
    pub rule: String,
    /// The rule in words.
    pub text: String,
}

/// How often one rule rejected a reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCount {
    /// The rule's short name.
    pub rule: String,
    /// The rule in words.
    pub text: String,
    /// How many readings.
    pub count: u64,
    /// The first few, as local time and line.
    pub examples: Vec<String>,
}

/// One local day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Day {
    /// The date.
    pub date: String,
    /// Days since Monday, 0 to 6.
    pub weekday: usize,
    /// Readings by time after midnight.
    pub readings: Vec<(Seconds, Glucose)>,
    /// The share of the day's readings in 70 to 180 mg/dL.
    pub target: Percent,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisSubject {
    /// The subject as the file names it.
    pub subject: String,
    /// First and last local time.
    pub period: Option<(String, String)>,
    /// The measures over all readings of the file, also those that sensing would reject.
    pub summary: Option<GlucoseSummary>,
    /// The glucose profile.
    pub profile: DailyProfile,
    /// The days that have readings.
    pub days: Vec<Day>,
    /// Readings that the sensing stage would have used.
    pub accepted: u64,
    /// Readings that it would not have used, by rule, most first.
    pub rejected: Vec<RuleCount>,
    /// What the reader noted.
    pub notes: Vec<String>,
}

impl AnalysisSubject {
    /// Puts a trace and the sensing stage's verdicts together. `verdicts` goes with the trace's
    /// readings; missing ones count as accepted.
    #[must_use]
    pub fn of(trace: &SubjectTrace, verdicts: &[Option<Rejection>]) -> Self {
        let series = trace.series(Weighting::Time).ok();
        let readings = &trace.readings;
        let period = readings.first().zip(readings.last());
        let rejected = rule_counts(trace, verdicts);
        let refused: u64 = rejected.iter().map(|rule| rule.count).sum();
        Self {
            subject: trace.subject.clone(),
            period: period.map(|(first, last)| {
                let words =
                    |time: jiff::civil::DateTime| time.strftime("%Y-%m-%d %H:%M").to_string();
                (words(first.local), words(last.local))
            }),
            summary: series.as_ref().and_then(summarise),
            profile: DailyProfile::of(
                readings.iter().map(|r| (r.time_of_day(), r.value.for_metrics())),
            ),
            days: days(trace, series.as_ref()),
            accepted: (readings.len() as u64).saturating_sub(refused),
            rejected,
            notes: trace
                .notes
                .iter()
                .map(|note| match note.line {
                    Some(line) => format!("line {line}: {}", note.text),
                    None => note.text.clone(),
                })
                .collect(),
        }
    }
}

fn rule_counts(trace: &SubjectTrace, verdicts: &[Option<Rejection>]) -> Vec<RuleCount> {
    let mut rules: Vec<RuleCount> = Vec::new();
    for (reading, verdict) in trace.readings.iter().zip(verdicts) {
        let Some(rejection) = verdict else { continue };
        let index = rules.iter().position(|rule| rule.rule == rejection.rule);
        let index = index.unwrap_or_else(|| {
            rules.push(RuleCount {
                rule: rejection.rule.clone(),
                text: rejection.text.clone(),
                count: 0,
                examples: Vec::new(),
            });
            rules.len() - 1
        });
        let rule = &mut rules[index];
        rule.count += 1;
        if rule.examples.len() < EXAMPLES {
            rule.examples.push(format!("{} (line {})", reading.local, reading.line));
        }
    }
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.count));
    rules
}

fn days(trace: &SubjectTrace, series: Option<&Series>) -> Vec<Day> {
    let Some(series) = series else { return Vec::new() };
    let mut days: Vec<Day> = Vec::new();
    let mut first = 0;
    for chunk in trace.readings.chunk_by(|one, next| one.local.date() == next.local.date()) {
        let samples = series.samples()[first..first + chunk.len()].to_vec();
        first += chunk.len();
        let target = Series::new(samples, Weighting::Time)
            .map_or(Percent::default(), |day| TimeInRanges::of(&day).target);
        let Some(start) = chunk.first() else { continue };
        let weekday = start.local.date().weekday();
        days.push(Day {
            date: start.local.date().to_string(),
            weekday: usize::try_from(weekday.since(Weekday::Monday)).unwrap_or(0),
            readings: chunk.iter().map(|r| (r.time_of_day(), r.value.for_metrics())).collect(),
            target,
        });
    }
    days
}
