//! What people may do now, and what they must know who take over.

use homeostat_bedside::view::{
    At, Entry, Length, Measured, Next, Offers, Pending, PhaseOffer, What,
};
use homeostat_record::{Action, Authority, Mode, Phase, Role, Steps};
use homeostat_supervisor::TABLE;
use homeostat_supervisor::causes::{Release, identified};

use crate::delivery;
use crate::memory::{Dose, clause};
use crate::view::Scene;

pub(crate) fn offers(scene: &Scene<'_>) -> Offers {
    let phase = scene.shown.decision.phase;
    let alarms = &scene.shown.supervisor.alarms().0;
    let unanswered = alarms
        .iter()
        .any(|alarm| alarm.priority > homeostat_record::Priority::None && !alarm.answered);
    Offers {
        phases: phases(scene),
        entries: entries(scene, phase),
        statements: scene.face.statements(phase),
        pending: pending(scene),
        acknowledge: unanswered || held_for(scene, Release::Acknowledge),
        audio_pause: audio_pause(scene),
        reset: held_for(scene, Release::AuthorisedReset).then(|| {
            "Releases what an authorised person must release, once the device was examined and the \
             cause has ended; a self-test follows."
                .to_owned()
        }),
        reconcile: reconcile(scene),
    }
}

/// How long a pause of the sound would be now, if there can be one.
fn audio_pause(scene: &Scene<'_>) -> Option<Length> {
    let now = scene.shown.moment?.now;
    let mut signals = scene.shown.alarms.signals;
    signals.pause(now).ok().and_then(|until| until.since(now)).map(Length::from)
}

/// Whether a cause waits for a person to release it so.
fn held_for(scene: &Scene<'_>, release: Release) -> bool {
    let latches = TABLE.iter().zip(&scene.shown.supervisor.modes().latches);
    latches.filter(|(row, _)| row.release == release).any(|(_, latch)| latch.held)
}

fn phases(scene: &Scene<'_>) -> Vec<PhaseOffer> {
    let now = scene.shown.decision.phase;
    let order = [
        Phase::SelfTest,
        Phase::Standby,
        Phase::Manual,
        Phase::Advisory,
        Phase::Automatic,
        Phase::Service,
        Phase::Off,
    ];
    let others = order.into_iter().filter(|phase| *phase != now);
    others
        .filter(|phase| !unmet(scene, *phase, Role::Authorised).path)
        .map(|phase| PhaseOffer {
            phase,
            words: choice(phase, now).to_owned(),
            unmet: missing(scene, phase, Role::Authorised),
        })
        .collect()
}

const fn choice(phase: Phase, now: Phase) -> &'static str {
    match phase {
        Phase::Off => "Switches the device off: it orders nothing.",
        Phase::SelfTest => "Switches on; begins with the self-test.",
        Phase::Standby => "Ends delivery by the device; it stays ready.",
        Phase::Manual => match now {
            Phase::Automatic => {
                "You set the delivery. The basic therapy runs until you do. The limits stay on."
            }
            _ => "You set the delivery. The limits stay on.",
        },
        Phase::Advisory => "The loop proposes; you confirm each change.",
        Phase::Automatic => "The loop treats within its limits.",
        Phase::Service => "Maintenance, with no person connected. An authorised person's PIN.",
    }
}

fn unmet(scene: &Scene<'_>, phase: Phase, by: Role) -> homeostat_record::Unmet {
    scene.shown.supervisor.modes().unmet(&scene.face.bounds().timing, phase, by)
}

/// What is still missing for a phase, in words; what a person has done meanwhile counts.
pub(crate) fn missing(scene: &Scene<'_>, phase: Phase, by: Role) -> Vec<String> {
    let mut unmet = unmet(scene, phase, by);
    let reconciled = |action: &Action| *action == Action::Reconcile;
    let mut waiting = scene.shown.waiting.people.iter().filter(|person| identified(person.by));
    unmet.ledger &= !waiting.any(|person| reconciled(&person.action));
    let sentences = scene.sentences();
    let mut missing = sentences.unmet(&unmet);
    missing.extend(unmet.causes.iter().map(|cause| {
        let over =
            if scene.shown.decision.active.has(cause) { "" } else { " (over, not yet released)" };
        clause(sentences.told(cause).0) + over
    }));
    missing
}

/// Numbers that the supervisor would take in this phase and at this authority.
fn entries(scene: &Scene<'_>, phase: Phase) -> Vec<Entry> {
    let least = match phase {
        Phase::Manual => Authority::Suspend,
        _ => Authority::Background,
    };
    let may = scene.shown.decision.authority >= least;
    let all = scene.face.entries(phase).into_iter();
    all.filter(|entry| may || !matches!(entry.what, What::Request(_)))
        .map(|entry| Entry { recent: recent(scene, entry.what), ..entry })
        .collect()
}

/// The last dose of the same kind, so that two people do not give it twice.
fn recent(scene: &Scene<'_>, what: What) -> String {
    let same = |dose: &&Dose| {
        matches!(
            (what, dose.action),
            (What::Request(_), Action::Request { .. })
                | (What::SetManual(_), Action::SetManual { .. })
                | (What::Given(_), Action::Given { .. })
        )
    };
    let last = scene.memory.doses.iter().find(same);
    last.map_or_else(String::new, |dose| {
        format!("Last: {}, {} ago.", dose.words, dose.at.age(scene.now).words())
    })
}

fn pending(scene: &Scene<'_>) -> Option<Pending> {
    let pending = scene.shown.supervisor.pending()?;
    let vocabulary = scene.face.vocabulary();
    let channels = pending.steps.iter().zip(scene.shown.supervisor.channels()).enumerate();
    let words: Vec<String> = channels
        .filter_map(|(number, (steps, channel))| {
            let steps = (*steps)?;
            let name = scene.face.drug(number).0;
            let (new, old) = (vocabulary.manual(steps), vocabulary.manual(channel.setting));
            Some(format!("run {} at {new} instead of {old}", name.to_lowercase()))
        })
        .collect();
    let rationale = scene.memory.last.and_then(|last| last.entry.proposal);
    let why = rationale.map(|proposal| vocabulary.rationale(&proposal.rationale));
    let expires = Next { words: "The proposal expires".to_owned(), at: At::from(pending.expires) };
    // The reason without its figures: those stand on the page.
    let because = why.as_deref().and_then(|why| why.split(';').next());
    let because = because.map_or_else(String::new, |why| format!(". The loop's reason now: {why}"));
    Some(Pending { words: words.join(", ") + &because, expires })
}

fn reconcile(scene: &Scene<'_>) -> Option<String> {
    let open =
        matches!(scene.shown.decision.phase, Phase::Standby | Phase::Manual | Phase::Advisory);
    let asked = open && !scene.shown.supervisor.modes().reconciled;
    if !asked && !held_for(scene, Release::Reconcile) {
        return None;
    }
    let account = scene.shown.decision.accounts[0];
    let total = |steps| scene.face.vocabulary().total(steps);
    let given: Vec<&str> = scene
        .memory
        .doses
        .iter()
        .filter(|dose| matches!(dose.action, Action::Given { .. }))
        .map(|dose| dose.words.as_str())
        .collect();
    let by_hand = if given.is_empty() {
        "nothing by other means since the start".to_owned()
    } else {
        given.join("; ")
    };
    Some(format!(
        "The record says: {} ordered, {} delivered by the pump's count; {by_hand}. Confirm only if that \
         is what was really given.",
        total(account.ordered),
        total(account.delivered),
    ))
}

/// What is known of the person: the last value, what was given of late, what still acts.
pub(crate) fn known(scene: &Scene<'_>, controlled: &Measured) -> Vec<String> {
    let mut lines = vec![value(scene, controlled)];
    lines.extend(delivery::recent(scene).into_iter().map(|line| format!("{line}.")));
    if let Some(dose) = scene.memory.doses.front() {
        lines.push(format!("{}, {} ago.", dose.words, dose.at.age(scene.now).words()));
    }
    let acting = scene.shown.decision.acting[0];
    if acting > Steps::ZERO {
        let vocabulary = scene.face.vocabulary();
        let (amount, what) = (vocabulary.amount(acting), vocabulary.nouns().acting);
        lines.push(format!("Still acting: {amount} ({what})."));
    }
    lines
}

/// What a person who takes over must know (MOD-03).
pub(crate) fn handover(scene: &Scene<'_>, controlled: &Measured) -> Vec<String> {
    let mut lines = known(scene, controlled);
    lines.push(match scene.shown.decision.phase {
        Phase::Automatic => {
            let due = At::from(scene.shown.due);
            let after = Length(due.0.saturating_sub(scene.now.0)).words();
            format!(
                "With the next cycle, in {after}, the loop's order ends and the basic therapy runs until \
                 you set a rate."
            )
        }
        _ => "The loop treats nobody now.".to_owned(),
    });
    lines.push(format!("What to do: {}", scene.face.to_do(Mode::Manual)));
    lines
}

fn value(scene: &Scene<'_>, controlled: &Measured) -> String {
    let name = &controlled.name;
    let (Some(value), Some(taken)) = (&controlled.value, controlled.taken) else {
        return format!("{name}: no value ({}).", controlled.quality.words);
    };
    let trend = controlled.trend.as_ref().map_or("trend unknown", |trend| &trend.words);
    let age = taken.age(scene.now);
    let stale = if age > controlled.stale_after() { ", stale" } else { "" };
    let unit = &controlled.unit;
    let space = if unit.is_empty() { "" } else { " " };
    format!("{name} {value}{space}{unit}, {trend}, taken {} ago{stale}.", age.words())
}
