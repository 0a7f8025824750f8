//! The fields of the profile: name, unit and permitted range of each, in one place.
//!
//! The page `docs/book/propofol-profile.md` prints this table; a test compares the two.

use super::scale::{
    Count, Micrograms, MicrogramsPerKilogram, MicrogramsPerKilogramPerSecond,
    MicrogramsPerMillilitre, MicrogramsPerSecond, Microlitres, MicrolitresPerMinute, MilliIndex,
    MilliIndexPerSecond, Millimetres, MillionthsPerMinute, NanogramsPerMillilitre, Percent,
    TenthBodyMass, WholeDecibels, WholeGrams, WholeMmHg, WholeMonths, WholeSeconds,
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
        0 format: Count, 2..=2;
        /// Therapy: 2 is propofol.
        1 therapy: Count, 2..=2;
        /// Counts the profiles of one person; a device refuses a lower one (F-C16).
        2 revision: Count, 1..=4_294_967_295;
    }
}

section! {
    /// The person treated.
    Person = "person" {
        /// Age.
        0 age: WholeMonths, 0..=1_320;
        /// Body weight.
        1 weight: WholeGrams, 500..=350_000;
        /// Body height.
        2 height: Millimetres, 250..=2_500;
        /// Sex, as the kinetic models ask for it: 1 female, 2 male.
        3 sex: Count, 1..=2;
        /// Opioids are given beside propofol: 0 no, 1 yes.
        4 opioids: Count, 0..=1;
    }
}

section! {
    /// Age, weight and height once more, entered apart from the first time.
    Again = "again" {
        /// Age.
        0 age: WholeMonths, 0..=1_320;
        /// Body weight.
        1 weight: WholeGrams, 500..=350_000;
        /// Body height.
        2 height: Millimetres, 250..=2_500;
    }
}

section! {
    /// Who may be treated: the validity range of the kinetic model, which a profile may narrow, and
    /// what is taken for a slip.
    Gates = "gates" {
        /// 1: somebody has decided to treat a person beyond the kinetic model's limits; of the four that
        /// follow, one that is narrower than its range permits holds all the same.
        0 override_limits: Count, 0..=1;
        /// Least age.
        1 age_least: WholeMonths, 0..=480;
        /// Largest age.
        2 age_most: WholeMonths, 216..=1_056;
        /// Least weight.
        3 weight_least: WholeGrams, 680..=50_000;
        /// Largest weight.
        4 weight_most: WholeGrams, 60_000..=160_000;
        /// Least body mass index; below it a figure is taken for a slip, whatever is overridden.
        5 body_mass_least: TenthBodyMass, 80..=140;
        /// Largest body mass index; above it likewise.
        6 body_mass_most: TenthBodyMass, 350..=800;
    }
}

section! {
    /// Levels of the index and the times that belong to them.
    Index = "index" {
        /// Level to aim at.
        0 target: MilliIndex, 40_000..=60_000;
        /// Below this the induction has done its work.
        1 induced: MilliIndex, 50_000..=70_000;
        /// For so long.
        2 induced_after: WholeSeconds, 5..=120;
        /// Below this the rate is not raised.
        3 low: MilliIndex, 35_000..=45_000;
        /// After so long.
        4 low_after: WholeSeconds, 10..=120;
        /// Below this delivery stops.
        5 deep: MilliIndex, 20_000..=38_000;
        /// After so long.
        6 deep_after: WholeSeconds, 5..=60;
        /// Above this suppression ratio delivery stops, after the same time.
        7 suppressed: Percent, 3..=40;
        /// After a stop delivery goes on above this index.
        8 resume: MilliIndex, 35_000..=50_000;
        /// For so long.
        9 resume_after: WholeSeconds, 10..=300;
        /// Above this, at the largest permitted delivery, awareness is possible.
        10 high: MilliIndex, 60_000..=80_000;
        /// After so long.
        11 high_after: WholeSeconds, 10..=120;
        /// A swing is so far above and below the target.
        12 swing: MilliIndex, 5_000..=20_000;
        /// So many alternations are an oscillation.
        13 swings: Count, 2..=8;
        /// Within so long.
        14 swing_window: WholeSeconds, 120..=1_800;
        /// Below this the index shows that propofol has reached the person.
        15 responding: MilliIndex, 65_000..=90_000;
    }
}

section! {
    /// When a sample of the index is used, and how far.
    Quality = "quality" {
        /// A sample older than this is not used.
        0 age_most: WholeSeconds, 2..=10;
        /// From this signal quality on a sample counts in full.
        1 full: Percent, 60..=95;
        /// Below this signal quality it is not used.
        2 least: Percent, 50..=80;
        /// Below this signal quality the monitor computes no index.
        3 computed: Percent, 15..=40;
        /// Up to this power of the electromyogram a sample counts in full.
        4 muscle_full: WholeDecibels, 30..=50;
        /// Above this power it is not used.
        5 muscle_most: WholeDecibels, 40..=55;
        /// After the last sample of a burst of interference so long passes until one is used.
        6 burst_hold: WholeSeconds, 0..=15;
        /// A disturbance longer than this is no burst.
        7 burst_most: WholeSeconds, 5..=15;
        /// Largest change between samples one second apart.
        8 jump: MilliIndex, 5_000..=30_000;
        /// What each further second between them adds.
        9 drift: MilliIndexPerSecond, 500..=10_000;
        /// So many samples that agree with each other are a new level.
        10 agree: Count, 2..=30;
        /// The very same value for so long is stuck; 0 for a monitor without noise.
        11 stuck_after: WholeSeconds, 0..=120;
    }
}

section! {
    /// Times of the mode machine and of the actuator.
    Times = "times" {
        /// Control period.
        0 period: WholeSeconds, 1..=5;
        /// How long an order may be begun; the pump reverts after it.
        1 lease: WholeSeconds, 5..=30;
        /// Without a valid sample for so long the rate is not raised (T1).
        2 limited_after: WholeSeconds, 5..=20;
        /// After so long the effect-site level is frozen (T2).
        3 lost_after: WholeSeconds, 15..=60;
        /// After so long a person is called with high priority (T3).
        4 alarm_after: WholeSeconds, 60..=300;
        /// Consecutive missed deadlines until the background takes over.
        5 deadline_misses: Count, 1..=5;
        /// How long the loop goes on while the record cannot be written.
        6 record_lost: WholeSeconds, 5..=300;
        /// How long an implausible index only limits.
        7 implausible: WholeSeconds, 5..=60;
        /// Least clear time before authority rises by one level.
        8 dwell: WholeSeconds, 20..=300;
        /// Largest such time.
        9 dwell_cap: WholeSeconds, 20..=900;
        /// Falls of authority within the window that latch the fallback.
        10 flap_falls: Count, 2..=10;
        /// That window.
        11 flap_window: WholeSeconds, 300..=7_200;
        /// Clamps by the guard within the window that count as a cause.
        12 clamps: Count, 1..=16;
        /// That window.
        13 clamp_window: WholeSeconds, 30..=600;
        /// An unanswered alarm of high priority lowers authority after so long.
        14 escalation: WholeSeconds, 30..=300;
        /// Longest fallback background until manual operation takes over.
        15 background_most: WholeSeconds, 60..=1_200;
        /// How long the hand-over summary is shown.
        16 handover: WholeSeconds, 5..=300;
        /// Least time between two granted requests.
        17 request_interval: WholeSeconds, 5..=600;
        /// Acknowledged preconditions hold for so long.
        18 ready: WholeSeconds, 60..=3_600;
        /// Longest induction.
        19 induction: WholeSeconds, 120..=900;
        /// At the largest or at no delivery for so long with the aim missed: saturation.
        20 saturation: WholeSeconds, 30..=900;
        /// A pump that was not heard for so long is silent: a person is called.
        21 pump_silent: WholeSeconds, 1..=30;
        /// For so long an effect of what was given is awaited.
        22 response: WholeSeconds, 30..=900;
    }
}

section! {
    /// Bounds of delivery.
    Delivery = "delivery" {
        /// Strength of the solution: 1 % or 2 %.
        0 strength: MicrogramsPerMillilitre, 10_000..=20_000;
        /// One actuator step.
        1 step: Micrograms, 1..=200;
        /// Largest rate, requests included: what a controller may declare.
        2 rate_most: MicrogramsPerSecond, 50..=6_700;
        /// Largest rate once the induction is over.
        3 maintenance_most: MicrogramsPerKilogramPerSecond, 2..=50;
        /// Largest amount of an induction before a person decides again.
        4 induction_most: MicrogramsPerKilogram, 500..=5_000;
        /// Largest amount within 1 min.
        5 minute_most: MicrogramsPerKilogram, 500..=4_000;
        /// Largest amount within 5 min.
        6 five_minute_most: MicrogramsPerKilogram, 1_000..=8_000;
        /// Largest amount within 1 h.
        7 hour_most: MicrogramsPerKilogram, 5_000..=50_000;
        /// Largest amount within 24 h.
        8 day_most: MicrogramsPerKilogram, 50_000..=500_000;
        /// Largest single request of a person; never more than a period at the largest rate.
        9 request_most: MicrogramsPerKilogram, 20..=3_000;
        /// Largest predicted effect-site concentration.
        10 effect_most: NanogramsPerMillilitre, 1_500..=20_000;
        /// Least effect-site concentration of an anaesthetised person whose index is high.
        11 effect_least: NanogramsPerMillilitre, 0..=2_000;
        /// Largest difference of accepted and delivered amounts that is no deviation.
        12 tolerance: Micrograms, 100..=20_000;
        /// Largest rate of maintenance while the index shows a person asleep: what a stimulus calls
        /// for is asked for above that.
        13 asleep_most: MicrogramsPerKilogramPerSecond, 2..=50;
        /// Largest predicted effect-site concentration when a treatment begins, until the index has
        /// shown an effect.
        14 unseen_first: NanogramsPerMillilitre, 100..=20_000;
        /// The same at the end of `times.response`; in between it rises evenly.
        15 unseen_most: NanogramsPerMillilitre, 300..=20_000;
    }
}

section! {
    /// The population's kinetics and effect for this person.
    Kinetics = "kinetics" {
        /// Whose figures they are: 0 somebody set them, 1 Eleveld 2018 (arterial), 2 Schnider 1998,
        /// 3 Marsh 1991, 4 Marsh with the faster effect site.
        0 model: Count, 0..=4;
        /// Central volume.
        1 central: Microlitres, 50_000..=40_000_000;
        /// Fast peripheral volume.
        2 fast: Microlitres, 100_000..=150_000_000;
        /// Slow peripheral volume.
        3 slow: Microlitres, 500_000..=1_500_000_000;
        /// Clearance.
        4 clearance: MicrolitresPerMinute, 5_000..=10_000_000;
        /// Exchange with the fast volume.
        5 fast_exchange: MicrolitresPerMinute, 5_000..=20_000_000;
        /// Exchange with the slow volume.
        6 slow_exchange: MicrolitresPerMinute, 2_000..=10_000_000;
        /// Equilibration of the effect site.
        7 effect_site: MillionthsPerMinute, 50_000..=2_000_000;
        /// Effect-site concentration of half effect.
        8 half_effect: NanogramsPerMillilitre, 1_000..=10_000;
    }
}

section! {
    /// Mean arterial pressure, where it is connected.
    Pressure = "pressure" {
        /// Below this the rate is not raised.
        0 low: WholeMmHg, 45..=75;
        /// Below this delivery stops.
        1 stop: WholeMmHg, 30..=60;
        /// Delivery goes on, and may rise, above this.
        2 resume: WholeMmHg, 50..=85;
        /// For so long.
        3 resume_after: WholeSeconds, 15..=600;
        /// A value older than this is not used.
        4 age_most: WholeSeconds, 5..=120;
        /// A value below this is no arterial pressure (kilopascals, an open line).
        5 range_low: WholeMmHg, 15..=30;
        /// A value above this neither.
        6 range_high: WholeMmHg, 180..=300;
    }
}
