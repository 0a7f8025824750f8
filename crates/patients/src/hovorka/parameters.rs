//! The figures of one subject of the Cambridge model, its fasting state and what a clinic would find.

use super::{Drive, MG_IN_MMOL, State, minute};
use crate::patient::TherapySettings;
use crate::units::{
    Grams, GramsPerUnit, InsulinUnits, Kilograms, MgPerDl, MgPerDlPerUnit, Minutes, MmolPerL,
    UnitsPerHour, Years,
};

/// The independent figures. Rates are per minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HovorkaFigures {
    /// Body weight, BW.
    pub body_weight: Kilograms,
    /// Age; for the settings alone.
    pub age: Years,
    /// The fasting glucose that the basal rate holds.
    pub fasting_glucose: MmolPerL,
    /// Production extrapolated to zero insulin EGP0, mmol/kg/min.
    pub production: f64,
    /// Use without insulin F01, mmol/kg/min.
    pub fixed_use: f64,
    /// Exchange between tissue and plasma k12, 1/min.
    pub exchange: f64,
    /// Rates of the three insulin actions ka1, ka2, ka3, 1/min.
    pub action_rates: [f64; 3],
    /// Sensitivities SIT (1/min per mU/L), SID (1/min per mU/L), SIE (per mU/L).
    pub sensitivities: [f64; 3],
    /// Insulin clearance ke, 1/min.
    pub clearance: f64,
    /// Insulin volume VI, L/kg.
    pub insulin_volume: f64,
    /// Glucose volume VG, L/kg.
    pub glucose_volume: f64,
    /// Time of the largest insulin absorption tI, min.
    pub insulin_time: f64,
    /// Time of the largest appearance of a meal tG, min.
    pub meal_time: f64,
    /// Fraction of carbohydrate that appears AG.
    pub bioavailability: f64,
    /// Lag of the space under the skin.
    pub sensor_lag: Minutes,
}

/// A subject: figures and all that follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct HovorkaParameters {
    /// The subject's name.
    pub name: String,
    /// The independent figures.
    pub figures: HovorkaFigures,
    /// Plasma insulin at the fasting state, mU/L.
    fasting_insulin: f64,
    settings: TherapySettings,
}

impl HovorkaFigures {
    /// The median subject of the population that the McGill simulator draws from, with 75 kg (ours),
    /// 7 mmol/L fasting (ours) and its sensor lag of e^2.372 minutes.
    #[must_use]
    pub const fn median() -> Self {
        Self {
            body_weight: Kilograms(75.0),
            age: Years(40.0),
            fasting_glucose: MmolPerL(7.0),
            production: 0.0170,
            fixed_use: 0.0110,
            exchange: 0.05,
            action_rates: [0.0035, 0.055, 0.025],
            sensitivities: [18.0e-4, 5.0e-4, 190.0e-4],
            clearance: 0.14,
            insulin_volume: 0.12,
            glucose_volume: 0.16,
            insulin_time: 1.0 / 0.018,
            meal_time: 40.0,
            bioavailability: 0.8,
            sensor_lag: Minutes(10.7),
        }
    }

    /// Net production of glucose at the fasting glucose and a plasma insulin, mmol/kg/min. Falls as
    /// insulin rises.
    fn balance(&self, insulin: f64) -> f64 {
        let [transport, disposal, suppression] = self.sensitivities.map(|s| s * insulin);
        let glucose = self.fasting_glucose.0;
        let mass = glucose * self.glucose_volume;
        let fixed_use = self.fixed_use * homeostat_numeric::min(1.0, glucose / 4.5);
        let renal = 0.003 * homeostat_numeric::max(0.0, glucose - 9.0) * self.glucose_volume;
        self.production * homeostat_numeric::max(0.0, 1.0 - suppression)
            - fixed_use
            - renal
            - mass * transport * disposal / (self.exchange + disposal)
    }

    /// The plasma insulin that holds the fasting glucose, by bisection; `None` if none does.
    fn fasting_insulin(&self) -> Option<f64> {
        let (mut low, mut high) = (0.0, 1000.0);
        if self.balance(low) <= 0.0 || self.balance(high) > 0.0 {
            return None;
        }
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if self.balance(middle) > 0.0 { low = middle } else { high = middle }
        }
        Some(low)
    }

    fn state_at(&self, insulin: f64) -> State {
        let weight = self.body_weight.0;
        let [x1, x2, x3] = self.sensitivities.map(|s| s * insulin);
        let depot = self.delivery_at(insulin) * self.insulin_time;
        let q1 = self.fasting_glucose.0 * self.glucose_volume * weight;
        let q2 = x1 * q1 / (self.exchange + x2);
        [depot, depot, insulin, x1, x2, x3, 0.0, 0.0, q1, q2, self.fasting_glucose.0]
    }

    /// The delivery that holds a plasma insulin, mU/min.
    fn delivery_at(&self, insulin: f64) -> f64 {
        insulin * self.clearance * self.insulin_volume * self.body_weight.0
    }

    /// Area between glucose and its fasting value over twelve hours after something small at minute
    /// 0, mmol/L min, and the largest departure on the way, mmol/L.
    fn response(&self, fasting: f64, bolus: InsulinUnits, meal: Grams) -> (f64, f64) {
        let mut state = self.state_at(fasting);
        let (mut area, mut largest) = (0.0, 0.0);
        for now in 0..720 {
            let first = if now == 0 { 1.0 } else { 0.0 };
            let drive = Drive {
                insulin: self.delivery_at(fasting) + first * bolus.0 * 1000.0,
                eaten: first * meal.0 * 1000.0 / MG_IN_MMOL,
                sensitivity: 1.0,
                production: 0.0,
            };
            state = minute(self, 1, state, drive);
            let glucose = state[8] / (self.glucose_volume * self.body_weight.0);
            let departure = homeostat_numeric::abs(glucose - self.fasting_glucose.0);
            area += departure;
            largest = homeostat_numeric::max(largest, departure);
        }
        (area, largest)
    }
}

impl HovorkaParameters {
    /// A subject; `None` if no basal rate holds the fasting glucose.
    ///
    /// The clinic's figures come from two small trials from the fasting state: CF is the largest fall
    /// after a bolus, per unit (0.1 U are given); CR is the carbohydrate whose rise has the same area
    /// over twelve hours as the fall after one unit (1 g is given); TDI is the basal of a day and the
    /// bolus for 2.6 g/kg of carbohydrate.
    #[must_use]
    pub fn new(name: &str, figures: HovorkaFigures) -> Option<Self> {
        let fasting_insulin = figures.fasting_insulin()?;
        let basal = UnitsPerHour(figures.delivery_at(fasting_insulin) * 60.0 / 1000.0);
        let small = 0.1;
        let (fall, deepest) = figures.response(fasting_insulin, InsulinUnits(small), Grams(0.0));
        let (rise, _) = figures.response(fasting_insulin, InsulinUnits(0.0), Grams(1.0));
        let carbohydrate_ratio = GramsPerUnit(fall / small / rise);
        let daily_carbohydrate = 2.6 * figures.body_weight.0;
        let settings = TherapySettings {
            body_weight: figures.body_weight,
            age: figures.age,
            carbohydrate_ratio,
            correction_factor: MgPerDlPerUnit(MgPerDl::from(MmolPerL(deepest / small)).0),
            basal,
            total_daily_insulin: InsulinUnits(
                24.0 * basal.0 + daily_carbohydrate / carbohydrate_ratio.0,
            ),
        };
        Some(Self { name: name.into(), figures, fasting_insulin, settings })
    }

    /// The clinic's figures.
    #[must_use]
    pub fn settings(&self) -> TherapySettings {
        self.settings
    }

    pub(crate) fn fasting_state(&self) -> State {
        self.figures.state_at(self.fasting_insulin)
    }
}
