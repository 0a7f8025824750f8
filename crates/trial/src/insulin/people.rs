//! The people around the patient: they start the loop, announce meals, give boluses while a person
//! is in charge, answer alarms after a while, and call for help when the device asks for it.

use homeostat_record::{
    Action, Announcement, Authority, Decision, List, PERSON_ACTIONS_MAX, PersonAction, Phase,
    Refusal, Role, Span, Steps,
};

use super::scenario::Control;
use crate::engine::{Acts, Attention, after};

/// What people know and how they were told to act.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instructions {
    /// Who is to decide.
    pub control: Control,
    /// Whether meals are announced.
    pub announced: bool,
    /// Grams of carbohydrate that one unit covers, as the profile says.
    pub carbohydrate_ratio: f64,
    /// Fall of glucose in mg/dL that one unit brings, as the profile says.
    pub correction_factor: f64,
    /// Basal rate in U/h, as the profile says.
    pub basal: f64,
    /// Units of insulin in one actuator step.
    pub step: f64,
    /// Largest single request that the profile allows.
    pub request_max: Steps,
}

/// A meal as people speak of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Announced {
    /// When they speak.
    pub at: Span,
    /// Carbohydrate that they say, grams.
    pub carbohydrate_g: f64,
    /// Whether a bolus goes with it when a person is in charge. A second announcement has none.
    pub with_bolus: bool,
}

/// The bolus of a meal by the calculator that simglucose's basal-bolus controller uses: the meal over
/// the carbohydrate ratio, and above 150 mg/dL the distance to 140 over the correction factor.
#[must_use]
pub fn calculated_bolus(
    carbohydrate_g: f64,
    glucose_mg_dl: Option<f64>,
    told: &Instructions,
) -> f64 {
    let meal = carbohydrate_g / told.carbohydrate_ratio;
    match glucose_mg_dl {
        Some(glucose) if glucose > 150.0 => meal + (glucose - 140.0) / told.correction_factor,
        _ => meal,
    }
}

/// A request that is still to be made.
#[derive(Clone, Copy, Debug)]
struct Pending {
    due: Span,
    steps: Steps,
    tries: u8,
}

/// People with their memory.
#[derive(Clone, Debug)]
pub struct People {
    told: Instructions,
    announcements: Vec<Announced>,
    next_announcement: usize,
    pending: Vec<Pending>,
    asked: Option<Pending>,
    attention: Attention,
    /// Earliest time at which they try to start the loop again.
    try_again: Span,
    resets: u32,
    basal_owed: f64,
    basal_set: Option<Steps>,
}

/// People look at an alarm after this long.
const ANSWER_AFTER: Span = Span::from_minutes(10);
/// Somebody authorised comes this long after they are needed.
const HELP_AFTER: Span = Span::from_minutes(30);
/// They wait this long between attempts to start the loop.
const RETRY_AFTER: Span = Span::from_minutes(15);
/// After this many calls for help in a row they leave the loop off for long.
const RESETS_BEFORE_REST: u32 = 3;
/// That rest.
const REST: Span = Span::from_minutes(360);
/// A large bolus is given in two parts this far apart.
const SECOND_PART_AFTER: Span = Span::from_minutes(15);

impl People {
    /// People who will speak of these meals, in the order of time.
    #[must_use]
    pub fn new(told: Instructions, announcements: Vec<Announced>) -> Self {
        Self {
            told,
            announcements,
            next_announcement: 0,
            pending: Vec::new(),
            asked: None,
            attention: Attention::new(ANSWER_AFTER, HELP_AFTER),
            try_again: Span::ZERO,
            resets: 0,
            basal_owed: 0.0,
            basal_set: None,
        }
    }

    /// What they do before the cycle at `at`, seeing what the device shows and the last reading.
    pub fn act(
        &mut self,
        at: Span,
        shown: &Decision,
        glucose_mg_dl: Option<f64>,
    ) -> List<PersonAction, PERSON_ACTIONS_MAX> {
        let mut acts = Acts::default();
        self.hear_refusal(at, shown);
        self.speak_of_meals(at, shown, glucose_mg_dl, &mut acts);
        self.request(at, shown, &mut acts);
        if self.attention.answers(at, shown) {
            // They also look up what the pump really gave.
            acts.act(Role::User, Action::Acknowledge);
            acts.act(Role::User, Action::Reconcile);
        }
        self.operate(at, shown, &mut acts);
        acts.list
    }

    /// Brings the device to the phase that they want.
    fn operate(&mut self, at: Span, shown: &Decision, acts: &mut Acts) {
        let help = shown.authority == Authority::FailStop && shown.phase != Phase::Off;
        if !matches!(shown.phase, Phase::Standby | Phase::Manual) {
            // The device forgets a manual rate when it leaves the phase.
            self.basal_set = None;
        }
        match shown.phase {
            Phase::Off => acts.act(Role::User, Action::Choose(Phase::SelfTest)),
            _ if help => self.call_for_help(at, acts),
            Phase::Standby => {
                acts.act(Role::User, Action::Choose(Phase::Manual));
                self.set_basal(acts);
            }
            Phase::Manual => {
                self.set_basal(acts);
                self.start_loop(at, acts);
            }
            _ => {}
        }
        if self.attention.brings_help(at, shown) {
            self.call_for_help(at, acts);
        }
    }

    fn start_loop(&mut self, at: Span, acts: &mut Acts) {
        if self.told.control == Control::OpenLoop || at < self.try_again {
            return;
        }
        acts.act(Role::User, Action::Reconcile);
        acts.act(Role::User, Action::Choose(Phase::Automatic));
    }

    fn call_for_help(&mut self, at: Span, acts: &mut Acts) {
        if at < self.try_again {
            return;
        }
        acts.act(Role::Authorised, Action::Reset);
        self.resets += 1;
        let wait = if self.resets.is_multiple_of(RESETS_BEFORE_REST) { REST } else { RETRY_AFTER };
        self.try_again = after(at, wait);
    }

    /// The manual rate: whole steps per cycle, the remainder carried, as a pump does within itself.
    fn set_basal(&mut self, acts: &mut Acts) {
        self.basal_owed += self.told.basal / 12.0 / self.told.step;
        let whole = homeostat_numeric::floor(self.basal_owed + 1e-9);
        self.basal_owed -= whole;
        let steps = Steps(whole as u32);
        if self.basal_set != Some(steps) {
            acts.act(Role::User, Action::SetManual { channel: 0, steps });
            self.basal_set = Some(steps);
        }
    }

    fn speak_of_meals(
        &mut self,
        at: Span,
        shown: &Decision,
        glucose_mg_dl: Option<f64>,
        acts: &mut Acts,
    ) {
        while let Some(meal) = self.announcements.get(self.next_announcement)
            && meal.at <= at
        {
            let amount = homeostat_numeric::round(meal.carbohydrate_g * 1_000.0);
            let announcement = Announcement { kind: 1, amount: amount as u32 };
            acts.act(Role::User, Action::Announce(announcement));
            if shown.phase == Phase::Manual && meal.with_bolus {
                let units = calculated_bolus(meal.carbohydrate_g, glucose_mg_dl, &self.told);
                self.plan_bolus(at, units);
            }
            self.next_announcement += 1;
        }
    }

    fn plan_bolus(&mut self, at: Span, units: f64) {
        let mut steps = homeostat_numeric::floor(units / self.told.step + 1e-9) as u32;
        let mut due = at;
        while steps > 0 {
            let part = Steps(steps).or_less(self.told.request_max);
            self.pending.push(Pending { due, steps: part, tries: 0 });
            steps -= part.0;
            due = after(due, SECOND_PART_AFTER);
        }
    }

    fn request(&mut self, at: Span, shown: &Decision, acts: &mut Acts) {
        if shown.phase != Phase::Manual {
            // The loop took over: it knows of the meal and doses by itself.
            self.pending.clear();
            return;
        }
        let due = self.pending.iter().position(|pending| pending.due <= at);
        if let Some(pending) = due.map(|index| self.pending.remove(index)) {
            acts.act(Role::User, Action::Request { channel: 0, steps: pending.steps });
            self.asked = Some(pending);
        }
    }

    /// A refused request is asked again: later if it came too soon, half of it if it was too much.
    fn hear_refusal(&mut self, at: Span, shown: &Decision) {
        let Some(asked) = self.asked.take() else { return };
        let Some(refusal) = shown.refused[0] else { return };
        let again = match refusal {
            Refusal::TooSoon => Some((asked.steps, SECOND_PART_AFTER)),
            Refusal::Bound(_) => Some((Steps(asked.steps.0 / 2), Span::ZERO)),
            Refusal::Phase | Refusal::Authority | Refusal::Channel | Refusal::Role => None,
        };
        if let Some((steps, wait)) = again
            && asked.tries < 3
            && steps > Steps::ZERO
        {
            let due = after(at, wait);
            self.pending.push(Pending { due, steps, tries: asked.tries + 1 });
        }
    }
}

#[cfg(test)]
mod tests;
