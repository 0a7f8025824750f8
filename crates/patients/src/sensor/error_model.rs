//! How a sensor's number differs from the glucose around it while nothing is wrong.

use super::spline::Spline;
use crate::random::Stream;
use crate::units::MgPerDl;
use homeostat_numeric::{sinh, sqrt};

/// A second-order autoregressive process, a step a minute: `x = first x' + second x'' + w`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Autoregression {
    /// Weight of the last value.
    pub first: f64,
    /// Weight of the value before.
    pub second: f64,
    /// Variance of `w`, (mg/dL)^2.
    pub variance: f64,
}

/// A published error model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ErrorModel {
    /// The glucose under the skin, exactly.
    Ideal,
    /// Breton and Kovatchev (2008), as simglucose has it: every 15 minutes a first-order process through
    /// Johnson's transformation, joined by cubic splines in blocks of 150 minutes.
    BretonKovatchev,
    /// `a(t) glucose + b(t) + noise`, with calibration drifting over the days t since the sensor was
    /// inserted.
    Calibrated {
        /// a(t) by powers of t in days.
        gain: [f64; 3],
        /// b(t) by powers of t in days, mg/dL.
        offset: [f64; 3],
        /// The sensor's own noise.
        noise: Autoregression,
        /// Noise that sensors worn together share.
        common: Option<Autoregression>,
    },
}

impl ErrorModel {
    /// Facchinetti et al. (2014), Dexcom SEVEN Plus.
    pub const FACCHINETTI_2014: Self = Self::Calibrated {
        gain: [1.1, 2e-4, 0.0],
        offset: [-14.8, 0.04, 0.0],
        noise: Autoregression { first: 1.013, second: -0.2135, variance: 14.45 },
        common: Some(Autoregression { first: 1.23, second: -0.3995, variance: 11.3 }),
    };
    /// Vettoretti et al. (2018), Dexcom G5.
    pub const VETTORETTI_2018: Self = Self::Calibrated {
        gain: [1.04, 0.02, 0.0],
        offset: [-8.75, 0.0, 0.0],
        noise: Autoregression { first: 1.27, second: -0.42, variance: 7.64 },
        common: None,
    };
    /// Vettoretti et al. (2019), Dexcom G6 over ten days.
    pub const VETTORETTI_2019: Self = Self::Calibrated {
        gain: [1.048, -0.033, 0.002],
        offset: [-6.398, 6.179, -0.448],
        noise: Autoregression { first: 1.220, second: -0.331, variance: 3.641 },
        common: Some(Autoregression { first: 1.34, second: -0.492, variance: 5.538 }),
    };
}

/// The noise of Breton and Kovatchev's model in progress.
#[derive(Clone, Debug)]
pub(crate) struct BretonKovatchev {
    stream: Stream,
    driver: f64,
    spline: Spline,
    block: u32,
}

/// Minutes between knots, and in a block of ten spans.
const KNOT: f64 = 15.0;
const BLOCK: u32 = 150;

impl BretonKovatchev {
    pub(crate) fn new(mut stream: Stream) -> Self {
        let driver = stream.normal();
        let mut noise = Self { stream, driver, spline: Spline::flat(), block: 0 };
        noise.spline = noise.next_block(johnson(driver));
        noise
    }

    /// Noise at a minute; minutes may only grow. A block holds the times above its start up to its end.
    pub(crate) fn at(&mut self, minute: u32) -> f64 {
        while minute > (self.block + 1) * BLOCK {
            self.spline = self.next_block(self.spline.last());
            self.block += 1;
        }
        let inside = minute.saturating_sub(self.block * BLOCK);
        self.spline.at(f64::from(inside) / KNOT)
    }

    fn next_block(&mut self, start: f64) -> Spline {
        let mut knots = [start; 11];
        for knot in knots.iter_mut().skip(1) {
            *knot = self.next_knot();
        }
        Spline::through(knots)
    }

    pub(crate) fn next_knot(&mut self) -> f64 {
        self.driver = 0.7 * (self.driver + self.stream.normal());
        johnson(self.driver)
    }
}

/// Johnson's unbounded transformation with the constants of the three sensors, mg/dL.
fn johnson(x: f64) -> f64 {
    -5.47 + 15.9574 * sinh((x + 0.5444) / 1.6898)
}

/// An autoregressive process in progress.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    model: Autoregression,
    stream: Stream,
    last: f64,
    before: f64,
}

impl Process {
    /// A process that has long been running.
    pub(crate) fn new(model: Autoregression, stream: Stream) -> Self {
        let mut process = Self { model, stream, last: 0.0, before: 0.0 };
        for _ in 0..200 {
            process.advance_minute();
        }
        process
    }

    pub(crate) fn advance_minute(&mut self) -> f64 {
        let w = sqrt(self.model.variance) * self.stream.normal();
        let next = self.model.first * self.last + self.model.second * self.before + w;
        self.before = self.last;
        self.last = next;
        next
    }
}

/// The undisturbed signal of a sensor.
#[derive(Clone, Debug)]
pub(crate) enum Signal {
    Ideal,
    BretonKovatchev(BretonKovatchev),
    Calibrated { gain: [f64; 3], offset: [f64; 3], noise: Process, common: Option<Process> },
}

impl Signal {
    pub(crate) fn new(model: ErrorModel, stream: impl Fn(&str) -> Stream) -> Self {
        match model {
            ErrorModel::Ideal => Self::Ideal,
            ErrorModel::BretonKovatchev => {
                Self::BretonKovatchev(BretonKovatchev::new(stream("sensor noise")))
            }
            ErrorModel::Calibrated { gain, offset, noise, common } => Self::Calibrated {
                gain,
                offset,
                noise: Process::new(noise, stream("sensor noise")),
                common: common.map(|model| Process::new(model, stream("sensor common noise"))),
            },
        }
    }

    /// One minute: what the sensor would say. `period` is its sampling period and `worn` the minutes
    /// since it was inserted.
    pub(crate) fn advance_minute(
        &mut self,
        glucose: MgPerDl,
        minute: u32,
        period: u32,
        worn: u32,
    ) -> f64 {
        match self {
            Self::Ideal => glucose.0,
            // simglucose drops the first point: the first sample has the noise of one period later.
            Self::BretonKovatchev(noise) => glucose.0 + noise.at(minute + period),
            Self::Calibrated { gain, offset, noise, common } => {
                let days = f64::from(worn) / 1440.0;
                let at = |by: &[f64; 3]| by[0] + days * (by[1] + days * by[2]);
                let common = common.as_mut().map_or(0.0, Process::advance_minute);
                at(gain) * glucose.0 + at(offset) + noise.advance_minute() + common
            }
        }
    }
}
