//! What differs between therapies: names, units, texts, and which numbers people may enter.

use homeostat_assembly::explanation::Vocabulary;
use homeostat_bedside::view::{Decimal, Entry, Length, Scale, Statement, What};
use homeostat_record::{Announcement, CHANNELS, Mode, Phase, Rationale, SensorFrame, Span, Steps};
use homeostat_supervisor::{ChannelLimits, Profile, Timing};

/// The numbers of a profile that every therapy has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Times of the mode machine, in cycles.
    pub timing: Timing,
    /// Bounds of each manipulated variable.
    pub limits: [ChannelLimits; CHANNELS],
    /// Length of a cycle.
    pub period: Span,
    /// One step, in thousandths of the unit of an amount.
    pub step: u32,
}

impl Bounds {
    pub(crate) fn of<P: Profile>(profile: &P, period: u32, step: u32) -> Self {
        Self {
            timing: *profile.timing(),
            limits: *profile.limits(),
            period: Span::from_seconds(u64::from(period)),
            step: step.max(1),
        }
    }

    /// The length of so many cycles.
    pub(crate) const fn cycles(&self, cycles: u32) -> Length {
        Length(self.period.as_millis().saturating_mul(cycles as u64))
    }

    /// An amount per cycle as a rate per hour.
    pub(crate) fn rate(&self, steps: Steps) -> f64 {
        let hourly = 3_600_000.0 / self.period.as_millis().max(1) as f64;
        f64::from(steps.0) * f64::from(self.step) / 1_000.0 * hourly
    }

    /// Steps in one unit of an amount.
    pub(crate) const fn amounts(&self) -> Scale {
        Scale { numerator: 1_000, denominator: self.step }
    }

    /// Steps per cycle in one unit an hour.
    pub(crate) fn rates(&self) -> Scale {
        let seconds = u32::try_from(self.period.as_millis() / 1_000).unwrap_or(u32::MAX);
        let denominator = self.step.saturating_mul(3_600);
        Scale { numerator: seconds.saturating_mul(1_000), denominator }
    }

    /// Steps as an amount, rounded down to so many decimals: a bound that is shown is never more than
    /// what holds.
    pub(crate) fn amount(&self, steps: Steps, places: u8) -> Decimal {
        let thousandths = u64::from(steps.0).saturating_mul(u64::from(self.step));
        let parts = thousandths.saturating_mul(10_u64.pow(u32::from(places))) / 1_000;
        Decimal::new(parts, places).unwrap_or_default()
    }

    /// Steps per cycle as a rate per hour, likewise.
    pub(crate) fn hourly(&self, steps: Steps, places: u8) -> Decimal {
        let cycles = 3_600_000 / self.period.as_millis().max(1);
        let hourly = u64::from(steps.0).saturating_mul(cycles);
        self.amount(Steps(u32::try_from(hourly).unwrap_or(u32::MAX)), places)
    }
}

/// A variable that a sensor measures.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub name: &'static str,
    pub unit: &'static str,
    /// What is aimed at.
    pub aim: String,
    /// Alarm limits in words.
    pub alarm_limits: String,
    /// Range that counts as good, where there is one: its ends and its name.
    pub band: Option<(f64, f64, &'static str)>,
    /// How a trend is told.
    pub trend: Trending,
}

/// How a trend is told: over how long, and which changes per minute are movement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trending {
    pub over: Length,
    pub moves: f64,
    pub fast: f64,
}

/// What a sensor's message said of a variable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// Which variable; the first is the controlled one.
    pub variable: usize,
    /// The value for the chart and its text; or why there is none.
    pub value: Result<(f64, String), &'static str>,
    /// What else the sensor says of itself.
    pub quality: String,
}

/// A figure that is computed, not measured.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub name: &'static str,
    pub value: String,
    pub unit: &'static str,
    pub source: FigureOf,
}

/// Who computed a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FigureOf {
    /// The supervisor's watch.
    Supervisor,
    /// The controller.
    Controller,
}

/// Curves of the chart: how far back, and how close together points are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    pub back: Length,
    pub every: Length,
}

/// A therapy as people at the bed know it.
pub(crate) trait Face: Send {
    fn title(&self) -> &'static str;
    fn vocabulary(&self) -> &dyn Vocabulary;
    fn bounds(&self) -> &Bounds;
    fn variables(&self) -> &[Variable];
    fn reach(&self) -> Reach;
    /// Name of a drug and unit of its rate.
    fn drug(&self, channel: usize) -> (&'static str, &'static str);
    /// What a message says; `None` for one that is not of this therapy or not from an accepted source.
    fn read(&self, frame: &SensorFrame) -> Option<Said>;
    /// Figures of a cycle: what still acts by the supervisor's watch, and what the controller thinks.
    fn figures(&self, acting: [Steps; CHANNELS], rationale: Option<&Rationale>) -> Vec<Figure>;
    /// What the device does in a mode.
    fn doing(&self, mode: Mode) -> &'static str;
    /// What a person should do in a mode, where no cause says more.
    fn to_do(&self, mode: Mode) -> &'static str;
    /// The rate at which an actuator without orders delivers, where that is known.
    fn reverted(&self) -> Option<Steps>;
    /// Numbers that may be entered in a phase.
    fn entries(&self, phase: Phase) -> Vec<Entry>;
    /// What may be stated without a number.
    fn statements(&self, phase: Phase) -> Vec<Statement>;

    /// An announcement in a word or two.
    fn short(&self, told: Announcement) -> String {
        let same = |said: &Statement| (said.kind, said.amount) == (told.kind, told.amount);
        let stated = self.statements(Phase::Automatic).into_iter().find(same);
        stated.map_or_else(|| self.vocabulary().announced(told), |said| said.name.to_lowercase())
    }
}

/// An entry in its usual form; the ranges as `[least, most]`.
pub(crate) struct Draft {
    pub id: &'static str,
    pub name: &'static str,
    pub help: &'static str,
    pub what: What,
    pub unit: &'static str,
    pub scale: Scale,
    pub step: Decimal,
    pub range: [Decimal; 2],
    pub usual: [Decimal; 2],
    pub read_back: &'static str,
}

impl Draft {
    pub(crate) fn entry(self) -> Entry {
        let ([least, most], [usual_least, usual_most]) = (self.range, self.usual);
        Entry {
            id: self.id.to_owned(),
            name: self.name.to_owned(),
            help: self.help.to_owned(),
            what: self.what,
            unit: self.unit.to_owned(),
            step: self.step,
            least,
            most,
            usual_least: usual_least.max(least),
            usual_most: usual_most.min(most),
            scale: self.scale,
            read_back: self.read_back.to_owned(),
            recent: String::new(),
        }
    }
}

/// A decimal from whole digits and places.
pub(crate) fn decimal(digits: u32, places: u8) -> Decimal {
    Decimal::new(u64::from(digits), places).unwrap_or_default()
}
