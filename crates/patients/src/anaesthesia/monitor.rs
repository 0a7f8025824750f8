//! A monitor of the bispectral index: noise, smoothing, signal quality, electromyogram, suppression,
//! and what goes wrong with all of them.
//!
//! Ranges and limits are those of the modules' manuals: index 0 to 100; signal quality 0 to 100 %,
//! below 15 no index is computed, below 50 it is unreliable; electromyogram 25 to 100 dB, above 55
//! unacceptable; suppression ratio 0 to 100 % of the last 63 s; smoothing 15 or 30 s.

use super::patient::DelayLine;
use super::units::{BispectralIndex, Decibels, MmHg, Percent, Seconds};
use crate::linear::{Matrix, exponential};
use crate::random::{Seed, Stream};
use homeostat_numeric::{clamp, max, sqrt};

/// What a monitor says each second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonitorSample {
    /// The index; `None` if none is computed.
    pub index: Option<BispectralIndex>,
    /// Signal quality.
    pub quality: Percent,
    /// Power of the electromyogram.
    pub electromyogram: Decibels,
    /// Share of suppressed electroencephalogram.
    pub suppression: Percent,
}

/// How a monitor behaves while nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonitorModel {
    /// Standard deviation of the white noise, drawn each second, before it is coloured; 0 is none.
    pub noise: f64,
    /// Length of the running mean; 0 or 1 is none.
    pub smoothing: Seconds,
    /// Delay beyond the patient's own.
    pub delay: Seconds,
}

impl MonitorModel {
    /// No noise, no smoothing, no further delay.
    pub const IDEAL: Self = Self { noise: 0.0, smoothing: Seconds(0.0), delay: Seconds(0.0) };
    /// The noise of the Python Anesthesia Simulator: white, standard deviation 3 each second, through
    /// (0.1 s + 1) / (s²/w² + 0.4 s/w + 1) with a resonance at 0.03 Hz. The delay in Eleveld's model holds
    /// the monitor's own, so that there is none here.
    pub const NOISY: Self = Self { noise: 3.0, smoothing: Seconds(0.0), delay: Seconds(0.0) };
    /// The same noise through a running mean of 15 s, the shorter of the two that the modules' manuals
    /// offer. It comes on top of the delay in Eleveld's model: the most that a monitor so set can cost.
    pub const SMOOTHED: Self = Self { smoothing: Seconds(15.0), ..Self::NOISY };
}

/// A kind of monitor fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MonitorFaultKind {
    /// No sample arrives.
    Silence,
    /// Signal quality is no better than this.
    Quality {
        /// The best that it is.
        most: Percent,
    },
    /// Muscle activity: the index reads higher, the electromyogram shows this power.
    Muscle {
        /// Added to the index.
        bias: BispectralIndex,
        /// Shown.
        power: Decibels,
    },
    /// The sample before the fault is repeated.
    Stuck,
    /// The index jumps by this much.
    Jump {
        /// Added to the index.
        by: BispectralIndex,
    },
    /// The index comes later.
    Later {
        /// By this much.
        by: Seconds,
    },
    /// Suppression is shown that is not there.
    Suppression {
        /// Shown.
        ratio: Percent,
    },
}

/// A monitor fault with its times, in seconds since the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonitorFault {
    /// What is wrong.
    pub kind: MonitorFaultKind,
    /// First second of the fault.
    pub from: u64,
    /// First second after it.
    pub until: u64,
}

impl MonitorFault {
    /// A fault that begins at a second and lasts some seconds.
    #[must_use]
    pub const fn new(kind: MonitorFaultKind, from: u64, lasting: u64) -> Self {
        Self { kind, from, until: from.saturating_add(lasting) }
    }

    const fn on(&self, second: u64) -> bool {
        self.from <= second && second < self.until
    }
}

/// Coloured noise: the filter's exact answer to a value that is constant over each second.
#[derive(Clone, Debug)]
struct Noise {
    step: Matrix<3>,
    state: [f64; 2],
    deviation: f64,
    stream: Stream,
}

/// Zero time constant, s; damping; resonance, Hz.
const COLOUR: (f64, f64, f64) = (0.1, 0.2, 0.03);

impl Noise {
    fn new(deviation: f64, stream: Stream) -> Self {
        let (_, damping, resonance) = COLOUR;
        let natural = 2.0 * core::f64::consts::PI * resonance / sqrt(1.0 - 2.0 * damping * damping);
        let square = natural * natural;
        // x'' = w² (u - x) - 2 z w x'; the output is x + 0.1 x'.
        let rates = [[0.0, 1.0, 0.0], [-square, -2.0 * damping * natural, square], [0.0, 0.0, 0.0]];
        Self { step: exponential(&rates, 1.0), state: [0.0; 2], deviation, stream }
    }

    fn next(&mut self) -> f64 {
        let white = self.deviation * self.stream.normal();
        let [value, slope] = self.state;
        let of = |row: &[f64; 3]| row[0] * value + row[1] * slope + row[2] * white;
        self.state = [of(&self.step[0]), of(&self.step[1])];
        self.state[0] + COLOUR.0 * self.state[1]
    }
}

/// A monitor on a person.
#[derive(Clone, Debug)]
pub struct Monitor {
    noise: Noise,
    quality: Stream,
    /// Slow variation of quality and muscle tone, each a first-order process of unit deviation.
    wander: [f64; 2],
    faults: Vec<MonitorFault>,
    delay: DelayLine,
    later: Vec<(MonitorFault, DelayLine)>,
    window: Vec<f64>,
    /// Hundredths of a percent of each second of the window, and their sum.
    suppressed: (Vec<u32>, u32),
    last: MonitorSample,
    second: u64,
}

/// Seconds over which suppression is counted.
const SUPPRESSION_WINDOW: usize = 63;
/// What is kept of the slow variation each second: a time constant of 30 s.
const WANDER_KEPT: f64 = 0.967;
/// What comes in its place for a deviation of one: sqrt(1 - kept²).
const WANDER_FRESH: f64 = 0.25477637253089236;

impl Monitor {
    /// A monitor on an awake subject with this index.
    #[must_use]
    pub fn new(model: MonitorModel, awake: BispectralIndex, subject: &str, seed: Seed) -> Self {
        let smoothing = clamp(model.smoothing.0, 1.0, 300.0) as usize;
        let last = MonitorSample {
            index: Some(awake),
            quality: Percent(100.0),
            electromyogram: muscle(awake.0, 0.0),
            suppression: Percent(0.0),
        };
        Self {
            noise: Noise::new(model.noise, seed.stream(subject, "index noise")),
            quality: seed.stream(subject, "signal quality"),
            wander: [0.0; 2],
            faults: Vec::new(),
            delay: DelayLine::new(model.delay, awake.0),
            later: Vec::new(),
            window: vec![awake.0; smoothing],
            suppressed: (vec![0; SUPPRESSION_WINDOW], 0),
            last,
            second: 0,
        }
    }

    /// Adds faults.
    #[must_use]
    pub fn with_faults(mut self, faults: impl IntoIterator<Item = MonitorFault>) -> Self {
        self.faults.extend(faults);
        let awake = self.delay.now();
        for fault in &self.faults {
            if let MonitorFaultKind::Later { by } = fault.kind {
                self.later.push((*fault, DelayLine::new(by, awake)));
            }
        }
        self
    }

    /// Sees the person's index for a second; `None` while no sample arrives.
    ///
    /// Faults lie over the signal: taking one away, or changing its times, leaves the rest as it was.
    pub fn advance_second(&mut self, index: BispectralIndex) -> Option<MonitorSample> {
        let second = self.second;
        self.second += 1;
        self.delay.push(index.0);
        let mut true_index = self.delay.now();
        for (fault, line) in &mut self.later {
            line.push(true_index);
            if fault.on(second) {
                true_index = line.now();
            }
        }
        let (smooth, suppression) = self.processed(true_index, second);
        let sample = self.sample(true_index, smooth, suppression, second);
        let silent = self.is_on(second, |kind| matches!(kind, MonitorFaultKind::Silence));
        let stuck = self.is_on(second, |kind| matches!(kind, MonitorFaultKind::Stuck));
        if !stuck {
            self.last = sample;
        }
        (!silent).then_some(self.last)
    }

    /// The smoothed noisy index, and the share of suppression.
    fn processed(&mut self, index: f64, second: u64) -> (f64, f64) {
        let noisy = clamp(index + self.noise.next(), 0.0, 100.0);
        let place = (second % self.window.len() as u64) as usize;
        self.window[place] = noisy;
        let place = (second % SUPPRESSION_WINDOW as u64) as usize;
        // Nearly linear in deep hypnosis: nothing suppressed at an index of 40, all at 0.
        let ratio = (100.0 * clamp(2.5 * (40.0 - index), 0.0, 100.0)) as u32;
        let (values, sum) = &mut self.suppressed;
        *sum = *sum - values[place] + ratio;
        values[place] = ratio;
        let mean = self.window.iter().sum::<f64>() / self.window.len() as f64;
        (mean, f64::from(*sum) / (100.0 * SUPPRESSION_WINDOW as f64))
    }

    fn sample(&mut self, index: f64, smooth: f64, suppression: f64, second: u64) -> MonitorSample {
        for value in &mut self.wander {
            *value = WANDER_KEPT * *value + WANDER_FRESH * self.quality.normal();
        }
        let [quality, tone] = self.wander;
        let mut sample = MonitorSample {
            index: Some(BispectralIndex(smooth)),
            quality: Percent(clamp(95.0 + 3.0 * quality, 0.0, 100.0)),
            electromyogram: muscle(index, tone),
            suppression: Percent(suppression),
        };
        let mut shown = smooth;
        for fault in self.faults.iter().filter(|fault| fault.on(second)) {
            match fault.kind {
                MonitorFaultKind::Quality { most } => {
                    sample.quality = Percent(homeostat_numeric::min(sample.quality.0, most.0));
                }
                MonitorFaultKind::Muscle { bias, power } => {
                    shown += bias.0;
                    sample.electromyogram =
                        Decibels(clamp(max(sample.electromyogram.0, power.0), 25.0, 100.0));
                }
                MonitorFaultKind::Jump { by } => shown += by.0,
                MonitorFaultKind::Suppression { ratio } => sample.suppression = ratio,
                MonitorFaultKind::Silence
                | MonitorFaultKind::Stuck
                | MonitorFaultKind::Later { .. } => {}
            }
        }
        // Below a quality of 15 % the modules compute no index.
        let computed = sample.quality.0 >= 15.0;
        sample.index = computed.then_some(BispectralIndex(clamp(shown, 0.0, 100.0)));
        sample
    }

    fn is_on(&self, second: u64, wanted: fn(&MonitorFaultKind) -> bool) -> bool {
        self.faults.iter().any(|fault| fault.on(second) && wanted(&fault.kind))
    }
}

/// Power of the electromyogram: about 50 dB awake, 28 dB asleep. The curve is ours.
fn muscle(index: f64, tone: f64) -> Decibels {
    let awake = clamp((index - 50.0) / 45.0, 0.0, 1.0);
    Decibels(clamp(28.0 + 22.0 * awake * awake + tone, 25.0, 100.0))
}

/// An arterial line: mean pressure with white noise.
#[derive(Clone, Debug)]
pub struct ArterialLine {
    deviation: MmHg,
    stream: Stream,
}

impl ArterialLine {
    /// A line on a subject; a deviation of 5 mmHg a second is that of the Python Anesthesia Simulator.
    #[must_use]
    pub fn new(deviation: MmHg, subject: &str, seed: Seed) -> Self {
        Self { deviation, stream: seed.stream(subject, "arterial line") }
    }

    /// What it shows of a pressure; never below 0.
    pub fn read(&mut self, pressure: MmHg) -> MmHg {
        MmHg(max(0.0, pressure.0 + self.deviation.0 * self.stream.normal()))
    }
}

#[cfg(test)]
mod tests;
