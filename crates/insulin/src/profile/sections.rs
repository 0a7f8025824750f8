//! The fields of the profile: name, unit and permitted range of each, in one place.
//!
//! The page `docs/book/insulin-profile.md` prints this table; a test compares the two.

use super::scale::{
    Count, Cycles, Grade, MgDl, MilliMgDl, MilliMgDlPerMinute, MilliMgDlPerUnit, MilliUnits,
    MilliUnitsPerHour, MilligramsPerUnit, PerMille, Percent, UnitsPerMillilitre, WholeGrams,
    WholeMinutes, WholeSeconds, WholeYears,
};
use minicbor::{Decode, Encode};

/// What the profile's format says of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Section that holds it.
    pub section: &'static str,
    /// Index within the section's array.
    pub index: u8,
    /// Name.
    pub name: &'static str,
    /// Symbol of its unit.
    pub unit: &'static str,
    /// Smallest permitted value.
    pub low: u32,
    /// Largest permitted value.
    pub high: u32,
}

macro_rules! section {
    (
        $(#[$doc:meta])* $name:ident = $label:literal {
            $($(#[$field_doc:meta])* $index:literal $field:ident: $unit:ident,
              $low:literal..=$high:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
        #[cbor(array)]
        pub struct $name {
            $($(#[$field_doc])* #[n($index)] pub $field: $unit,)+
        }

        impl $name {
            /// Its fields in order, with their ranges.
            pub const FIELDS: [Field; [$($index),+].len()] = [
                $(Field {
                    section: $label,
                    index: $index,
                    name: stringify!($field),
                    unit: $unit::SYMBOL,
                    low: $low,
                    high: $high,
                },)+
            ];

            /// The first field whose value lies outside its range, with that value.
            pub(super) fn out_of_range(&self) -> Option<(Field, u32)> {
                let values = [$(self.$field.0),+];
                Self::FIELDS
                    .into_iter()
                    .zip(values)
                    .find(|(field, value)| !(field.low..=field.high).contains(value))
            }
        }
    };
}

section! {
    /// What kind of profile this is.
    Header = "header" {
        /// Number of this format.
        0 format: Count, 1..=2;
        /// Therapy: 1 is insulin.
        1 therapy: Count, 1..=1;
        /// Counts the profiles of one person; a device refuses a lower one (F-C16).
        2 revision: Count, 1..=4_294_967_295;
    }
}

section! {
    /// The person treated, as the clinician set it.
    Person = "person" {
        /// Age.
        0 age: WholeYears, 0..=120;
        /// Body weight.
        1 weight: WholeGrams, 2_000..=300_000;
        /// Usual amount of insulin in a day.
        2 daily_dose: MilliUnits, 4_000..=300_000;
        /// Programmed basal rate, the basic therapy.
        3 basal: MilliUnitsPerHour, 50..=10_000;
        /// Carbohydrate that one unit covers.
        4 carbohydrate_ratio: MilligramsPerUnit, 2_000..=150_000;
        /// Fall of glucose that one unit brings.
        5 correction_factor: MilliMgDlPerUnit, 2_000..=500_000;
    }
}

section! {
    /// Who may be treated at all (GLY-24).
    Gates = "gates" {
        /// Least age.
        0 age_least: WholeYears, 2..=18;
        /// Least weight.
        1 weight_least: WholeGrams, 10_000..=50_000;
        /// Least daily dose.
        2 daily_dose_least: MilliUnits, 4_000..=20_000;
        /// Largest daily dose.
        3 daily_dose_most: MilliUnits, 60_000..=300_000;
    }
}

section! {
    /// Glucose levels and the times that belong to them.
    Glucose = "glucose" {
        /// Level that the controller aims at.
        0 target: MgDl, 87..=180;
        /// The controller delivers nothing while it predicts less than this.
        1 suspend_below: MgDl, 67..=110;
        /// Hard low: delivery stops below this whatever is predicted (GLY-21).
        2 hard_low: MgDl, 54..=70;
        /// After a stop: delivery resumes at this level if glucose does not fall.
        3 resume_at: MgDl, 65..=100;
        /// Delivery stops when less than this is predicted within the horizon.
        4 predicted_low: MgDl, 50..=69;
        /// Horizon of that prediction.
        5 prediction_horizon: WholeMinutes, 10..=60;
        /// High: above this, `high_after` long, more delivery is needed (alarm).
        6 high: MgDl, 200..=400;
        /// How long above `high` before the alarm.
        7 high_after: WholeMinutes, 15..=240;
        /// Longest stop without carbohydrate entry; then background unless below `resume_at`.
        8 stop_most: WholeMinutes, 60..=120;
        /// When the data stop during a stop: how much longer the stop lasts.
        9 stop_without_data: WholeMinutes, 5..=40;
        /// The same, counted from the beginning of the stop.
        10 stop_without_data_total: WholeMinutes, 30..=60;
    }
}

section! {
    /// Times of the mode machine and of the actuator.
    Times = "times" {
        /// Control period.
        0 period: WholeSeconds, 300..=300;
        /// How long an order may be begun; the pump reverts to its own basal after it.
        1 lease: WholeSeconds, 300..=1_800;
        /// Cycles without valid input until authority is limited (T1).
        2 input_limited: Cycles, 1..=3;
        /// Cycles without valid input until the background takes over (T2).
        3 input_lost: Cycles, 2..=4;
        /// Consecutive missed deadlines until the background takes over.
        4 deadline_misses: Cycles, 1..=3;
        /// Cycles that the loop goes on while the record cannot be written.
        5 record_lost: Cycles, 1..=12;
        /// Cycles that an implausible input only limits.
        6 implausible: Cycles, 1..=12;
        /// Least number of clear cycles before authority rises by one level.
        7 dwell: Cycles, 3..=12;
        /// Largest dwell.
        8 dwell_cap: Cycles, 3..=48;
        /// Falls of authority within the window that latch the fallback.
        9 flap_falls: Count, 2..=10;
        /// That window.
        10 flap_window: Cycles, 6..=48;
        /// Clamps by the guard within the window that count as a cause.
        11 clamps: Count, 1..=20;
        /// That window.
        12 clamp_window: Cycles, 3..=48;
        /// Cycles after which an unanswered high alarm lowers authority.
        13 escalation: Cycles, 3..=24;
        /// Cycles of fallback background after which manual operation takes over.
        14 background_most: Cycles, 12..=48;
        /// Cycles for which the hand-over summary is shown.
        15 handover: Cycles, 1..=12;
        /// Least number of cycles between two granted requests.
        16 request_interval: Cycles, 1..=12;
        /// At least delivery for this long: saturation.
        17 saturation_low: WholeMinutes, 60..=240;
        /// At most delivery for this long: saturation.
        18 saturation_high: WholeMinutes, 60..=480;
    }
}

section! {
    /// Bounds of delivery. Shares are thousandths of `person.daily_dose`.
    Delivery = "delivery" {
        /// One actuator step.
        0 step: MilliUnits, 1..=100;
        /// Share of the daily dose that one cycle may deliver, requests included.
        1 cycle_share: PerMille, 20..=600;
        /// Share within 1 h.
        2 hour_share: PerMille, 50..=800;
        /// Share within 4 h.
        3 four_hour_share: PerMille, 100..=1_200;
        /// Share within 24 h.
        4 day_share: PerMille, 1_000..=3_000;
        /// Share that may be on board, the new order included.
        5 on_board_share: PerMille, 50..=800;
        /// Largest automatic amount in one cycle without a meal.
        6 automatic_most: MilliUnits, 50..=5_000;
        /// Part of the meal's insulin (carbohydrate / ratio) that may be added in its cycle.
        7 meal_share: PerMille, 0..=1_700;
        /// Largest increase of the automatic amount from cycle to cycle.
        8 rise_most: MilliUnits, 50..=30_000;
        /// Largest decrease.
        9 fall_most: MilliUnits, 50..=30_000;
        /// Smallest amount in one cycle while treating.
        10 cycle_least: MilliUnits, 0..=500;
        /// Largest amount in one cycle by the pump's label.
        11 label_most: MilliUnits, 1_000..=30_000;
        /// Largest single request of a person.
        12 request_most: MilliUnits, 500..=30_000;
        /// Amount per cycle while suspended.
        13 suspension: MilliUnits, 0..=100;
        /// Largest carbohydrate entry; a larger one is not used.
        14 carbohydrate_most: WholeGrams, 10..=250;
        /// An equal entry within this time counts once.
        15 carbohydrate_repeat: WholeMinutes, 0..=30;
    }
}

section! {
    /// The insulin (GLY-17).
    Insulin = "insulin" {
        /// Concentration; only U-100.
        0 concentration: UnitsPerMillilitre, 100..=100;
        /// Duration of action.
        1 duration: WholeMinutes, 300..=480;
        /// Time of the peak of action.
        2 peak: WholeMinutes, 35..=100;
    }
}

section! {
    /// When a reading is used, and how far.
    Sensing = "sensing" {
        /// Nominal time between readings.
        0 interval: WholeSeconds, 60..=300;
        /// A reading older than this is not used.
        1 age_most: WholeSeconds, 300..=900;
        /// Lower end of the measuring range.
        2 range_low: MgDl, 36..=50;
        /// Upper end of the measuring range.
        3 range_high: MgDl, 360..=600;
        /// Largest change between readings one interval apart.
        4 jump: MgDl, 20..=60;
        /// What each further minute between two readings adds to it.
        5 rate_most: MilliMgDlPerMinute, 2_000..=10_000;
        /// Flat line: time over which it must hold.
        6 flat_window: WholeMinutes, 30..=60;
        /// Flat line: every change per 5 min is smaller than this.
        7 flat_change: MilliMgDl, 100..=2_000;
        /// Flat line: largest minus smallest value is at most this.
        8 flat_range: MilliMgDl, 100..=5_000;
        /// Noise grade from which quality is reduced (target raised).
        9 noise_mild: Grade, 1..=3;
        /// Noise grade from which quality is poor (no automatic dosing).
        10 noise_heavy: Grade, 2..=4;
        /// Computed noise from which the grade is 1.
        11 noise_1: PerMille, 100..=900;
        /// Computed noise from which the grade is 2.
        12 noise_2: PerMille, 100..=900;
        /// Computed noise from which the grade is 3.
        13 noise_3: PerMille, 100..=900;
        /// Factor on the target at reduced quality.
        14 target_raise: PerMille, 1_000..=2_000;
        /// The raised target is at most this.
        15 target_raise_most: MgDl, 100..=200;
        /// Quality below which it is reduced.
        16 quality_reduced: Percent, 30..=90;
        /// Quality below which it is poor.
        17 quality_poor: Percent, 10..=80;
        /// What is added to both before the grade improves again (hysteresis).
        18 quality_margin: Percent, 1..=20;
        /// A reading from a session younger than this is not used.
        19 warm_up: WholeMinutes, 0..=180;
        /// A reading from a session older than this is not used (wear life).
        20 life: WholeMinutes, 4_320..=43_200;
        /// Two readings closer than this count as one.
        21 duplicate: WholeSeconds, 1..=60;
        /// Two readings further apart than this have a gap between them.
        22 gap: WholeSeconds, 330..=1_200;
        /// Readings after a gap until a rate of change is used.
        23 fresh_least: Count, 2..=6;
        /// Difference of a reference measurement that ends automatic operation.
        24 reference_differs: PerMille, 150..=400;
        /// A value that is this near to the last one after conversion of its unit is a unit slip.
        25 slip_tolerance: PerMille, 50..=400;
        /// Compression low: least fall per minute, beyond what insulin and trend explain.
        26 compression_fall: MilliMgDlPerMinute, 1_000..=5_000;
        /// Compression low: least fall in all.
        27 compression_depth: MgDl, 10..=60;
        /// Compression low: time within which it must have fallen.
        28 compression_window: WholeMinutes, 5..=20;
        /// Compression low: longest time for which it is suspected.
        29 compression_most: WholeMinutes, 20..=120;
        /// Compression low: time after its end during which delivery is not increased.
        30 compression_hold: WholeMinutes, 10..=60;
    }
}

section! {
    /// Bounds of what a controller may do and learn.
    Control = "control" {
        /// Least sensitivity ratio (delivery is multiplied by it).
        0 ratio_least: PerMille, 200..=1_000;
        /// Largest sensitivity ratio.
        1 ratio_most: PerMille, 1_000..=3_000;
        /// Largest change of the ratio in one day (CTL-17).
        2 ratio_daily_change: PerMille, 1..=200;
        /// Part of the correction that one cycle may give.
        3 correction_share: PerMille, 100..=1_000;
        /// Highest automatic rate as a multiple of the basal rate.
        4 rate_most: PerMille, 1_000..=10_000;
        /// Time over which announced carbohydrate is taken to be absorbed.
        5 absorption: WholeMinutes, 60..=480;
        /// Largest correction insulin on board beyond basal, as a share of the daily dose.
        6 correction_on_board_share: PerMille, 10..=400;
        /// Horizon of the controller's prediction.
        7 horizon: WholeMinutes, 60..=360;
    }
}
