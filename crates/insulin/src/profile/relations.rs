//! Relations between fields, and the gates (GLY-24): a profile that contradicts itself is refused.

use super::{Content, FORMAT, ProfileError, Tuning};

/// Refuses the first contradiction by the name of the field to change.
pub(super) fn check(content: &Content) -> Result<(), ProfileError> {
    format(content)?;
    gates(content)?;
    glucose(content)?;
    times(content)?;
    delivery(content)?;
    sensing(content)?;
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

/// Refuses an old format: it is read for replays, and leaves numbers unsaid that a loop needs.
pub(super) fn present(content: &Content) -> Result<(), ProfileError> {
    let format = content.header.format.0;
    expect(
        format == FORMAT,
        "header.format",
        format,
        "2: an older profile is read for replays and starts no loop",
    )
}

/// The format says how the tuning values stand.
fn format(content: &Content) -> Result<(), ProfileError> {
    let single = matches!(content.tuning, Tuning::Single(_));
    let format = content.header.format.0;
    expect(
        single == (format == 1),
        "header.format",
        format,
        "1 with one list of tuning values, 2 with a list a controller",
    )
}

fn gates(content: &Content) -> Result<(), ProfileError> {
    let Content { person, gates, .. } = content;
    expect(person.age >= gates.age_least, "person.age", person.age.0, "at least gates.age_least")?;
    expect(
        person.weight >= gates.weight_least,
        "person.weight",
        person.weight.0,
        "at least gates.weight_least",
    )?;
    expect(
        person.daily_dose >= gates.daily_dose_least,
        "person.daily_dose",
        person.daily_dose.0,
        "at least gates.daily_dose_least",
    )?;
    expect(
        person.daily_dose <= gates.daily_dose_most,
        "person.daily_dose",
        person.daily_dose.0,
        "at most gates.daily_dose_most",
    )?;
    expect(
        u64::from(person.basal.0) * 24 <= u64::from(person.daily_dose.0),
        "person.basal",
        person.basal.0,
        "24 h of it at most person.daily_dose",
    )
}

fn glucose(content: &Content) -> Result<(), ProfileError> {
    let glucose = &content.glucose;
    expect(
        glucose.predicted_low < glucose.resume_at,
        "glucose.predicted_low",
        glucose.predicted_low.0,
        "less than glucose.resume_at",
    )?;
    expect(
        glucose.hard_low < glucose.resume_at,
        "glucose.hard_low",
        glucose.hard_low.0,
        "less than glucose.resume_at",
    )?;
    expect(
        glucose.resume_at <= glucose.suspend_below,
        "glucose.resume_at",
        glucose.resume_at.0,
        "at most glucose.suspend_below",
    )?;
    expect(
        glucose.suspend_below < glucose.target,
        "glucose.suspend_below",
        glucose.suspend_below.0,
        "less than glucose.target",
    )?;
    expect(
        glucose.stop_without_data_total >= glucose.stop_without_data,
        "glucose.stop_without_data_total",
        glucose.stop_without_data_total.0,
        "at least glucose.stop_without_data",
    )
}

fn times(content: &Content) -> Result<(), ProfileError> {
    let times = &content.times;
    expect(
        times.input_limited < times.input_lost,
        "times.input_limited",
        times.input_limited.0,
        "less than times.input_lost",
    )?;
    expect(
        times.dwell <= times.dwell_cap,
        "times.dwell",
        times.dwell.0,
        "at most times.dwell_cap",
    )?;
    expect(times.lease >= times.period, "times.lease", times.lease.0, "at least times.period")
}

fn delivery(content: &Content) -> Result<(), ProfileError> {
    let Content { person, delivery, times, .. } = content;
    let shares = [
        (delivery.cycle_share, delivery.hour_share, "delivery.cycle_share", "hour_share"),
        (delivery.hour_share, delivery.four_hour_share, "delivery.hour_share", "four_hour_share"),
        (delivery.four_hour_share, delivery.day_share, "delivery.four_hour_share", "day_share"),
    ];
    for (shorter, longer, field, _) in shares {
        expect(shorter <= longer, field, shorter.0, "at most the share of the longer window")?;
    }
    let basal = u64::from(person.basal.0) * u64::from(times.period.0);
    let automatic = u64::from(delivery.automatic_most.0) * 3_600;
    expect(
        automatic >= basal,
        "delivery.automatic_most",
        delivery.automatic_most.0,
        "at least the basal amount of one cycle",
    )?;
    let background = u64::from(delivery.cycle_least.0.max(delivery.suspension.0)) * 3_600;
    expect(
        background <= basal,
        "delivery.cycle_least",
        delivery.cycle_least.0,
        "this and delivery.suspension at most the basal amount of one cycle",
    )?;
    expect(
        delivery.automatic_most >= delivery.step,
        "delivery.step",
        delivery.step.0,
        "at most delivery.automatic_most",
    )?;
    expect(
        delivery.request_most <= delivery.label_most,
        "delivery.request_most",
        delivery.request_most.0,
        "at most delivery.label_most",
    )?;
    let cycle = content.share_of_daily_dose(delivery.cycle_share);
    expect(
        delivery.automatic_most <= cycle,
        "delivery.automatic_most",
        delivery.automatic_most.0,
        "at most delivery.cycle_share of person.daily_dose",
    )
}

fn sensing(content: &Content) -> Result<(), ProfileError> {
    let sensing = &content.sensing;
    expect(
        sensing.range_low <= content.glucose.predicted_low,
        "sensing.range_low",
        sensing.range_low.0,
        "at most glucose.predicted_low",
    )?;
    expect(
        sensing.noise_mild < sensing.noise_heavy,
        "sensing.noise_mild",
        sensing.noise_mild.0,
        "less than sensing.noise_heavy",
    )?;
    expect(
        sensing.noise_1 < sensing.noise_2,
        "sensing.noise_1",
        sensing.noise_1.0,
        "less than sensing.noise_2",
    )?;
    expect(
        sensing.noise_2 < sensing.noise_3,
        "sensing.noise_2",
        sensing.noise_2.0,
        "less than sensing.noise_3",
    )?;
    expect(
        sensing.quality_poor < sensing.quality_reduced,
        "sensing.quality_poor",
        sensing.quality_poor.0,
        "less than sensing.quality_reduced",
    )?;
    expect(
        sensing.duplicate < sensing.interval,
        "sensing.duplicate",
        sensing.duplicate.0,
        "less than sensing.interval",
    )?;
    expect(
        sensing.gap > sensing.interval,
        "sensing.gap",
        sensing.gap.0,
        "more than sensing.interval",
    )
}

fn identities(content: &Content) -> Result<(), ProfileError> {
    let identities = &content.identities;
    expect(
        !identities.sensors.is_empty(),
        "identities.sensors",
        0,
        "one to four accepted sensors",
    )?;
    expect(!identities.pumps.is_empty(), "identities.pumps", 0, "one to four accepted pumps")
}
