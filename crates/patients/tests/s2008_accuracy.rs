//! The fast solver against an independent one: the thirteen equations as they are published,
//! integrated by Dormand and Prince's adaptive pair at a tight tolerance, restarted every minute.

use homeostat_numeric::{abs, max, min, pow, sqrt, tanh};
use homeostat_patients::meals::Plate;
use homeostat_patients::s2008::{Derived, S2008Parameters, S2008Patient, published_subjects};
use homeostat_patients::units::{Grams, InsulinUnits};
use homeostat_patients::{MinuteInputs, VirtualPatient};
use proptest::prelude::*;

type State = [f64; 13];

/// One subject as the publications write it.
struct Reference {
    p: S2008Parameters,
    d: Derived,
    x: State,
    /// Stomach content when the meal began, and eaten since, mg.
    last_stomach: f64,
    last_eaten: f64,
    was_eating: bool,
}

impl Reference {
    fn new(p: S2008Parameters) -> Self {
        let d = p.derived();
        let (gpb, ib) = (d.plasma_glucose, p.basal_insulin);
        let x = [
            0.0,
            0.0,
            0.0,
            gpb,
            d.tissue_glucose,
            d.plasma_insulin,
            0.0,
            ib,
            ib,
            d.liver_insulin,
            d.first_depot,
            d.second_depot,
            gpb,
        ];
        Self { p, d, x, last_stomach: 0.0, last_eaten: 0.0, was_eating: false }
    }

    fn slope(&self, x: &State, eaten: f64, insulin: f64) -> State {
        let (p, d) = (&self.p, &self.d);
        let stomach = x[0] + x[1];
        let dose = self.last_stomach + self.last_eaten;
        let (kmax, kmin) = (p.emptying_fastest, p.emptying_slowest);
        let kgut = if dose > 0.0 {
            let (b, dd) = (p.slowing_fraction, p.speeding_fraction);
            let alpha = 5.0 / (2.0 * dose * (1.0 - b));
            let beta = 5.0 / (2.0 * dose * dd);
            kmin + (kmax - kmin) / 2.0
                * (tanh(alpha * (stomach - b * dose)) - tanh(beta * (stomach - dd * dose)) + 2.0)
        } else {
            kmax
        };
        let appearance = p.bioavailability * p.absorption * x[2] / p.body_weight.0;
        let production =
            max(0.0, d.production - p.liver_effectiveness * x[3] - p.production_gain * x[8]);
        let renal = p.renal_rate * max(0.0, x[3] - p.renal_threshold);
        let used = (d.utilisation + p.utilisation_gain * x[6]) * x[4] / (p.michaelis + x[4]);
        let level = x[5] / p.insulin_volume;
        let (ka1, ka2, kd) = (p.slow_insulin_absorption, p.fast_insulin_absorption, p.dissociation);
        let mut s = [
            -kmax * x[0] + eaten,
            kmax * x[0] - kgut * x[1],
            kgut * x[1] - p.absorption * x[2],
            production + appearance - p.independent_utilisation - renal - p.plasma_to_tissue * x[3]
                + p.tissue_to_plasma * x[4],
            -used + p.plasma_to_tissue * x[3] - p.tissue_to_plasma * x[4],
            -(p.plasma_to_liver + d.plasma_clearance) * x[5]
                + p.liver_to_plasma * x[9]
                + ka1 * x[10]
                + ka2 * x[11],
            -p.action_rate * x[6] + p.action_rate * (level - p.basal_insulin),
            -p.production_delay * (x[7] - level),
            -p.production_delay * (x[8] - x[7]),
            -(p.liver_to_plasma + d.liver_clearance) * x[9] + p.plasma_to_liver * x[5],
            insulin - (ka1 + kd) * x[10],
            kd * x[10] - ka2 * x[11],
            -p.interstitial_rate * x[12] + p.interstitial_rate * x[3],
        ];
        for frozen in [3, 4, 5, 9, 10, 11, 12] {
            if x[frozen] < 0.0 {
                s[frozen] = 0.0;
            }
        }
        s
    }

    fn advance_minute(&mut self, inputs: MinuteInputs) {
        let eaten = inputs.eaten.0 * 1000.0;
        let insulin = inputs.insulin.0 * 6000.0 / self.p.body_weight.0;
        if eaten > 0.0 && !self.was_eating {
            self.last_stomach = self.x[0] + self.x[1];
            self.last_eaten = 0.0;
        }
        self.last_eaten += eaten;
        self.was_eating = eaten > 0.0;
        let (mut t, mut h) = (0.0, 0.01);
        while t < 1.0 {
            // Not longer: at the start of a minute the error estimate cannot see the emptying switch
            // at its end.
            h = min(min(h, 0.05), 1.0 - t);
            let (next, error) = self.try_step(h, eaten, insulin);
            if error <= 1.0 {
                self.x = next;
                t = if h >= 1.0 - t { 1.0 } else { t + h };
            }
            h *= max(0.2, min(5.0, 0.9 * pow(max(error, 1e-10), -0.2)));
        }
    }

    /// A Dormand-Prince 5(4) step and its error relative to the tolerance.
    fn try_step(&self, h: f64, eaten: f64, insulin: f64) -> (State, f64) {
        const A: [&[f64]; 6] = [
            &[1.0 / 5.0],
            &[3.0 / 40.0, 9.0 / 40.0],
            &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
            &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
            &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
            &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
        ];
        const E: [f64; 7] = [
            71.0 / 57600.0,
            0.0,
            -71.0 / 16695.0,
            71.0 / 1920.0,
            -17253.0 / 339_200.0,
            22.0 / 525.0,
            -1.0 / 40.0,
        ];
        let mut slopes = vec![self.slope(&self.x, eaten, insulin)];
        let mut point = self.x;
        for row in A {
            point = self.x;
            for (weight, slope) in row.iter().zip(&slopes) {
                for (value, rate) in point.iter_mut().zip(slope) {
                    *value += h * weight * rate;
                }
            }
            slopes.push(self.slope(&point, eaten, insulin));
        }
        let mut sum = 0.0;
        for i in 0..13 {
            let error: f64 = E.iter().zip(&slopes).map(|(e, slope)| h * e * slope[i]).sum();
            let scale = 1e-9 + 1e-10 * max(abs(self.x[i]), abs(point[i]));
            sum += (error / scale) * (error / scale) / 13.0;
        }
        (point, sqrt(sum))
    }
}

/// The rows that a day is made of: meals, boluses (late, missed, doubled), changing basal.
fn inputs(plate: &mut Plate, subject: &S2008Parameters, minute: u32) -> MinuteInputs {
    let (meal, covered) = match minute % 1440 {
        420 => (45.0, 1.0),
        615 => (3.0, 0.0),
        720 => (70.0, 0.8),
        735 => (12.5, 1.0),
        1080 => (80.0, 1.1),
        _ => (0.0, 0.0),
    };
    plate.serve(Grams(meal));
    let factor = [1.0, 0.5, 1.6, 0.0, 1.2, 1.0, 0.9][(minute / 200) as usize % 7];
    let bolus = covered * meal / subject.carbohydrate_ratio.0;
    MinuteInputs {
        eaten: plate.eat_for_a_minute(),
        insulin: InsulinUnits(subject.basal().0 / 60.0 * factor + 0.8 * bolus),
    }
}

/// Ours and theirs through any inputs: the largest difference.
fn apart(subject: &S2008Parameters, rows: impl Iterator<Item = MinuteInputs>) -> (f64, u32) {
    let mut ours = S2008Patient::new(subject.clone());
    let mut theirs = Reference::new(subject.clone());
    let mut largest = (0.0, 0);
    for row in rows {
        ours.advance_minute(row);
        theirs.advance_minute(row);
        let volume = subject.glucose_volume;
        let plasma = abs(ours.plasma_glucose().0 - theirs.x[3] / volume);
        let skin = abs(ours.interstitial_glucose().0 - theirs.x[12] / volume);
        let apart = max(plasma, skin);
        if apart > largest.0 {
            largest = (apart, ours.minute());
        }
    }
    largest
}

#[test]
fn sim_02_all_thirty_agree_with_an_independent_solver_for_three_days() {
    for subject in published_subjects() {
        let mut plate = Plate::default();
        let rows = (0..3 * 1440).map(|minute| inputs(&mut plate, &subject, minute));
        let (apart, minute) = apart(&subject, rows);
        assert!(apart < 0.001, "{}: {apart} mg/dL at minute {minute}", subject.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Half a day of anything: meals of any size at any time, large boluses, no basal.
    #[test]
    fn sim_02_any_inputs_stay_close_to_the_independent_solver(
        index in 0_usize..30,
        meals in prop::collection::vec((0_u32..700, 0.1_f64..150.0), 0..6),
        boluses in prop::collection::vec((0_u32..700, 0.0_f64..1.5), 0..4),
        basal in 0.0_f64..3.0,
    ) {
        let subject = &published_subjects()[index];
        let daily = subject.total_daily_insulin.0;
        let mut plate = Plate::default();
        let rows = (0..720).map(|minute| {
            for (_, grams) in meals.iter().filter(|meal| meal.0 == minute) {
                plate.serve(Grams(*grams));
            }
            let boluses = boluses.iter().filter(|bolus| bolus.0 == minute);
            let bolus: f64 = boluses.map(|(_, share)| share * daily / 6.0).sum();
            MinuteInputs {
                eaten: plate.eat_for_a_minute(),
                insulin: InsulinUnits(subject.basal().0 / 60.0 * basal + bolus),
            }
        });
        let (apart, minute) = apart(subject, rows);
        prop_assert!(apart < 0.01, "{}: {apart} mg/dL at minute {minute}", subject.name);
    }
}
