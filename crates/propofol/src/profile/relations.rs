//! Relations between fields: a profile that contradicts itself is refused, and so is a person
//! whose two descriptions differ, whose figures do not fit each other, or for whom the kinetic
//! model was not made.

use super::scale::{MicrogramsPerKilogram, WholeSeconds};
use super::{Content, Gates, ProfileError, growth};
use crate::effect::Effect;
use crate::kinetics::Population;
use homeostat_numeric::abs;

/// Largest flow of syringe pumps, mL/h.
const PUMPS_LARGEST: u64 = 1_200;
/// For so long the index must have been above, after a stop, before anything is given again, s (D.5).
const RESUMED_LEAST: u32 = 60;
/// Figures of a model that the profile states are those of its equations to this part.
const MODEL_TOLERANCE: f64 = 1e-3;

/// Refuses the first contradiction by the name of the field to change.
pub(super) fn check(content: &Content) -> Result<(), ProfileError> {
    entered_twice(content)?;
    person(content)?;
    limits(content)?;
    index(content)?;
    quality(content)?;
    times(content)?;
    delivery(content)?;
    kinetics(content)?;
    pressure(content)?;
    identities(content)
}

/// `Ok` if `holds`.
fn expect(
    holds: bool,
    field: &'static str,
    found: u32,
    expected: &'static str,
) -> Result<(), ProfileError> {
    if holds { Ok(()) } else { Err(ProfileError::Relation { field, found, expected }) }
}

fn entered_twice(content: &Content) -> Result<(), ProfileError> {
    let Content { person, again, .. } = content;
    let pairs = [
        ("again.age", again.age.0, person.age.0, "the same as person.age: enter both anew"),
        (
            "again.weight",
            again.weight.0,
            person.weight.0,
            "the same as person.weight: enter both anew",
        ),
        (
            "again.height",
            again.height.0,
            person.height.0,
            "the same as person.height: enter both anew",
        ),
    ];
    pairs.into_iter().try_for_each(|(field, found, first, expected)| {
        expect(found == first, field, found, expected)
    })
}

/// Figures that no person has, which nothing overrides.
fn person(content: &Content) -> Result<(), ProfileError> {
    let Content { person, gates, .. } = content;
    let square = u64::from(person.height.0) * u64::from(person.height.0);
    // g / mm^2 is 1000 kg/m^2.
    let index = u64::from(person.weight.0) * 10_000 / square.max(1);
    expect(
        index >= u64::from(gates.body_mass_least.0),
        "person.weight",
        person.weight.0,
        "a body mass index of at least gates.body_mass_least: check weight, height and units",
    )?;
    expect(
        index <= u64::from(gates.body_mass_most.0),
        "person.weight",
        person.weight.0,
        "a body mass index of at most gates.body_mass_most: check weight, height and units",
    )?;
    growth::misfit(person).map_or(Ok(()), |(field, found)| {
        expect(false, field, found, "what a person of person.age can have: check age and units")
    })
}

/// The validity range of the kinetic model, and the profile's own narrower one. An override opens the
/// first; a gate that somebody has narrowed was a decision of its own and holds all the same.
fn limits(content: &Content) -> Result<(), ProfileError> {
    let Content { person, gates, .. } = content;
    let overridden = gates.override_limits.0 == 1;
    if !overridden && let Some(model) = model(content) {
        model.fit(&content.treated()).map_err(ProfileError::Model)?;
    }
    let [_, young, old, light, heavy, ..] = Gates::FIELDS;
    let (age, weight) = (person.age, person.weight);
    let least = "at least gates.age_least, or that gate at its widest and the override";
    let most = "at most gates.age_most, or that gate at its widest and the override";
    let lightest = "at least gates.weight_least, or that gate at its widest and the override";
    let heaviest = "at most gates.weight_most, or that gate at its widest and the override";
    let bounds = [
        (age >= gates.age_least, gates.age_least.0 == young.low, "person.age", age.0, least),
        (age <= gates.age_most, gates.age_most.0 == old.high, "person.age", age.0, most),
        (
            weight >= gates.weight_least,
            gates.weight_least.0 == light.low,
            "person.weight",
            weight.0,
            lightest,
        ),
        (
            weight <= gates.weight_most,
            gates.weight_most.0 == heavy.high,
            "person.weight",
            weight.0,
            heaviest,
        ),
    ];
    bounds.into_iter().try_for_each(|(holds, widest, field, found, expected)| {
        expect(holds || (overridden && widest), field, found, expected)
    })
}

/// The model that `kinetics.model` names.
pub(super) fn model(content: &Content) -> Option<Population> {
    Some(match content.kinetics.model.0 {
        1 => Population::Eleveld,
        2 => Population::Schnider,
        3 => Population::Marsh,
        4 => Population::MarshModified,
        _ => return None,
    })
}

fn index(content: &Content) -> Result<(), ProfileError> {
    let index = &content.index;
    let rising = [
        (index.deep < index.low, "index.deep", index.deep.0, "less than index.low"),
        (index.deep < index.resume, "index.deep", index.deep.0, "less than index.resume"),
        (index.low < index.target, "index.low", index.low.0, "less than index.target"),
        (index.resume < index.target, "index.resume", index.resume.0, "less than index.target"),
        (index.target < index.induced, "index.target", index.target.0, "less than index.induced"),
        (index.induced < index.high, "index.induced", index.induced.0, "less than index.high"),
        (index.high < index.responding, "index.high", index.high.0, "less than index.responding"),
    ];
    rising
        .into_iter()
        .try_for_each(|(holds, field, found, expected)| expect(holds, field, found, expected))
}

fn quality(content: &Content) -> Result<(), ProfileError> {
    let quality = &content.quality;
    expect(
        quality.least < quality.full,
        "quality.least",
        quality.least.0,
        "less than quality.full",
    )?;
    expect(
        quality.muscle_full < quality.muscle_most,
        "quality.muscle_full",
        quality.muscle_full.0,
        "less than quality.muscle_most",
    )?;
    expect(
        quality.burst_hold <= quality.burst_most,
        "quality.burst_hold",
        quality.burst_hold.0,
        "at most quality.burst_most",
    )
}

fn times(content: &Content) -> Result<(), ProfileError> {
    let times = &content.times;
    let rising: [(WholeSeconds, WholeSeconds, &'static str, &'static str); 7] = [
        (times.period, times.lease, "times.lease", "at least times.period"),
        (times.period, times.limited_after, "times.limited_after", "at least times.period"),
        (times.dwell, times.dwell_cap, "times.dwell_cap", "at least times.dwell"),
        (
            times.limited_after,
            times.lost_after,
            "times.lost_after",
            "more than times.limited_after by a period",
        ),
        (times.lost_after, times.alarm_after, "times.alarm_after", "at least times.lost_after"),
        (
            times.alarm_after,
            times.background_most,
            "times.background_most",
            "at least times.alarm_after",
        ),
        (
            content.quality.burst_most,
            times.lost_after,
            "quality.burst_most",
            "at most times.lost_after",
        ),
    ];
    // Nothing is given until the index has been above for the one, and then no cause has stood for the other.
    let resumed = content.index.resume_after.0.saturating_add(times.dwell.0);
    expect(
        resumed >= RESUMED_LEAST,
        "index.resume_after",
        content.index.resume_after.0,
        "60 s or more together with times.dwell",
    )?;
    for (shorter, longer, field, expected) in rising {
        let apart = if field == "times.lost_after" { times.period.0 } else { 0 };
        let found = if field.starts_with("quality") { shorter.0 } else { longer.0 };
        expect(shorter.0.saturating_add(apart) <= longer.0, field, found, expected)?;
    }
    Ok(())
}

fn delivery(content: &Content) -> Result<(), ProfileError> {
    let Content { person, delivery, times, .. } = content;
    let strength = delivery.strength.0;
    expect(
        strength == 10_000 || strength == 20_000,
        "delivery.strength",
        strength,
        "10000 (1 %) or 20000 (2 %)",
    )?;
    expect(
        delivery.step.0.saturating_mul(1_000) % strength == 0,
        "delivery.step",
        delivery.step.0,
        "whole microlitres of the solution",
    )?;
    let rising: [(MicrogramsPerKilogram, MicrogramsPerKilogram, &'static str); 5] = [
        (delivery.request_most, delivery.minute_most, "delivery.request_most"),
        (delivery.minute_most, delivery.five_minute_most, "delivery.minute_most"),
        (delivery.induction_most, delivery.five_minute_most, "delivery.induction_most"),
        (delivery.five_minute_most, delivery.hour_most, "delivery.five_minute_most"),
        (delivery.hour_most, delivery.day_most, "delivery.hour_most"),
    ];
    for (shorter, longer, field) in rising {
        expect(shorter <= longer, field, shorter.0, "at most the amount of the longer window")?;
    }
    expect(
        delivery.asleep_most <= delivery.maintenance_most,
        "delivery.asleep_most",
        delivery.asleep_most.0,
        "at most delivery.maintenance_most",
    )?;
    expect(
        delivery.maintenance_most.of(person.weight) <= delivery.rate_most,
        "delivery.maintenance_most",
        delivery.maintenance_most.0,
        "at most delivery.rate_most for person.weight",
    )?;
    expect(
        delivery.effect_least < delivery.effect_most,
        "delivery.effect_least",
        delivery.effect_least.0,
        "less than delivery.effect_most",
    )?;
    expect(
        delivery.unseen_most <= delivery.effect_most,
        "delivery.unseen_most",
        delivery.unseen_most.0,
        "at most delivery.effect_most",
    )?;
    expect(
        delivery.unseen_first <= delivery.unseen_most,
        "delivery.unseen_first",
        delivery.unseen_first.0,
        "at most delivery.unseen_most",
    )?;
    // ug/s times 3600 is mL/h times ug/mL.
    let flow = u64::from(delivery.rate_most.0) * 3_600 / u64::from(strength);
    expect(
        flow <= PUMPS_LARGEST,
        "delivery.rate_most",
        delivery.rate_most.0,
        "at most 1200 mL/h of delivery.strength, which no syringe pump exceeds",
    )?;
    let cycle = u64::from(delivery.rate_most.0) * u64::from(times.period.0);
    expect(
        u64::from(delivery.step.0) <= cycle,
        "delivery.step",
        delivery.step.0,
        "at most what delivery.rate_most gives in times.period",
    )
}

/// The figures are those of the model that they are said to be of, and fit the body.
fn kinetics(content: &Content) -> Result<(), ProfileError> {
    let (kinetics, weight) = (&content.kinetics, content.person.weight.0.max(1));
    let per_kilogram = [
        ("kinetics.central", kinetics.central.0, 30, 400, "30 to 400 mL/kg"),
        ("kinetics.clearance", kinetics.clearance.0, 5, 80, "5 to 80 mL/min/kg"),
    ];
    for (field, found, least, most, expected) in per_kilogram {
        // uL/g is mL/kg.
        expect((least..=most).contains(&(found / weight)), field, found, expected)?;
    }
    // Six times a minute: what the integer model of the watch can follow in a period of 5 s.
    let [q2, q3] = [kinetics.fast_exchange.0, kinetics.slow_exchange.0].map(u64::from);
    let through = u64::from(kinetics.clearance.0) + q2 + q3;
    let turnovers = [
        ("kinetics.central", kinetics.central.0, through),
        ("kinetics.fast", kinetics.fast.0, q2),
        ("kinetics.slow", kinetics.slow.0, q3),
    ];
    for (field, volume, flow) in turnovers {
        let slow = flow <= 6 * u64::from(volume);
        expect(slow, field, volume, "at least a sixth of what flows through it in a minute")?;
    }
    let Some(model) = model(content) else { return Ok(()) };
    let person = content.treated();
    let (stated, of_model) = (kinetics.compartments(), model.equations(&person));
    let near = |stated: f64, of_model: f64| abs(stated - of_model) <= MODEL_TOLERANCE * of_model;
    let volumes = stated.volumes.iter().zip(&of_model.volumes);
    let clearances = stated.clearances.iter().zip(&of_model.clearances);
    let figures = [
        ("kinetics.central", kinetics.central.0),
        ("kinetics.fast", kinetics.fast.0),
        ("kinetics.slow", kinetics.slow.0),
        ("kinetics.clearance", kinetics.clearance.0),
        ("kinetics.fast_exchange", kinetics.fast_exchange.0),
        ("kinetics.slow_exchange", kinetics.slow_exchange.0),
    ];
    let agree = volumes
        .map(|(stated, of_model)| near(stated.0, of_model.0))
        .chain(clearances.map(|(stated, of_model)| near(stated.0, of_model.0)));
    const EXPECTED: &str = "what kinetics.model gives for this person";
    for ((field, found), agrees) in figures.into_iter().zip(agree) {
        expect(agrees, field, found, EXPECTED)?;
    }
    let effect_site = kinetics.effect_site.0;
    let agrees = near(stated.effect_site.0, of_model.effect_site.0);
    expect(agrees, "kinetics.effect_site", effect_site, EXPECTED)?;
    let half = kinetics.half_effect.0;
    let agrees = near(f64::from(half) / 1_000.0, Effect::typical(&person).half.0);
    expect(agrees, "kinetics.half_effect", half, "Eleveld's typical value for this person")
}

fn pressure(content: &Content) -> Result<(), ProfileError> {
    let pressure = &content.pressure;
    let rising = [
        (pressure.range_low < pressure.stop, "pressure.range_low", pressure.range_low.0),
        (pressure.stop < pressure.low, "pressure.stop", pressure.stop.0),
        (pressure.low < pressure.resume, "pressure.low", pressure.low.0),
    ];
    rising
        .into_iter()
        .try_for_each(|(holds, field, found)| expect(holds, field, found, "less than the next one"))
}

fn identities(content: &Content) -> Result<(), ProfileError> {
    let identities = &content.identities;
    expect(
        !identities.monitors.is_empty(),
        "identities.monitors",
        0,
        "one to four accepted monitors",
    )?;
    expect(!identities.pumps.is_empty(), "identities.pumps", 0, "one to four accepted pumps")
}
