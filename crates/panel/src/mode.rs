//! The mode, why it is so, what the device does, what to do, and the way back.

use homeostat_assembly::explanation::row;
use homeostat_bedside::view::{At, Length, ModeShown, Next};
use homeostat_record::{Authority, Cause, Mode, Phase, Role};
use homeostat_supervisor::causes::Release;
use homeostat_supervisor::latch::{Latch, dwell};

use crate::memory::limited;
use crate::offers;
use crate::view::Scene;

pub(crate) fn shown(scene: &Scene<'_>) -> ModeShown {
    let decision = &scene.shown.decision;
    let (mode, sentences) = (decision.mode, scene.sentences());
    let failed = decision.authority == Authority::FailStop;
    let governing = decision.governing.filter(|_| failed || limited(mode));
    let doing = if scene.stopping() {
        "A person has stopped delivery. The actuator was told at once; the mode follows with the next \
         cycle."
    } else {
        scene.face.doing(mode)
    };
    let why = governing.map(|cause| {
        let over = if decision.active.has(cause) { "" } else { " It is over; its effect is not." };
        let chosen = if limited(mode) { "" } else { scene.memory.chosen.as_str() };
        format!("{}{over} {chosen}", sentences.told(cause).0).trim_end().to_owned()
    });
    let to_do = governing.map(|cause| sentences.told(cause).1).filter(|words| !words.is_empty());
    ModeShown {
        mode,
        since: scene.memory.since,
        why: why.unwrap_or_else(|| scene.memory.chosen.clone()),
        doing: doing.to_owned(),
        what_to_do: to_do.unwrap_or_else(|| scene.face.to_do(mode)).to_owned(),
        how_to_return: way_back(scene),
        time_left: time_left(scene),
    }
}

/// When a fallback ends by itself and what comes then.
fn time_left(scene: &Scene<'_>) -> Option<Next> {
    let most = scene.face.bounds().timing.background_limit;
    if scene.shown.decision.mode != Mode::FallbackBackground || most == 0 {
        return None;
    }
    let left = most.saturating_sub(scene.shown.supervisor.modes().background);
    let last = scene.memory.last?.at;
    let Length(span) = scene.face.bounds().cycles(u32::from(left).saturating_add(1));
    let words = "If it lasts, manual operation with the basic therapy follows".to_owned();
    Some(Next { words, at: At(last.0.saturating_add(span)) })
}

fn way_back(scene: &Scene<'_>) -> String {
    let decision = &scene.shown.decision;
    match (decision.phase, decision.authority) {
        (Phase::Automatic, Authority::Full) => "It is in automatic operation.".to_owned(),
        (Phase::Automatic, _) => released(scene),
        (Phase::Off | Phase::Service, Authority::FailStop) => {
            format!("{} Then choose the self-test.", released(scene))
        }
        (_, Authority::FailStop) => format!("{} Then choose automatic.", released(scene)),
        (Phase::Off | Phase::Service, _) => {
            "Choose the self-test; after it standby, then automatic.".to_owned()
        }
        (Phase::SelfTest, _) => "After the self-test choose automatic.".to_owned(),
        (Phase::Standby | Phase::Manual | Phase::Advisory, _) => {
            let missing = offers::missing(scene, Phase::Automatic, Role::Authorised);
            if missing.is_empty() {
                "Choose automatic.".to_owned()
            } else {
                format!("Choose automatic. Before that: {}.", missing.join("; "))
            }
        }
    }
}

/// What must happen before the governing cause gives authority back.
fn released(scene: &Scene<'_>) -> String {
    let Some(cause) = scene.shown.decision.governing else { return String::new() };
    let modes = scene.shown.supervisor.modes();
    let own = Cause::ALL.into_iter().zip(&modes.latches).find(|(known, _)| *known == cause);
    let authority = scene.shown.decision.authority;
    let own = own.map(|(_, latch)| latch).filter(|latch| latch.ceiling <= authority);
    let latch = own.unwrap_or(&modes.flap.latch);
    let release = row(cause).map_or(Release::WhenClear, |row| row.release);
    let by = if latch.held { by_whom(release) } else { "" };
    let steps = steps(scene, latch);
    match (latch.active, latch.held) {
        (true, false) => format!("By itself {steps} once the cause has ended."),
        (true, true) => format!("Once the cause has ended {by}; then {steps}."),
        (false, true) => format!("First {by}; then by itself {steps}."),
        (false, false) => format!("By itself {steps}."),
    }
}

const fn by_whom(release: Release) -> &'static str {
    match release {
        Release::WhenClear | Release::Acknowledge => "somebody acknowledges",
        Release::Reconcile => "somebody reconciles the amounts",
        Release::AuthorisedReset => "an authorised person checks the device and resets it",
    }
}

/// How long each step up takes from now, or will take.
fn steps(scene: &Scene<'_>, latch: &Latch) -> String {
    let bounds = scene.face.bounds();
    let whole = dwell(latch.age, &bounds.timing);
    let left = if latch.active || latch.held { whole } else { whole.saturating_sub(latch.clear) };
    let span = |cycles: u16| bounds.cycles(u32::from(cycles)).words();
    match Authority::Full as u8 - latch.ceiling.min(Authority::Full) as u8 {
        0 | 1 => format!("after {}", span(left)),
        levels => format!("in {levels} steps, the first after {}", span(left)),
    }
}
