//! Risk numbers: glucose management indicator, low and high blood glucose index, glycaemia risk.

use homeostat_numeric::{clamp, ln, pow};
use serde::{Deserialize, Serialize};

use super::ranges::TimeInRanges;
use super::series::Series;
use super::units::{Glucose, Percent};

/// The glucose management indicator, in per cent of HbA1c: 3.31 + 0.02392 x mean glucose in mg/dL
/// (Bergenstal and others, Diabetes Care 41:2275, 2018).
#[must_use]
pub fn glucose_management_indicator(mean: Glucose) -> Percent {
    Percent::new(3.31 + 0.02392 * mean.mg_dl())
}

/// Kovatchev's low and high blood glucose indices.
///
/// f(G) = 1.509 x (ln(G)^1.084 - 5.381), risk = 10 f^2; the indices are the weighted means over
/// *all* readings of the risk left (f < 0) and right (f > 0) of 112.5 mg/dL. Readings are first
/// held between 20 and 600 mg/dL, the scale's ends, where the risk is 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RiskIndices {
    /// Low blood glucose index: below 1.1 minimal, up to 2.5 low, up to 5 moderate, then high.
    pub low: f64,
    /// High blood glucose index: below 4.5 low, up to 9 moderate, then high.
    pub high: f64,
}

impl RiskIndices {
    /// The indices of a series; zero when it is empty.
    #[must_use]
    pub fn of(series: &Series) -> Self {
        let (mut low, mut high, mut weights) = (0.0, 0.0, 0.0);
        for (weight, value) in series.weighted() {
            let symmetric = 1.509 * (pow(ln(clamp(value, 20.0, 600.0)), 1.084) - 5.381);
            let risk = 10.0 * symmetric * symmetric;
            if symmetric < 0.0 {
                low += weight * risk;
            } else {
                high += weight * risk;
            }
            weights += weight;
        }
        if weights > 0.0 {
            Self { low: low / weights, high: high / weights }
        } else {
            Self::default()
        }
    }
}

/// The zone of the glycaemia risk index, in steps of 20 from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RiskZone {
    /// 0 to 20: the lowest risk.
    A,
    /// Above 20 to 40.
    B,
    /// Above 40 to 60.
    C,
    /// Above 60 to 80.
    D,
    /// Above 80: the highest risk.
    E,
}

impl RiskZone {
    /// All zones, from the best to the worst.
    pub const ALL: [Self; 5] = [Self::A, Self::B, Self::C, Self::D, Self::E];
}

/// The glycaemia risk index of Klonoff and others (J Diabetes Sci Technol 17:1226, 2022).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GlycemiaRisk {
    /// 3.0 x very low + 2.4 x low + 1.6 x very high + 0.8 x high, at most 100.
    pub index: f64,
    /// The low part before weighing: very low + 0.8 x low.
    pub low_component: f64,
    /// The high part before weighing: very high + 0.5 x high.
    pub high_component: f64,
    /// The zone of the index.
    pub zone: RiskZone,
}

impl GlycemiaRisk {
    /// The index of shares of time.
    #[must_use]
    pub fn of(ranges: &TimeInRanges) -> Self {
        let (very_low, low) = (ranges.very_low.get(), ranges.low.get());
        let (very_high, high) = (ranges.very_high.get(), ranges.high.get());
        let index = 3.0 * very_low + 2.4 * low + 1.6 * very_high + 0.8 * high;
        let index = homeostat_numeric::min(index, 100.0);
        let zone = match index {
            index if index <= 20.0 => RiskZone::A,
            index if index <= 40.0 => RiskZone::B,
            index if index <= 60.0 => RiskZone::C,
            index if index <= 80.0 => RiskZone::D,
            _ => RiskZone::E,
        };
        Self {
            index,
            low_component: very_low + 0.8 * low,
            high_component: very_high + 0.5 * high,
            zone,
        }
    }
}
