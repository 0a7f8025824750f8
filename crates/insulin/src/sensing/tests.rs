//! Each check of sensing has a case in which it acts and one in which it does not.

mod artefacts;
mod frames;
mod real;
mod values;

use super::{Outcome, Reading, Rejection, Sensing, Trace, Value};
use crate::units::MgDlPerMinute;
use homeostat_record::Span;
use std::vec::Vec;

/// A sensor read every five minutes.
struct Sensor {
    sensing: Sensing,
    trace: Trace,
    now: u64,
}

impl Sensor {
    fn new() -> Self {
        Self { sensing: Sensing::reference(), trace: Trace::default(), now: 600_000 }
    }

    /// A sensor that read `value` mg/dL steadily, with changes too large for a flat line.
    fn steady(value: i32) -> Self {
        let mut sensor = Self::new();
        for wobble in [0, 3, -1, 2, -2, 1] {
            assert!(sensor.mg_dl(value + wobble).result.is_ok());
        }
        sensor
    }

    /// The next reading, five minutes after the last.
    fn next(&mut self, value: Value) -> Outcome {
        self.after(300, value)
    }

    fn after(&mut self, seconds: u64, value: Value) -> Outcome {
        self.now += seconds * 1_000;
        self.read(Reading::plain(Span::from_millis(self.now), value))
    }

    fn read(&mut self, reading: Reading) -> Outcome {
        let (trace, outcome) = self.sensing.feed(&self.trace, &reading, MgDlPerMinute(0.0));
        self.trace = trace;
        outcome
    }

    fn mg_dl(&mut self, value: i32) -> Outcome {
        self.next(Value::MilliMgDl(value * 1_000))
    }

    /// All outcomes of readings in mg/dL.
    fn series(&mut self, values: impl IntoIterator<Item = i32>) -> Vec<Outcome> {
        values.into_iter().map(|value| self.mg_dl(value)).collect()
    }
}

fn rejected(outcome: &Outcome) -> Option<Rejection> {
    outcome.result.err()
}
