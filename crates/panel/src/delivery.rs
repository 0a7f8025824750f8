//! What was ordered and what arrived, and the limits that are in use.

use homeostat_assembly::explanation::source_words;
use homeostat_bedside::view::{Amount, At, Channel, Length, Limit, Total};
use homeostat_link::Part;
use homeostat_record::{
    Account, ActuatorStatus, Cause, Limit as Bound, Phase, Report, Source, Steps, Verdict,
};
use homeostat_supervisor::{ChannelLimits, WindowLimit};

use crate::memory::{basis, delivers};
use crate::view::Scene;

/// The manipulated variables that this loop has.
fn used<'s>(scene: &Scene<'s>) -> impl Iterator<Item = (usize, &'s ChannelLimits)> {
    let all = scene.face.bounds().limits.iter().enumerate();
    all.filter(|(_, limits)| limits.label_max > Steps::ZERO)
}

pub(crate) fn channels(scene: &Scene<'_>) -> Vec<Channel> {
    used(scene).map(|(number, limits)| channel(scene, number, limits)).collect()
}

fn channel(scene: &Scene<'_>, number: usize, limits: &ChannelLimits) -> Channel {
    let (interval, allowance) = scene.speaks(Part::Actuator);
    let report = scene.memory.report(number, &scene.shown.waiting);
    let account = scene.shown.decision.accounts.get(number).copied().unwrap_or_default();
    let (now, source) = runs(scene, number, report.as_ref());
    let told = scene.memory.reports.get(number).copied().flatten();
    let counted = told.map(|report| At::from(report.received));
    let ordered = scene.memory.ordered.map(|ordered| ordered.at);
    let vocabulary = scene.face.vocabulary();
    let amount = |steps, at: Option<At>| Amount { text: Some(vocabulary.total(steps)), at };
    let verifies = told.is_some_and(|report| report.verified_total.is_some());
    let actuator = report.map(|report| scene.sentences().actuator(report.status));
    Channel {
        name: scene.face.drug(number).0.to_owned(),
        now,
        source,
        actuator: actuator.unwrap_or_else(|| "nothing was heard of the pump".to_owned()),
        well: report.is_some_and(|report| delivers(report.status)) && !wrong(scene),
        reported: report.map(|report| At::from(report.received)),
        interval,
        allowance,
        ordered: amount(account.ordered, ordered),
        accepted: if told.is_some() {
            amount(account.accepted, counted)
        } else {
            Amount::default()
        },
        delivered: if told.is_some() {
            amount(account.delivered, counted)
        } else {
            Amount::default()
        },
        verified: if verifies { amount(account.verified, counted) } else { Amount::default() },
        uncertain: uncertain(scene, &account),
        temporary: temporary(scene),
        totals: totals(scene, number, limits),
    }
}

/// Whether something is wrong with what was delivered.
fn wrong(scene: &Scene<'_>) -> bool {
    let causes =
        [Cause::OverDelivery, Cause::UnderDelivery, Cause::ActuatorDisobeys, Cause::ActuatorSilent];
    causes.iter().any(|cause| scene.shown.decision.active.has(*cause))
}

/// Whether the pump gives what nobody ordered: then the order says nothing of what flows.
fn more_flows(scene: &Scene<'_>) -> bool {
    let active = scene.shown.decision.active;
    active.has(Cause::OverDelivery) || active.has(Cause::ActuatorDisobeys)
}

/// What surely left the pump: the larger of its drive's count and of what was measured.
pub(crate) fn left_the_pump(account: &Account) -> u64 {
    account.delivered.max(account.verified)
}

/// What runs now, and who set it.
fn runs(scene: &Scene<'_>, number: usize, report: Option<&Report>) -> (String, String) {
    let rate = |steps| scene.face.vocabulary().manual(steps);
    let Some(report) = report else {
        return ("not known".to_owned(), "the pump has not reported".to_owned());
    };
    match report.status {
        ActuatorStatus::Stopped => (rate(Steps::ZERO), "stopped, no flow measured".to_owned()),
        ActuatorStatus::Reverted => match scene.face.reverted() {
            Some(steps) => (rate(steps), "the pump's own programme".to_owned()),
            None => ("no order".to_owned(), "the pump's last order has run out".to_owned()),
        },
        ActuatorStatus::Occluded | ActuatorStatus::Empty | ActuatorStatus::Failed => {
            ("not known".to_owned(), "the pump cannot deliver as ordered".to_owned())
        }
        ActuatorStatus::Running if more_flows(scene) => {
            let words = "more flows than was ordered: look at the pump".to_owned();
            ("not known".to_owned(), words)
        }
        ActuatorStatus::Running => match scene.memory.ordered {
            None => ("not known".to_owned(), "no order of this start".to_owned()),
            Some(ordered) => {
                let order = ordered.order;
                let requested = order.requested.get(number).copied().unwrap_or_default();
                let dose = match requested {
                    Steps::ZERO => String::new(),
                    steps => format!(", and {} on request", scene.face.vocabulary().amount(steps)),
                };
                let by = match order.source {
                    Source::Controller => "set by the loop",
                    Source::Manual => "set by a person",
                    Source::Suspension => "nothing is to be given",
                    source @ (Source::Background | Source::Nothing) => source_words(source),
                };
                (rate(basis(&order, number)), format!("{by}{dose}"))
            }
        },
    }
}

/// What of the orders is not known to have been delivered: an order that was lost on the way never will be.
fn uncertain(scene: &Scene<'_>, account: &Account) -> String {
    let left = left_the_pump(account);
    let more = left.saturating_sub(account.ordered);
    let total = |steps| scene.face.vocabulary().total(steps);
    // What rounds to nothing is nothing to be told.
    let told = |steps| total(steps) != total(0);
    if told(more) {
        return format!(
            "{} more than ordered was delivered; it counts for every limit.",
            total(more)
        );
    }
    let under_way = account.accepted.saturating_sub(left);
    let unaccepted = account.ordered.saturating_sub(account.accepted.max(left));
    let amounts = [(under_way, "is under way"), (unaccepted, "was ordered and not accepted")];
    let parts = amounts.iter().filter(|(steps, _)| told(*steps));
    let parts: Vec<String> = parts.map(|(steps, how)| format!("{} {how}", total(*steps))).collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("{}; it counts as given for every limit.", parts.join(", "))
}

/// MOD-10: what the loop had ordered and still runs after it has ended.
fn temporary(scene: &Scene<'_>) -> String {
    let Some(ordered) = scene.memory.ordered else { return String::new() };
    let ends = At::from(ordered.order.expires);
    let loops = ordered.order.source == Source::Controller;
    if !loops || scene.shown.decision.phase == Phase::Automatic || ends <= scene.now {
        return String::new();
    }
    let left = scene.now.age(ends).words();
    format!("The loop's last order may still run at the pump for {left}.")
}

fn totals(scene: &Scene<'_>, number: usize, limits: &ChannelLimits) -> Vec<Total> {
    let Some(counts) = scene.memory.counts.get(number) else { return Vec::new() };
    let windows = limits.windows.iter().filter(|window| window.cycles > 1);
    let total = |window: &WindowLimit| {
        let window = scene.face.bounds().cycles(window.cycles);
        let (amount, whole) = counts.within(window, scene.now)?;
        Some(Total { window, text: scene.face.vocabulary().total(amount), whole })
    };
    windows.filter_map(total).collect()
}

/// The limits of the profile while something is ordered.
pub(crate) fn limits(scene: &Scene<'_>) -> Vec<Limit> {
    match scene.shown.decision.phase {
        Phase::Off | Phase::SelfTest | Phase::Standby | Phase::Service => return Vec::new(),
        Phase::Manual | Phase::Advisory | Phase::Automatic => {}
    }
    used(scene).flat_map(|(number, limits)| limits_of(scene, number, limits)).collect()
}

fn limits_of(scene: &Scene<'_>, number: usize, limits: &ChannelLimits) -> Vec<Limit> {
    let decision = &scene.shown.decision;
    let bound = match decision.verdicts.get(number) {
        Some(Verdict::Bounded(limit)) => Some(*limit),
        _ => None,
    };
    let order = decision.order.map(|order| order.steps.get(number).copied().unwrap_or_default());
    let mut all = vec![(Bound::CycleMax, order.unwrap_or_default(), limits.cycle_max)];
    if let Some(channel) = scene.shown.supervisor.channels().get(number) {
        let windows = channel.history.rooms(&limits.windows).filter_map(|(name, room)| {
            let Bound::Window(window) = name else { return None };
            let most =
                limits.windows.get(usize::from(window)).filter(|window| window.cycles > 1)?.max;
            Some((name, most.saturating_sub(room), most))
        });
        all.extend(windows);
    }
    let acting = decision.acting.get(number).copied().unwrap_or_default();
    all.push((Bound::Acting, acting, limits.acting_max));
    let others = bound.filter(|bound| !all.iter().any(|(known, ..)| known == bound));
    let shown = all.into_iter().map(|(name, used, most)| shown(scene, name, used, most, bound));
    // A bound without a figure of its own: all of it is in use when it decides.
    let decided = others.map(|name| {
        let steps = order.unwrap_or_default();
        shown_as(scene, name, steps, steps, 1_000, bound)
    });
    shown.chain(decided).collect()
}

fn shown(scene: &Scene<'_>, name: Bound, used: Steps, most: Steps, bound: Option<Bound>) -> Limit {
    let share = u64::from(used.0).saturating_mul(1_000).checked_div(u64::from(most.0));
    let share = share.unwrap_or(if used > most { 1_000 } else { 0 });
    shown_as(scene, name, used, most, u32::try_from(share).unwrap_or(u32::MAX), bound)
}

fn shown_as(
    scene: &Scene<'_>,
    name: Bound,
    used: Steps,
    most: Steps,
    share: u32,
    bound: Option<Bound>,
) -> Limit {
    let amount = |steps| scene.face.vocabulary().amount(steps);
    Limit {
        name: scene.sentences().limit(name),
        bound: amount(most),
        used: amount(used),
        share,
        binding: bound == Some(name),
    }
}

/// The amounts of the last windows, for who takes over.
pub(crate) fn recent(scene: &Scene<'_>) -> Vec<String> {
    let total = |total: Total| {
        let least = if total.whole { "" } else { "at least " };
        format!("{least}{} in the last {}", total.text, total.window.window())
    };
    let hour = |total: &Total| (Length::minutes(5)..=Length::minutes(240)).contains(&total.window);
    used(scene)
        .flat_map(|(number, limits)| totals(scene, number, limits))
        .filter(hour)
        .map(total)
        .collect()
}
