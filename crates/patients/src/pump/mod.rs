//! Insulin pumps: orders in whole steps in, insulin under the skin out.

mod faults;
mod model;

pub use faults::{PumpFault, PumpFaultKind};
pub use model::PumpModel;

use crate::random::{Seed, Stream};
use crate::units::{InsulinUnits, UnitsPerHour};
use homeostat_numeric::{floor, max};

/// What a pump is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PumpOrder {
    /// Give these steps evenly over some minutes, in place of what is left of the last such order. When
    /// the time is over the pump's own background continues.
    Spread {
        /// Whole steps.
        steps: u32,
        /// At least 1.
        minutes: u32,
    },
    /// Give these steps now, as fast as the pump can, beside everything else.
    Bolus {
        /// Whole steps.
        steps: u32,
    },
    /// Give nothing more: no rest of a bolus, no spread order, no background, until the next order.
    Stop,
}

/// Why a pump does not do as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PumpRefusal {
    /// More than the pump may give.
    #[error("more than the pump may give: at most {most} steps")]
    TooMuch {
        /// The most it would accept.
        most: u32,
    },
    /// A bolus is still being given.
    #[error("a bolus is being given")]
    Busy,
    /// The pump has stopped with an alarm.
    #[error("the pump has stopped with an alarm")]
    Stopped,
    /// No answer. The order was not heard.
    #[error("the pump does not answer")]
    Silent,
}

/// A minute of a pump's life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PumpMinute {
    /// What reached the body: the truth, which no device knows.
    pub delivered: InsulinUnits,
    /// What the pump says; `None` while it is silent.
    pub report: Option<PumpReport>,
}

/// What a pump says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PumpReport {
    /// Steps that it believes to have given since it was started.
    pub steps_given: u64,
    /// Steps of a bolus that are still to come.
    pub bolus_left: u32,
    /// Whether it has stopped because insulin does not flow.
    pub occluded: bool,
}

/// A spread order in progress.
#[derive(Clone, Copy, Debug)]
struct Spread {
    steps: u32,
    minutes: u32,
    begins: u32,
    /// What one step really gives.
    exactness: f64,
}

/// A pump that somebody wears.
#[derive(Clone, Debug)]
pub struct Pump {
    model: PumpModel,
    background: UnitsPerHour,
    faults: Vec<PumpFault>,
    accuracy: Stream,
    misses: Stream,
    minute: u32,
    spread: Option<Spread>,
    bolus_left: u32,
    bolus_begins: u32,
    bolus_exactness: f64,
    halted: bool,
    /// Steps of the background that have become due but not whole.
    background_carry: f64,
    held_back: f64,
    alarmed: bool,
    steps_given: u64,
}

impl Pump {
    /// A pump on a subject that gives `background` while it has no other order.
    #[must_use]
    pub fn new(model: PumpModel, background: UnitsPerHour, subject: &str, seed: Seed) -> Self {
        Self {
            model,
            background,
            faults: Vec::new(),
            accuracy: seed.stream(subject, "pump accuracy"),
            misses: seed.stream(subject, "pump missed steps"),
            minute: 0,
            spread: None,
            bolus_left: 0,
            bolus_begins: 0,
            bolus_exactness: 1.0,
            halted: false,
            background_carry: 0.0,
            held_back: 0.0,
            alarmed: false,
            steps_given: 0,
        }
    }

    /// Adds faults.
    #[must_use]
    pub fn with_faults(mut self, faults: impl IntoIterator<Item = PumpFault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// The make.
    #[must_use]
    pub fn model(&self) -> &PumpModel {
        &self.model
    }

    /// Gives an order, which takes effect with the coming minute. An order that is not heard or not
    /// accepted changes nothing.
    ///
    /// # Errors
    /// [`PumpRefusal`].
    pub fn order(&mut self, order: PumpOrder) -> Result<(), PumpRefusal> {
        if self.is_on(|kind| matches!(kind, PumpFaultKind::Silence)) {
            return Err(PumpRefusal::Silent);
        }
        if self.alarmed {
            return Err(PumpRefusal::Stopped);
        }
        let begins = self.minute.saturating_add(self.start_delay());
        match order {
            PumpOrder::Stop => {
                self.spread = None;
                self.bolus_left = 0;
                self.halted = true;
            }
            PumpOrder::Spread { steps, minutes } => {
                let minutes = Ord::max(minutes, 1);
                let hours = f64::from(minutes) / 60.0;
                let most = self.model.steps(InsulinUnits(self.model.largest_basal.0 * hours));
                if steps > most {
                    return Err(PumpRefusal::TooMuch { most });
                }
                let exactness = self.draw(self.model.basal_error);
                self.spread = Some(Spread { steps, minutes, begins, exactness });
                self.halted = false;
            }
            PumpOrder::Bolus { steps } => {
                let most = self.model.steps(self.model.largest_bolus);
                if steps > most {
                    return Err(PumpRefusal::TooMuch { most });
                }
                if self.bolus_left > 0 {
                    return Err(PumpRefusal::Busy);
                }
                self.bolus_exactness = self.draw(self.model.bolus_error);
                self.bolus_left = steps;
                self.bolus_begins = begins;
                self.halted = false;
            }
        }
        Ok(())
    }

    /// A person has changed the set and acknowledged the alarm: the pump may be used again, with
    /// nothing left of earlier orders.
    pub fn renew(&mut self) {
        self.alarmed = false;
        self.held_back = 0.0;
        self.spread = None;
        self.bolus_left = 0;
    }

    /// Lives through one minute.
    pub fn advance_minute(&mut self) -> PumpMinute {
        let (steps, insulin) = if self.alarmed { (0, 0.0) } else { self.push() };
        self.steps_given += u64::from(steps);
        let delivered = self.through_cannula(insulin);
        let silent = self.is_on(|kind| matches!(kind, PumpFaultKind::Silence));
        self.minute = self.minute.saturating_add(1);
        let report = (!silent).then_some(PumpReport {
            steps_given: self.steps_given,
            bolus_left: self.bolus_left,
            occluded: self.alarmed,
        });
        PumpMinute { delivered: InsulinUnits(delivered), report }
    }

    /// The steps of this minute, and the insulin that really leaves the reservoir.
    fn push(&mut self) -> (u32, f64) {
        let (basal, exactness) = self.basal_steps();
        let waiting = self.minute < self.bolus_begins;
        let most = if waiting { 0 } else { self.model.steps_per_minute };
        let bolus = Ord::min(self.bolus_left, most);
        self.bolus_left -= bolus;
        let real = f64::from(self.happen(basal)) * exactness
            + f64::from(self.happen(bolus)) * self.bolus_exactness;
        (basal + bolus, real * self.model.quantum.0)
    }

    fn basal_steps(&mut self) -> (u32, f64) {
        if let Some(Spread { steps, minutes, begins, exactness }) = self.spread {
            // Before a delayed beginning nothing of the order flows yet.
            let Some(passed) = self.minute.checked_sub(begins) else { return (0, 1.0) };
            if passed < minutes {
                let due = |passed: u32| u64::from(steps) * u64::from(passed) / u64::from(minutes);
                return ((due(passed + 1) - due(passed)) as u32, exactness);
            }
            self.spread = None;
        }
        if self.halted {
            return (0, 1.0);
        }
        self.background_carry += max(0.0, self.background.0) / 60.0 / self.model.quantum.0;
        let whole = floor(self.background_carry + 1e-9);
        self.background_carry -= whole;
        (whole as u32, 1.0)
    }

    /// Those of some steps that are not missed.
    fn happen(&mut self, steps: u32) -> u32 {
        let missing = self.faults.iter().find_map(|fault| match fault.kind {
            PumpFaultKind::MissedSteps { fraction } if fault.on(self.minute) => Some(fraction),
            _ => None,
        });
        let Some(fraction) = missing else { return steps };
        (0..steps).map(|_| u32::from(!self.misses.chance(fraction))).sum()
    }

    /// What of the insulin reaches the body.
    fn through_cannula(&mut self, insulin: f64) -> f64 {
        if self.is_on(|kind| matches!(kind, PumpFaultKind::Occlusion { .. })) {
            self.held_back += insulin;
            self.alarmed |= self.held_back >= self.model.occlusion_alarm.0;
            return 0.0;
        }
        let returns = self.faults.iter().find_map(|fault| match fault.kind {
            PumpFaultKind::Occlusion { returns } if fault.until == self.minute => Some(returns),
            _ => None,
        });
        let Some(share) = returns else { return insulin };
        let returned = self.held_back * share;
        self.held_back = 0.0;
        insulin + returned
    }

    fn start_delay(&self) -> u32 {
        let delays = self.faults.iter().filter(|fault| fault.on(self.minute)).map(|fault| {
            if let PumpFaultKind::StartDelay { minutes } = fault.kind { minutes } else { 0 }
        });
        delays.fold(0, Ord::max)
    }

    fn is_on(&self, wanted: fn(&PumpFaultKind) -> bool) -> bool {
        self.faults.iter().any(|fault| fault.on(self.minute) && wanted(&fault.kind))
    }

    /// What one step really gives, never below nothing.
    fn draw(&mut self, error: f64) -> f64 {
        max(0.0, 1.0 + error * self.accuracy.normal())
    }
}

#[cfg(test)]
mod tests;
