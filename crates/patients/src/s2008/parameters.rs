//! The figures of one S2008 subject: those that are independent, and those that follow from them.

use crate::patient::TherapySettings;
use crate::units::{
    GramsPerUnit, InsulinUnits, Kilograms, MgPerDl, MgPerDlPerUnit, UnitsPerHour, Years,
};

/// Picomoles of insulin in one unit, as the model counts them.
pub(crate) const PMOL_IN_UNIT: f64 = 6000.0;

/// The independent figures of a subject. Symbols are those of the parameter files; rates are per
/// minute.
#[derive(Clone, Debug, PartialEq)]
pub struct S2008Parameters {
    /// The subject's name, `Name`.
    pub name: String,
    /// Body weight, `BW`.
    pub body_weight: Kilograms,
    /// Basal endogenous glucose production `EGPb`, mg/kg/min.
    pub basal_production: f64,
    /// Fasting plasma glucose, `Gb`.
    pub basal_glucose: MgPerDl,
    /// Fasting plasma insulin `Ib`, pmol/L.
    pub basal_insulin: f64,
    /// Intestinal absorption `kabs`, 1/min.
    pub absorption: f64,
    /// Fastest gastric emptying and grinding `kmax`, 1/min.
    pub emptying_fastest: f64,
    /// Slowest gastric emptying `kmin`, 1/min.
    pub emptying_slowest: f64,
    /// Filled fraction at which emptying slows down, `b`.
    pub slowing_fraction: f64,
    /// Filled fraction at which emptying speeds up again, `d`.
    pub speeding_fraction: f64,
    /// Glucose distribution volume `Vg`, dL/kg.
    pub glucose_volume: f64,
    /// Insulin distribution volume `Vi`, L/kg.
    pub insulin_volume: f64,
    /// Insulin-dependent utilisation `Vmx`, mg/kg/min per pmol/L.
    pub utilisation_gain: f64,
    /// Michaelis constant `Km0`, mg/kg.
    pub michaelis: f64,
    /// Glucose from tissue to plasma `k2`, 1/min.
    pub tissue_to_plasma: f64,
    /// Glucose from plasma to tissue `k1`, 1/min.
    pub plasma_to_tissue: f64,
    /// Insulin action on utilisation `p2u`, 1/min.
    pub action_rate: f64,
    /// Liver to plasma insulin `m1`, 1/min.
    pub liver_to_plasma: f64,
    /// Plasma to liver insulin `m2`, 1/min.
    pub plasma_to_liver: f64,
    /// Insulin delay on production `ki`, 1/min.
    pub production_delay: f64,
    /// Liver glucose effectiveness `kp2`, 1/min.
    pub liver_effectiveness: f64,
    /// Insulin action on production `kp3`, mg/kg/min per pmol/L.
    pub production_gain: f64,
    /// Subcutaneous insulin dissociation `kd`, 1/min.
    pub dissociation: f64,
    /// Subcutaneous glucose delay `ksc`, 1/min.
    pub interstitial_rate: f64,
    /// Absorption of non-monomeric insulin `ka1`, 1/min.
    pub slow_insulin_absorption: f64,
    /// Absorption of monomeric insulin `ka2`, 1/min.
    pub fast_insulin_absorption: f64,
    /// Fraction of intestinal glucose that appears in plasma, `f`.
    pub bioavailability: f64,
    /// Renal clearance `ke1`, 1/min.
    pub renal_rate: f64,
    /// Renal threshold `ke2`, mg/kg.
    pub renal_threshold: f64,
    /// Insulin-independent utilisation `Fsnc`, mg/kg/min.
    pub independent_utilisation: f64,
    /// Basal hepatic extraction of insulin, `HEb`.
    pub hepatic_extraction: f64,
    /// Carbohydrate ratio `CR` (questionnaire).
    pub carbohydrate_ratio: GramsPerUnit,
    /// Correction factor `CF` (questionnaire).
    pub correction_factor: MgPerDlPerUnit,
    /// `Age` (questionnaire).
    pub age: Years,
    /// Total daily insulin `TDI` (questionnaire).
    pub total_daily_insulin: InsulinUnits,
}

/// What follows from the independent figures by the identities of the fasting steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Derived {
    /// Fasting plasma glucose mass `Gpb`, mg/kg.
    pub plasma_glucose: f64,
    /// Fasting tissue glucose mass `Gtb`, mg/kg.
    pub tissue_glucose: f64,
    /// Fasting plasma insulin mass `Ipb`, pmol/kg.
    pub plasma_insulin: f64,
    /// Fasting liver insulin mass `Ilb`, pmol/kg.
    pub liver_insulin: f64,
    /// Liver insulin clearance `m30`, 1/min.
    pub liver_clearance: f64,
    /// Plasma insulin clearance `m4`, 1/min.
    pub plasma_clearance: f64,
    /// Utilisation without insulin action `Vm0`, mg/kg/min.
    pub utilisation: f64,
    /// Production at zero glucose and insulin `kp1`, mg/kg/min.
    pub production: f64,
    /// Basal insulin infusion `u2ss`, pmol/kg/min.
    pub infusion: f64,
    /// Fasting first subcutaneous insulin mass `isc1ss`, pmol/kg.
    pub first_depot: f64,
    /// Fasting second subcutaneous insulin mass `isc2ss`, pmol/kg.
    pub second_depot: f64,
}

impl S2008Parameters {
    /// The identities of the fasting steady state.
    #[must_use]
    pub fn derived(&self) -> Derived {
        let plasma_glucose = self.basal_glucose.0 * self.glucose_volume;
        let plasma_insulin = self.basal_insulin * self.insulin_volume;
        let liver_clearance =
            self.hepatic_extraction * self.liver_to_plasma / (1.0 - self.hepatic_extraction);
        let plasma_clearance = 0.4 * self.plasma_to_liver;
        let tissue_glucose = (self.independent_utilisation - self.basal_production
            + self.plasma_to_tissue * plasma_glucose)
            / self.tissue_to_plasma;
        let utilisation = (self.basal_production - self.independent_utilisation)
            * (self.michaelis + tissue_glucose)
            / tissue_glucose;
        let production = self.basal_production
            + self.liver_effectiveness * plasma_glucose
            + self.production_gain * self.basal_insulin;
        let liver_insulin =
            self.plasma_to_liver * plasma_insulin / (self.liver_to_plasma + liver_clearance);
        let infusion = (self.plasma_to_liver + plasma_clearance) * plasma_insulin
            - self.liver_to_plasma * liver_insulin;
        let first_depot = infusion / (self.slow_insulin_absorption + self.dissociation);
        let second_depot = self.dissociation * first_depot / self.fast_insulin_absorption;
        Derived {
            plasma_glucose,
            tissue_glucose,
            plasma_insulin,
            liver_insulin,
            liver_clearance,
            plasma_clearance,
            utilisation,
            production,
            infusion,
            first_depot,
            second_depot,
        }
    }

    /// The rate that holds the fasting steady state.
    #[must_use]
    pub fn basal(&self) -> UnitsPerHour {
        UnitsPerHour(self.derived().infusion * self.body_weight.0 / PMOL_IN_UNIT * 60.0)
    }

    /// The clinic's figures.
    #[must_use]
    pub fn settings(&self) -> TherapySettings {
        TherapySettings {
            body_weight: self.body_weight,
            age: self.age,
            carbohydrate_ratio: self.carbohydrate_ratio,
            correction_factor: self.correction_factor,
            basal: self.basal(),
            total_daily_insulin: self.total_daily_insulin,
        }
    }
}
