//! The reference profile of one person, derived from what is known of everybody. It stands where a
//! clinician would sign: in trials, demonstrations and tests.

use super::scale::{
    Count, Micrograms, MicrogramsPerKilogram, MicrogramsPerKilogramPerSecond,
    MicrogramsPerMillilitre, MicrogramsPerSecond, Microlitres, MicrolitresPerMinute, MilliIndex,
    MilliIndexPerSecond, Millimetres, MillionthsPerMinute, NanogramsPerMillilitre, Percent,
    TenthBodyMass, WholeDecibels, WholeGrams, WholeMmHg, WholeMonths, WholeSeconds,
};
use super::{
    Again, Content, Delivery, FORMAT, Gates, Header, Identities, Index, Kinetics, Person, Pressure,
    Profile, ProfileError, Quality, THERAPY, Times, Tuning,
};
use crate::algorithm::{Person as Treated, Sex};
use crate::effect::{Effect, typical_delay};
use crate::kinetics::Population;
use homeostat_numeric::{clamp, floor, round};
use homeostat_record::List;

/// What a reference profile is derived from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferencePerson {
    /// The person treated.
    pub person: Treated,
    /// Somebody has decided to treat a person beyond the kinetic model's limits.
    pub beyond_limits: bool,
    /// The monitor's identity.
    pub monitor: u32,
    /// The pressure line's identity, where pressure is connected.
    pub line: Option<u32>,
    /// The pump's identity.
    pub pump: u32,
}

/// `value` times `scale`, rounded to the nearest; out of range or not a number gives a value that
/// no field accepts.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn scaled(value: f64, scale: f64) -> u32 {
    let value = round(value * scale);
    if value.is_nan() { u32::MAX } else { clamp(value, 0.0, f64::from(u32::MAX)) as u32 }
}

impl Profile {
    /// The reference profile for a person, with the register's defaults (section D.5) and bounds
    /// that scale with weight and age.
    ///
    /// # Errors
    /// [`ProfileError`] when a person is refused.
    pub fn reference_for(person: &ReferencePerson) -> Result<Self, ProfileError> {
        Content::reference_for(person).check()
    }
}

impl Content {
    /// The content of [`Profile::reference_for`], for a change before it is checked.
    #[must_use]
    pub fn reference_for(reference: &ReferencePerson) -> Self {
        let person = &reference.person;
        let (age, weight, height) = (
            WholeMonths(scaled(floor(person.age.0 * 12.0 + 1e-6), 1.0)),
            WholeGrams(scaled(person.weight.0, 1_000.0)),
            Millimetres(scaled(person.height.0, 10.0)),
        );
        let sex = Count(if person.sex == Sex::Female { 1 } else { 2 });
        let opioids = Count(u32::from(person.opioids));
        let mut content = Self {
            header: Header { format: Count(FORMAT), therapy: Count(THERAPY), revision: Count(1) },
            person: Person { age, weight, height, sex, opioids },
            again: Again { age, weight, height },
            gates: Gates { override_limits: Count(u32::from(reference.beyond_limits)), ..GATES },
            index: INDEX,
            quality: QUALITY,
            times: TIMES,
            delivery: DELIVERY,
            kinetics: Kinetics::default(),
            pressure: PRESSURE,
            identities: Identities {
                monitors: listed(Some(reference.monitor)),
                lines: listed(reference.line),
                pumps: listed(Some(reference.pump)),
            },
            tuning: Tuning::reference(),
        };
        // From the rounded figures: the profile's own check computes them again.
        let person = content.treated();
        content.kinetics = kinetics(&person);
        content.scale_delivery(&person);
        content
    }

    /// Bounds of delivery that follow body and age.
    fn scale_delivery(&mut self, person: &Treated) {
        let delivery = &mut self.delivery;
        // As much as the induction's amount in 50 s, and no more than 1200 mL/h of 1 %.
        let by_weight = MicrogramsPerKilogramPerSecond(50).of(self.person.weight);
        delivery.rate_most = MicrogramsPerSecond(by_weight.0.min(3_333));
        // As fast as the pump may: the effect-site cap and the windows bound what comes of it. A lower
        // rate leaves one in twenty awake for five minutes and answers stimuli too late.
        let rate = u64::from(delivery.rate_most.0).saturating_mul(1_000);
        let by_weight = rate.checked_div(u64::from(self.person.weight.0)).unwrap_or(0);
        let by_weight = u32::try_from(by_weight).unwrap_or(u32::MAX);
        delivery.maintenance_most = MicrogramsPerKilogramPerSecond(by_weight.min(50));
        delivery.asleep_most = MicrogramsPerKilogramPerSecond(by_weight.min(ASLEEP_MOST));
        // A tenth of a ug/mL at the effect site of an adult.
        let tolerance = MicrogramsPerKilogram(40).of(self.person.weight);
        delivery.tolerance = Micrograms(tolerance.0.clamp(100, 20_000));
        // The need falls with age as the half effect does (Eleveld 2018).
        let ageing = Effect::typical(person).half.0 / HALF_EFFECT_AT_35;
        // By the population's kinetics one adult in a hundred needs 7.1 ug/mL at 35 years (published
        // spread of clearance and half effect); a lower cap leaves such people awake. With 10 ug/mL two
        // more in a hundred are asleep in time, and twice as many are once too deep under stimuli.
        delivery.effect_most = NanogramsPerMillilitre(scaled(7.5 * ageing, 1_000.0));
        delivery.effect_least = NanogramsPerMillilitre(scaled(0.8 * ageing, 1_000.0));
        delivery.unseen_first = NanogramsPerMillilitre(scaled(UNSEEN.0 * ageing, 1_000.0));
        delivery.unseen_most = NanogramsPerMillilitre(scaled(UNSEEN.1 * ageing, 1_000.0));
        let response = RESPONSE + 2.0 * typical_delay(person).0;
        self.times.response = WholeSeconds(scaled(floor(response), 1.0));
    }
}

/// Parts of the half effect that the effect site may come to unseen: at first, and at the end of the wait.
/// More makes people too deep whose index is late.
const UNSEEN: (f64, f64) = (0.3 * HALF_EFFECT_AT_35, 0.8 * HALF_EFFECT_AT_35);

/// How long a response is awaited: until the effect site of a slow person has risen, and twice the delay
/// of the index at his age.
const RESPONSE: f64 = 80.0;

/// Effect-site concentration of half effect at 35 years, ug/mL (Eleveld 2018).
const HALF_EFFECT_AT_35: f64 = 3.0794;

fn listed<const N: usize>(identity: Option<u32>) -> List<u32, N> {
    let mut list = List::new();
    if let Some(identity) = identity {
        // A list of at least one place takes one item.
        let _ = list.push(identity);
    }
    list
}

/// Eleveld's figures for a person.
fn kinetics(person: &Treated) -> Kinetics {
    let own = Population::Eleveld.equations(person);
    let [central, fast, slow] =
        own.volumes.map(|volume| Microlitres(scaled(volume.0, 1_000_000.0)));
    let [clearance, fast_exchange, slow_exchange] =
        own.clearances.map(|flow| MicrolitresPerMinute(scaled(flow.0, 1_000_000.0)));
    let half_effect = scaled(Effect::typical(person).half.0, 1_000.0);
    Kinetics {
        model: Count(1),
        central,
        fast,
        slow,
        clearance,
        fast_exchange,
        slow_exchange,
        effect_site: MillionthsPerMinute(scaled(own.effect_site.0, 1_000_000.0)),
        half_effect: NanogramsPerMillilitre(half_effect),
    }
}

const GATES: Gates = Gates {
    override_limits: Count(0),
    age_least: WholeMonths(0),
    age_most: WholeMonths(1_056),
    weight_least: WholeGrams(680),
    weight_most: WholeGrams(160_000),
    body_mass_least: TenthBodyMass(100),
    body_mass_most: TenthBodyMass(700),
};

const INDEX: Index = Index {
    target: MilliIndex(50_000),
    induced: MilliIndex(60_000),
    induced_after: WholeSeconds(30),
    low: MilliIndex(40_000),
    low_after: WholeSeconds(60),
    deep: MilliIndex(30_000),
    deep_after: WholeSeconds(30),
    suppressed: Percent(10),
    resume: MilliIndex(40_000),
    // The dwell of 60 s comes on top: nothing is given until it has been above for 75 s.
    resume_after: WholeSeconds(15),
    high: MilliIndex(65_000),
    high_after: WholeSeconds(60),
    swing: MilliIndex(10_000),
    swings: Count(5),
    swing_window: WholeSeconds(600),
    responding: MilliIndex(80_000),
};

const QUALITY: Quality = Quality {
    age_most: WholeSeconds(5),
    full: Percent(80),
    least: Percent(50),
    computed: Percent(15),
    muscle_full: WholeDecibels(45),
    muscle_most: WholeDecibels(55),
    burst_hold: WholeSeconds(3),
    burst_most: WholeSeconds(15),
    jump: MilliIndex(15_000),
    drift: MilliIndexPerSecond(3_000),
    agree: Count(10),
    stuck_after: WholeSeconds(20),
};

const TIMES: Times = Times {
    period: WholeSeconds(5),
    lease: WholeSeconds(15),
    limited_after: WholeSeconds(10),
    lost_after: WholeSeconds(30),
    alarm_after: WholeSeconds(180),
    deadline_misses: Count(3),
    record_lost: WholeSeconds(60),
    implausible: WholeSeconds(20),
    dwell: WholeSeconds(60),
    dwell_cap: WholeSeconds(120),
    flap_falls: Count(5),
    flap_window: WholeSeconds(3_600),
    clamps: Count(12),
    clamp_window: WholeSeconds(120),
    escalation: WholeSeconds(150),
    background_most: WholeSeconds(600),
    handover: WholeSeconds(60),
    request_interval: WholeSeconds(5),
    ready: WholeSeconds(900),
    induction: WholeSeconds(300),
    saturation: WholeSeconds(300),
    pump_silent: WholeSeconds(5),
    response: WholeSeconds(120),
};

/// Rate, effect-site bounds and tolerance are scaled to the person.
const DELIVERY: Delivery = Delivery {
    strength: MicrogramsPerMillilitre(10_000),
    step: Micrograms(10),
    rate_most: MicrogramsPerSecond(3_333),
    maintenance_most: MicrogramsPerKilogramPerSecond(50),
    induction_most: MicrogramsPerKilogram(2_500),
    minute_most: MicrogramsPerKilogram(3_000),
    five_minute_most: MicrogramsPerKilogram(7_000),
    hour_most: MicrogramsPerKilogram(25_000),
    day_most: MicrogramsPerKilogram(250_000),
    request_most: MicrogramsPerKilogram(500),
    effect_most: NanogramsPerMillilitre(7_500),
    effect_least: NanogramsPerMillilitre(800),
    tolerance: Micrograms(3_000),
    asleep_most: MicrogramsPerKilogramPerSecond(ASLEEP_MOST),
    unseen_first: NanogramsPerMillilitre(924),
    unseen_most: NanogramsPerMillilitre(2_463),
};

/// A minute of it adds about 1.1 ug/mL at the plasma of an adult. A controller that asks for everything
/// for five minutes brought five people of 300 below 20 with 15, and two with this.
const ASLEEP_MOST: u32 = 10;

const PRESSURE: Pressure = Pressure {
    low: WholeMmHg(55),
    stop: WholeMmHg(45),
    resume: WholeMmHg(60),
    resume_after: WholeSeconds(120),
    age_most: WholeSeconds(20),
    range_low: WholeMmHg(20),
    range_high: WholeMmHg(250),
};
