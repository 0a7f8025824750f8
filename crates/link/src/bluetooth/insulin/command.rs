//! Command Control Point (0x2B25): what a controller of automated insulin delivery needs of it.

use super::codes::{
    ActivationType, BasalContext, BolusType, CommandCode, CommandResult, TbrType, TherapyState,
};
use crate::bluetooth::packet::{Reader, Writer, bit, checked};
use crate::bluetooth::{Attribute, Fault, Sfloat};

/// A temporary basal rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tbr {
    /// Whether it replaces one that runs.
    pub change: bool,
    /// How the value is meant.
    pub kind: TbrType,
    /// Units an hour, or a factor.
    pub value: Sfloat,
    /// How long, in minutes.
    pub minutes: u16,
    /// A template's number.
    pub template: Option<u8>,
    /// On whose behalf.
    pub context: Option<BasalContext>,
}

const TBR_TEMPLATE: u8 = 1;
const TBR_CONTEXT: u8 = 2;
const TBR_CHANGE: u8 = 4;

impl Attribute for Tbr {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = checked(input.get()?, TBR_TEMPLATE | TBR_CONTEXT | TBR_CHANGE)?;
        Ok(Self {
            change: flags & TBR_CHANGE != 0,
            kind: input.get()?,
            value: input.get()?,
            minutes: input.get()?,
            template: input.get_if(flags & TBR_TEMPLATE != 0)?,
            context: input.get_if(flags & TBR_CONTEXT != 0)?,
        })
    }

    fn write(&self, out: &mut Writer) {
        let flags = bit(self.template.is_some(), TBR_TEMPLATE)
            | bit(self.context.is_some(), TBR_CONTEXT)
            | bit(self.change, TBR_CHANGE);
        out.add(&flags);
        out.add(&self.kind);
        out.add(&self.value);
        out.add(&self.minutes);
        out.add_if(self.template.as_ref());
        out.add_if(self.context.as_ref());
    }
}

/// A bolus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bolus {
    /// Its shape.
    pub kind: BolusType,
    /// Units at once.
    pub fast: Sfloat,
    /// Units over the duration.
    pub extended: Sfloat,
    /// The duration in minutes.
    pub minutes: u16,
    /// Minutes before it begins.
    pub delay: Option<u16>,
    /// A template's number.
    pub template: Option<u8>,
    /// What brought it about.
    pub activation: Option<ActivationType>,
    /// To correct a high glucose.
    pub correction: bool,
    /// For a meal.
    pub meal: bool,
}

const DELAY: u8 = 1;
const TEMPLATE: u8 = 2;
const ACTIVATION: u8 = 4;
const CORRECTION: u8 = 8;
const MEAL: u8 = 16;

impl Bolus {
    pub(super) fn flags(&self) -> u8 {
        bit(self.delay.is_some(), DELAY)
            | bit(self.template.is_some(), TEMPLATE)
            | bit(self.activation.is_some(), ACTIVATION)
            | bit(self.correction, CORRECTION)
            | bit(self.meal, MEAL)
    }

    /// What follows the flags.
    pub(super) fn read_after(flags: u8, input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = checked(flags, DELAY | TEMPLATE | ACTIVATION | CORRECTION | MEAL)?;
        Ok(Self {
            kind: input.get()?,
            fast: input.get()?,
            extended: input.get()?,
            minutes: input.get()?,
            delay: input.get_if(flags & DELAY != 0)?,
            template: input.get_if(flags & TEMPLATE != 0)?,
            activation: input.get_if(flags & ACTIVATION != 0)?,
            correction: flags & CORRECTION != 0,
            meal: flags & MEAL != 0,
        })
    }

    /// All but the flags.
    pub(super) fn write_after(&self, out: &mut Writer) {
        out.add(&self.kind);
        out.add(&self.fast);
        out.add(&self.extended);
        out.add(&self.minutes);
        out.add_if(self.delay.as_ref());
        out.add_if(self.template.as_ref());
        out.add_if(self.activation.as_ref());
    }
}

impl Attribute for Bolus {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = input.get()?;
        Self::read_after(flags, input)
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.flags());
        self.write_after(out);
    }
}

/// A command, or its answer. An undetermined state is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// What became of a command, by its code.
    Response(u16, CommandResult),
    /// Set the state of the therapy.
    SetTherapyState(TherapyState),
    /// Silence the radio.
    SetFlightMode,
    /// Put the annunciation with this number off.
    Snooze(u16),
    /// It was put off.
    Snoozed(u16),
    /// Answer the annunciation with this number.
    Confirm(u16),
    /// It was answered.
    Confirmed(u16),
    /// Set a temporary basal rate.
    SetTbr(Tbr),
    /// Cancel it.
    CancelTbr,
    /// Deliver a bolus.
    SetBolus(Bolus),
    /// It was begun, under this number.
    BolusSet(u16),
    /// Cancel the bolus with this number.
    CancelBolus(u16),
    /// It was cancelled.
    BolusCancelled(u16),
    /// Which boluses can be had?
    GetAvailableBoluses,
    /// Bits: fast 1, extended 2, multiwave 4.
    AvailableBoluses(u8),
    /// Which is the largest bolus?
    GetMaximumBolus,
    /// This one, in units.
    MaximumBolus(Sfloat),
    /// Set the largest bolus, in units.
    SetMaximumBolus(Sfloat),
}

impl Command {
    /// Its code.
    #[must_use]
    pub const fn code(&self) -> CommandCode {
        match self {
            Self::Response(..) => CommandCode::Response,
            Self::SetTherapyState(_) => CommandCode::SetTherapyState,
            Self::SetFlightMode => CommandCode::SetFlightMode,
            Self::Snooze(_) => CommandCode::SnoozeAnnunciation,
            Self::Snoozed(_) => CommandCode::SnoozeAnnunciationResponse,
            Self::Confirm(_) => CommandCode::ConfirmAnnunciation,
            Self::Confirmed(_) => CommandCode::ConfirmAnnunciationResponse,
            Self::SetTbr(_) => CommandCode::SetTbr,
            Self::CancelTbr => CommandCode::CancelTbr,
            Self::SetBolus(_) => CommandCode::SetBolus,
            Self::BolusSet(_) => CommandCode::SetBolusResponse,
            Self::CancelBolus(_) => CommandCode::CancelBolus,
            Self::BolusCancelled(_) => CommandCode::CancelBolusResponse,
            Self::GetAvailableBoluses => CommandCode::GetAvailableBoluses,
            Self::AvailableBoluses(_) => CommandCode::GetAvailableBolusesResponse,
            Self::GetMaximumBolus => CommandCode::GetMaximumBolus,
            Self::MaximumBolus(_) => CommandCode::GetMaximumBolusResponse,
            Self::SetMaximumBolus(_) => CommandCode::SetMaximumBolus,
        }
    }
}

impl Attribute for Command {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let code: CommandCode = input.get()?;
        Ok(match code {
            CommandCode::Response => Self::Response(input.get()?, input.get()?),
            CommandCode::SetTherapyState => match input.get()? {
                TherapyState::Undetermined => return Err(Fault::Range("therapy state")),
                state => Self::SetTherapyState(state),
            },
            CommandCode::SetFlightMode => Self::SetFlightMode,
            CommandCode::SnoozeAnnunciation => Self::Snooze(input.get()?),
            CommandCode::SnoozeAnnunciationResponse => Self::Snoozed(input.get()?),
            CommandCode::ConfirmAnnunciation => Self::Confirm(input.get()?),
            CommandCode::ConfirmAnnunciationResponse => Self::Confirmed(input.get()?),
            CommandCode::SetTbr => match input.get()? {
                Tbr { kind: TbrType::Undetermined, .. } => {
                    return Err(Fault::Range("type of temporary basal rate"));
                }
                tbr => Self::SetTbr(tbr),
            },
            CommandCode::CancelTbr => Self::CancelTbr,
            CommandCode::SetBolus => match input.get()? {
                Bolus { kind: BolusType::Undetermined, .. } => {
                    return Err(Fault::Range("bolus type"));
                }
                bolus => Self::SetBolus(bolus),
            },
            CommandCode::SetBolusResponse => Self::BolusSet(input.get()?),
            CommandCode::CancelBolus => Self::CancelBolus(input.get()?),
            CommandCode::CancelBolusResponse => Self::BolusCancelled(input.get()?),
            CommandCode::GetAvailableBoluses => Self::GetAvailableBoluses,
            CommandCode::GetAvailableBolusesResponse => Self::AvailableBoluses(input.get()?),
            CommandCode::GetMaximumBolus => Self::GetMaximumBolus,
            CommandCode::GetMaximumBolusResponse => Self::MaximumBolus(input.get()?),
            CommandCode::SetMaximumBolus => Self::SetMaximumBolus(input.get()?),
        })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.code());
        match self {
            Self::Response(to, result) => {
                out.add(to);
                out.add(result);
            }
            Self::SetTherapyState(state) => out.add(state),
            Self::Snooze(id) | Self::Snoozed(id) | Self::Confirm(id) | Self::Confirmed(id) => {
                out.add(id);
            }
            Self::SetTbr(tbr) => out.add(tbr),
            Self::SetBolus(bolus) => out.add(bolus),
            Self::BolusSet(id) | Self::CancelBolus(id) | Self::BolusCancelled(id) => out.add(id),
            Self::AvailableBoluses(bits) => out.add(bits),
            Self::MaximumBolus(units) | Self::SetMaximumBolus(units) => out.add(units),
            Self::SetFlightMode
            | Self::CancelTbr
            | Self::GetAvailableBoluses
            | Self::GetMaximumBolus => {}
        }
    }
}
