//! Units as types, and the one conversion between mmol/L and mg/dL.

use serde::{Deserialize, Serialize};

/// mg/dL in one mmol/L of glucose (molar mass 180.16 g/mol, the field's rounded factor).
const MG_DL_PER_MMOL_L: f64 = 18.018;

/// The field's band edges, as (mmol/L, mg/dL). A value at or above a floor stays at or above it.
const FLOORS: [(f64, i32); 2] = [(3.0, 54), (3.9, 70)];
/// A value at or below a ceiling stays at or below it: 10.0 mmol/L is 180.18 mg/dL and in range.
const CEILINGS: [(f64, i32); 3] = [(7.8, 140), (10.0, 180), (13.9, 250)];

/// A glucose concentration. Held in mg/dL; any finite value.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Glucose(f64);

impl Glucose {
    /// A concentration given in mg/dL.
    #[must_use]
    pub const fn from_mg_dl(value: f64) -> Self {
        Self(value)
    }

    /// The concentration in mg/dL.
    #[must_use]
    pub const fn mg_dl(self) -> f64 {
        self.0
    }

    /// The concentration in mmol/L, for display.
    #[must_use]
    pub fn mmol_l(self) -> f64 {
        self.0 / MG_DL_PER_MMOL_L
    }
}

/// A glucose concentration in whole tenths of a mg/dL, as a file's reading is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenthsMgDl(pub i32);

impl TenthsMgDl {
    /// Rounds mg/dL to tenths without carrying a value across a band edge (69.97 is below 70 and
    /// stays below). Values outside 0 to 10,000 mg/dL, or not a number, give `None`.
    #[must_use]
    pub fn from_mg_dl(value: f64) -> Option<Self> {
        let edge = |(_, mg_dl): (f64, i32)| (f64::from(mg_dl), mg_dl);
        Self::kept_on_its_side(value, value, FLOORS.map(edge), CEILINGS.map(edge))
    }

    /// Converts mmol/L by 18.018 and rounds to tenths, keeping every value on the side of the band
    /// edges on which its own unit puts it. Same limits as [`TenthsMgDl::from_mg_dl`].
    #[must_use]
    pub fn from_mmol_l(value: f64) -> Option<Self> {
        Self::kept_on_its_side(value, value * MG_DL_PER_MMOL_L, FLOORS, CEILINGS)
    }

    fn kept_on_its_side(
        value: f64,
        mg_dl: f64,
        floors: [(f64, i32); 2],
        ceilings: [(f64, i32); 3],
    ) -> Option<Self> {
        if !(0.0..=10_000.0).contains(&mg_dl) {
            return None;
        }
        let mut tenths = (mg_dl * 10.0).round() as i32;
        for (edge, edge_mg_dl) in floors {
            let edge_tenths = edge_mg_dl * 10;
            tenths = if value >= edge && tenths < edge_tenths {
                edge_tenths
            } else if value < edge && tenths >= edge_tenths {
                edge_tenths - 1
            } else {
                tenths
            };
        }
        for (edge, edge_mg_dl) in ceilings {
            let edge_tenths = edge_mg_dl * 10;
            tenths = if value <= edge && tenths > edge_tenths {
                edge_tenths
            } else if value > edge && tenths <= edge_tenths {
                edge_tenths + 1
            } else {
                tenths
            };
        }
        Some(Self(tenths))
    }
}

impl From<TenthsMgDl> for Glucose {
    fn from(tenths: TenthsMgDl) -> Self {
        Self(f64::from(tenths.0) / 10.0)
    }
}

/// A share of a whole, 0 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Percent(f64);

impl Percent {
    /// A share given in per cent.
    #[must_use]
    pub const fn new(value: f64) -> Self {
        Self(value)
    }

    /// The part's share of the whole; zero when there is no whole.
    #[must_use]
    pub fn of(part: f64, whole: f64) -> Self {
        if whole > 0.0 { Self(100.0 * part / whole) } else { Self(0.0) }
    }

    /// The share in per cent.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl core::ops::Add for Percent {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// A time or a length of time in whole seconds. As a time, it counts from the start of its series.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Hash,
)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Seconds {
    /// A time given in whole minutes.
    #[must_use]
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// The time in minutes.
    #[must_use]
    pub fn minutes(self) -> f64 {
        self.0 as f64 / 60.0
    }

    /// The time in days.
    #[must_use]
    pub fn days(self) -> f64 {
        self.0 as f64 / 86_400.0
    }

    /// The length from an earlier time to this one; zero if it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0).max(0))
    }
}

/// An amount of insulin in international units.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Insulin(f64);

impl Insulin {
    /// An amount given in units.
    #[must_use]
    pub const fn from_units(value: f64) -> Self {
        Self(value)
    }

    /// The amount in units.
    #[must_use]
    pub const fn units(self) -> f64 {
        self.0
    }
}

/// A rate of insulin delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InsulinRate(f64);

impl InsulinRate {
    /// A rate given in units per hour.
    #[must_use]
    pub const fn from_units_per_hour(value: f64) -> Self {
        Self(value)
    }

    /// The rate in units per hour.
    #[must_use]
    pub const fn units_per_hour(self) -> f64 {
        self.0
    }
}

/// An amount of carbohydrate.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Carbohydrate(f64);

impl Carbohydrate {
    /// An amount given in grams.
    #[must_use]
    pub const fn from_grams(value: f64) -> Self {
        Self(value)
    }

    /// The amount in grams.
    #[must_use]
    pub const fn grams(self) -> f64 {
        self.0
    }
}
