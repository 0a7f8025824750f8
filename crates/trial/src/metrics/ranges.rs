//! Time in ranges and the consensus targets for it.

use serde::{Deserialize, Serialize};

use super::series::Series;
use super::units::Percent;

/// The five bands of the consensus report, from low to high. 54, 70, 180 and 250 mg/dL: 54 belongs
/// to `Low`, 70 and 180 to `Target`, 250 to `High`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Band {
    /// Below 54 mg/dL (3.0 mmol/L): level 2 hypoglycaemia.
    VeryLow,
    /// 54 up to, not including, 70 mg/dL (3.0 to 3.8 mmol/L): level 1 hypoglycaemia.
    Low,
    /// 70 to 180 mg/dL (3.9 to 10.0 mmol/L), both included.
    Target,
    /// Above 180 to 250 mg/dL (10.1 to 13.9 mmol/L): level 1 hyperglycaemia.
    High,
    /// Above 250 mg/dL (13.9 mmol/L): level 2 hyperglycaemia.
    VeryHigh,
}

impl Band {
    /// All bands, from low to high.
    pub const ALL: [Self; 5] = [Self::VeryLow, Self::Low, Self::Target, Self::High, Self::VeryHigh];

    /// The band of a value in mg/dL.
    pub(super) fn of(mg_dl: f64) -> Self {
        if mg_dl < 54.0 {
            Self::VeryLow
        } else if mg_dl < 70.0 {
            Self::Low
        } else if mg_dl <= 180.0 {
            Self::Target
        } else if mg_dl <= 250.0 {
            Self::High
        } else {
            Self::VeryHigh
        }
    }

    /// The band's name as clinicians know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VeryLow => "Very low",
            Self::Low => "Low",
            Self::Target => "Target",
            Self::High => "High",
            Self::VeryHigh => "Very high",
        }
    }

    /// The band's limits in mg/dL, as words.
    #[must_use]
    pub const fn limits(self) -> &'static str {
        match self {
            Self::VeryLow => "<54",
            Self::Low => "54\u{2013}69",
            Self::Target => "70\u{2013}180",
            Self::High => "181\u{2013}250",
            Self::VeryHigh => ">250",
        }
    }
}

/// Shares of time in each band; they add up to 100 (or to 0 for an empty series).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeInRanges {
    /// Below 54 mg/dL.
    pub very_low: Percent,
    /// 54 to 69 mg/dL.
    pub low: Percent,
    /// 70 to 180 mg/dL (TIR).
    pub target: Percent,
    /// 181 to 250 mg/dL.
    pub high: Percent,
    /// Above 250 mg/dL.
    pub very_high: Percent,
    /// 70 to 140 mg/dL (time in tight range, TITR); a part of `target`.
    pub tight: Percent,
}

impl TimeInRanges {
    /// The shares of a series.
    #[must_use]
    pub fn of(series: &Series) -> Self {
        let mut shares = [0.0; 5];
        let (mut tight, mut whole) = (0.0, 0.0);
        for (weight, value) in series.weighted() {
            shares[Band::of(value) as usize] += weight;
            whole += weight;
            if (70.0..=140.0).contains(&value) {
                tight += weight;
            }
        }
        let [very_low, low, target, high, very_high] = shares.map(|part| Percent::of(part, whole));
        Self { very_low, low, target, high, very_high, tight: Percent::of(tight, whole) }
    }

    /// The share in one band.
    #[must_use]
    pub const fn share(&self, band: Band) -> Percent {
        match band {
            Band::VeryLow => self.very_low,
            Band::Low => self.low,
            Band::Target => self.target,
            Band::High => self.high,
            Band::VeryHigh => self.very_high,
        }
    }

    /// Time below 70 mg/dL, both low bands together.
    #[must_use]
    pub fn below_70(&self) -> Percent {
        self.very_low + self.low
    }

    /// Time above 180 mg/dL, both high bands together.
    #[must_use]
    pub fn above_180(&self) -> Percent {
        self.high + self.very_high
    }
}

/// One consensus target and whether it is met.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// What is measured, in words.
    pub what: &'static str,
    /// The target, in words.
    pub aim: &'static str,
    /// What was reached.
    pub reached: Percent,
    /// Whether that meets the target.
    pub met: bool,
}

/// The consensus targets for most adults with type 1 or type 2 diabetes (Battelino and others,
/// Diabetes Care 42:1593, 2019).
#[must_use]
pub fn consensus_targets(ranges: &TimeInRanges) -> [Target; 5] {
    let under = |what, aim, reached: Percent, limit| Target {
        what,
        aim,
        reached,
        met: reached.get() < limit,
    };
    [
        Target {
            what: "70\u{2013}180 mg/dL",
            aim: "more than 70 %",
            reached: ranges.target,
            met: ranges.target.get() > 70.0,
        },
        under("below 70 mg/dL", "less than 4 %", ranges.below_70(), 4.0),
        under("below 54 mg/dL", "less than 1 %", ranges.very_low, 1.0),
        under("above 180 mg/dL", "less than 25 %", ranges.above_180(), 25.0),
        under("above 250 mg/dL", "less than 5 %", ranges.very_high, 5.0),
    ]
}
