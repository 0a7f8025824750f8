//! Real readings (Dexcom G4, five people, two weeks and more each), where they are present.

use crate::sensing::{
    Outcome, Quality, Reading, Rejection, Sensing, Suspicion, Trace, Trust, Value,
};
use crate::units::MgDlPerMinute;
use homeostat_record::Span;
use std::string::String;
use std::vec::Vec;
use std::{eprintln, format, fs};

/// `(person, reading)` in the order of the file.
fn readings() -> Option<Vec<(String, Reading)>> {
    let here = env!("CARGO_MANIFEST_DIR");
    let path = format!("{here}/../../../shared/data/cgm/real_cgm_5_subjects.csv");
    let text = fs::read_to_string(path).ok()?;
    let parse = |line: &str| {
        let mut parts = line.split(',');
        let (person, time, value) = (parts.next()?, parts.next()?, parts.next()?);
        let value: i32 = value.trim().parse().ok()?;
        let reading = Reading::plain(seconds(time)?, Value::MilliMgDl(value * 1_000));
        Some((String::from(person), reading))
    };
    Some(text.lines().skip(1).map(|line| parse(line).expect("a line of the export")).collect())
}

/// Seconds of a civil time since the beginning of its year; the data stay within one.
fn seconds(text: &str) -> Option<Span> {
    const BEFORE_MONTH: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let (date, time) = text.split_once(' ')?;
    let mut date = date.split('-').map(str::parse::<u64>);
    let (_, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut time = time.split(':').map(str::parse::<u64>);
    let (hour, minute, second) = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    let days = BEFORE_MONTH.get(usize::try_from(month).ok()? - 1)? + day;
    Some(Span::from_seconds(((days * 24 + hour) * 60 + minute) * 60 + second))
}

#[derive(Default, Debug)]
struct Counts {
    all: usize,
    rejected: [usize; Rejection::ALL.len()],
    flat: usize,
    reduced: usize,
    poor: usize,
    episodes: usize,
    held: usize,
    full: usize,
}

impl Counts {
    fn note(&mut self, outcome: &Outcome, before: Suspicion) {
        self.all += 1;
        if let Err(rejection) = outcome.result {
            self.rejected[rejection as usize] += 1;
        }
        self.flat += usize::from(outcome.flat);
        self.reduced += usize::from(outcome.quality == Quality::Reduced);
        self.poor += usize::from(outcome.quality == Quality::Poor);
        let suspected = outcome.suspicion != Suspicion::None;
        self.held += usize::from(suspected);
        self.episodes += usize::from(before == Suspicion::None && suspected);
        self.full += usize::from(outcome.trust() == Trust::Full);
    }
}

#[test]
fn sen_03_real_readings_are_rarely_refused() {
    let Some(readings) = readings() else {
        eprintln!("skipped: the real CGM data are not present");
        return;
    };
    let sensing = Sensing::reference();
    let mut counts = Counts::default();
    let mut trace = Trace::default();
    let mut person = None;
    let mut before = Suspicion::None;
    for (who, reading) in &readings {
        if person != Some(who) {
            (person, trace, before) = (Some(who), Trace::default(), Suspicion::None);
        }
        let (next, outcome) = sensing.feed(&trace, reading, MgDlPerMinute(0.0));
        counts.note(&outcome, before);
        (trace, before) = (next, outcome.suspicion);
    }
    for (rejection, count) in Rejection::ALL.iter().zip(counts.rejected) {
        if count > 0 {
            eprintln!("{}: {count} of {}", rejection.name(), counts.all);
        }
    }
    eprintln!("{counts:?}");
    let refused: usize = counts.rejected.iter().sum();
    assert!(counts.all > 13_000, "the whole file was read");
    assert!(refused * 200 < counts.all, "{refused} refused: under one half percent");
    assert!((counts.flat + counts.poor) * 200 < counts.all, "hardly any flat or noisy reading");
    assert!(counts.held * 40 < counts.all, "an artefact is suspected under 2.5 % of the time");
    assert!(counts.full * 20 > counts.all * 19, "over 95 % may be used without restriction");
}
