//! Control-variability grid analysis (Magni and others, J Diabetes Sci Technol 2:630, 2008).
//!
//! Each patient is one point: lowest glucose across (running from 110 down to 50 mg/dL), highest
//! upward (110 to 400 mg/dL), both held to the grid's edge. Zone limits as in simglucose: the low
//! side turns at 90 and 70 mg/dL (a limit belongs to the worse zone), the high side at 180 and 300.

use serde::{Deserialize, Serialize};

use super::series::Series;
use super::statistics::quantile;
use super::units::Glucose;

/// Which extremes stand for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Extremes {
    /// The lowest and the highest reading, as in the first paper.
    #[default]
    Whole,
    /// The 2.5th and 97.5th percentile of readings, as simglucose draws it; milder to outliers.
    Central95,
}

/// A zone of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CvgaZone {
    /// Accurate control.
    A,
    /// Benign deviation toward low glucose.
    LowerB,
    /// Benign control deviations.
    B,
    /// Benign deviation toward high glucose.
    UpperB,
    /// Over-correction of high glucose: lows.
    LowerC,
    /// Over-correction of low glucose: highs.
    UpperC,
    /// Failure to deal with lows.
    LowerD,
    /// Failure to deal with highs.
    UpperD,
    /// Erroneous control.
    E,
}

impl CvgaZone {
    /// All zones, from the best to the worst.
    pub const ALL: [Self; 9] = [
        Self::A,
        Self::LowerB,
        Self::B,
        Self::UpperB,
        Self::LowerC,
        Self::UpperC,
        Self::LowerD,
        Self::UpperD,
        Self::E,
    ];

    /// The zone's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::LowerB => "Lower B",
            Self::B => "B",
            Self::UpperB => "Upper B",
            Self::LowerC => "Lower C",
            Self::UpperC => "Upper C",
            Self::LowerD => "Lower D",
            Self::UpperD => "Upper D",
            Self::E => "E",
        }
    }

    fn of(lowest: f64, highest: f64) -> Self {
        let column = usize::from(lowest <= 90.0) + usize::from(lowest <= 70.0);
        let row = usize::from(highest >= 180.0) + usize::from(highest >= 300.0);
        match (column, row) {
            (0, 0) => Self::A,
            (1, 0) => Self::LowerB,
            (2, 0) => Self::LowerC,
            (0, 1) => Self::UpperB,
            (1, 1) => Self::B,
            (2, 1) => Self::LowerD,
            (0, _) => Self::UpperC,
            (1, _) => Self::UpperD,
            _ => Self::E,
        }
    }
}

/// One patient on the grid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CvgaPoint {
    /// The lowest glucose, held between 50 and 110 mg/dL.
    pub lowest: Glucose,
    /// The highest glucose, held between 110 and 400 mg/dL.
    pub highest: Glucose,
    /// The zone.
    pub zone: CvgaZone,
}

/// Places a patient on the grid; `None` for an empty series.
#[must_use]
pub fn cvga_point(series: &Series, extremes: Extremes) -> Option<CvgaPoint> {
    let mut values: Vec<f64> = series.samples().iter().map(|s| s.glucose.mg_dl()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let (low_share, high_share) = match extremes {
        Extremes::Whole => (0.0, 1.0),
        Extremes::Central95 => (0.025, 0.975),
    };
    let lowest = homeostat_numeric::clamp(quantile(&values, low_share)?, 50.0, 110.0);
    let highest = homeostat_numeric::clamp(quantile(&values, high_share)?, 110.0, 400.0);
    Some(CvgaPoint {
        lowest: Glucose::from_mg_dl(lowest),
        highest: Glucose::from_mg_dl(highest),
        zone: CvgaZone::of(lowest, highest),
    })
}

/// How many patients fall into each zone letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneCounts {
    /// Zone A.
    pub a: usize,
    /// Zones lower B, B and upper B.
    pub b: usize,
    /// Zones lower C and upper C.
    pub c: usize,
    /// Zones lower D and upper D.
    pub d: usize,
    /// Zone E.
    pub e: usize,
}

impl ZoneCounts {
    /// Counts points.
    #[must_use]
    pub fn of(points: &[CvgaPoint]) -> Self {
        let mut counts = Self::default();
        for point in points {
            match point.zone {
                CvgaZone::A => counts.a += 1,
                CvgaZone::LowerB | CvgaZone::B | CvgaZone::UpperB => counts.b += 1,
                CvgaZone::LowerC | CvgaZone::UpperC => counts.c += 1,
                CvgaZone::LowerD | CvgaZone::UpperD => counts.d += 1,
                CvgaZone::E => counts.e += 1,
            }
        }
        counts
    }
}
