//! Status Reader Control Point (0x2B24).

use super::codes::{
    BasalContext, BolusValue, CommandResult, CounterType, CounterValue, StatusReaderCode, TbrType,
};
use super::command::Bolus;
use super::status::StatusChanged;
use crate::bluetooth::packet::{Reader, Writer, bit, checked};
use crate::bluetooth::{Attribute, Fault, Float, Sfloat};
use homeostat_record::List;

/// Boluses that can be active at once, of which the service speaks in one answer.
const BOLUSES_MAX: usize = 7;

/// How a bolus stands. The amounts are those that the question chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveBolus {
    /// Its number.
    pub id: u16,
    /// Its shape and amounts.
    pub bolus: Bolus,
}

impl Attribute for ActiveBolus {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = input.get()?;
        Ok(Self { id: input.get()?, bolus: Bolus::read_after(flags, input)? })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.bolus.flags());
        out.add(&self.id);
        self.bolus.write_after(out);
    }
}

/// A temporary basal rate that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TbrState {
    /// How the value is meant.
    pub kind: TbrType,
    /// Units an hour, or a factor.
    pub value: Sfloat,
    /// Programmed for so many minutes.
    pub minutes_programmed: u16,
    /// So many are left.
    pub minutes_remaining: u16,
}

impl Attribute for TbrState {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            kind: input.get()?,
            value: input.get()?,
            minutes_programmed: input.get()?,
            minutes_remaining: input.get()?,
        })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.kind);
        out.add(&self.value);
        out.add(&self.minutes_programmed);
        out.add(&self.minutes_remaining);
    }
}

/// How the basal delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveBasal {
    /// Number of the profile in use.
    pub profile: u8,
    /// Its rate now, in units an hour.
    pub rate: Sfloat,
    /// A temporary rate instead of it.
    pub tbr: Option<TbrState>,
    /// The number of its template.
    pub template: Option<u8>,
    /// On whose behalf.
    pub context: Option<BasalContext>,
}

const TBR: u8 = 1;
const TEMPLATE: u8 = 2;
const CONTEXT: u8 = 4;

impl Attribute for ActiveBasal {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags = checked(input.get()?, TBR | TEMPLATE | CONTEXT)?;
        Ok(Self {
            profile: input.get()?,
            rate: input.get()?,
            tbr: input.get_if(flags & TBR != 0)?,
            template: input.get_if(flags & TEMPLATE != 0)?,
            context: input.get_if(flags & CONTEXT != 0)?,
        })
    }

    fn write(&self, out: &mut Writer) {
        let flags = bit(self.tbr.is_some(), TBR)
            | bit(self.template.is_some(), TEMPLATE)
            | bit(self.context.is_some(), CONTEXT);
        out.add(&flags);
        out.add(&self.profile);
        out.add(&self.rate);
        out.add_if(self.tbr.as_ref());
        out.add_if(self.template.as_ref());
        out.add_if(self.context.as_ref());
    }
}

/// A question about the state, or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusReader {
    /// What became of a question, by its code.
    Response(u16, CommandResult),
    /// Take these flags back.
    Reset(StatusChanged),
    /// Which boluses are active?
    GetActiveBoluses,
    /// These numbers.
    ActiveBoluses(List<u16, BOLUSES_MAX>),
    /// How does the bolus with this number stand?
    GetActiveBolus(u16, BolusValue),
    /// So.
    ActiveBolus(ActiveBolus),
    /// How does the basal delivery stand?
    GetActiveBasal,
    /// So.
    ActiveBasal(ActiveBasal),
    /// How much today?
    GetTotalDaily,
    /// Units as bolus, as basal, in all.
    TotalDaily(Sfloat, Sfloat, Sfloat),
    /// How does this counter stand?
    GetCounter(CounterType, CounterValue),
    /// So many minutes; negative when overdue.
    Counter(CounterType, CounterValue, i32),
    /// How much since the pump was made?
    GetDelivered,
    /// Units as bolus, as basal: running totals, which a ledger can subtract.
    Delivered(Float, Float),
    /// How much insulin acts still?
    GetInsulinOnBoard,
    /// Units, and for how many minutes more.
    InsulinOnBoard(Sfloat, Option<u16>),
}

const REMAINING_DURATION: u8 = 1;

impl StatusReader {
    /// Its code.
    #[must_use]
    pub const fn code(&self) -> StatusReaderCode {
        match self {
            Self::Response(..) => StatusReaderCode::Response,
            Self::Reset(_) => StatusReaderCode::ResetStatus,
            Self::GetActiveBoluses => StatusReaderCode::GetActiveBoluses,
            Self::ActiveBoluses(_) => StatusReaderCode::GetActiveBolusesResponse,
            Self::GetActiveBolus(..) => StatusReaderCode::GetActiveBolus,
            Self::ActiveBolus(_) => StatusReaderCode::GetActiveBolusResponse,
            Self::GetActiveBasal => StatusReaderCode::GetActiveBasal,
            Self::ActiveBasal(_) => StatusReaderCode::GetActiveBasalResponse,
            Self::GetTotalDaily => StatusReaderCode::GetTotalDaily,
            Self::TotalDaily(..) => StatusReaderCode::GetTotalDailyResponse,
            Self::GetCounter(..) => StatusReaderCode::GetCounter,
            Self::Counter(..) => StatusReaderCode::GetCounterResponse,
            Self::GetDelivered => StatusReaderCode::GetDelivered,
            Self::Delivered(..) => StatusReaderCode::GetDeliveredResponse,
            Self::GetInsulinOnBoard => StatusReaderCode::GetInsulinOnBoard,
            Self::InsulinOnBoard(..) => StatusReaderCode::GetInsulinOnBoardResponse,
        }
    }
}

impl Attribute for StatusReader {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let code: StatusReaderCode = input.get()?;
        Ok(match code {
            StatusReaderCode::Response => Self::Response(input.get()?, input.get()?),
            StatusReaderCode::ResetStatus => Self::Reset(input.get()?),
            StatusReaderCode::GetActiveBoluses => Self::GetActiveBoluses,
            StatusReaderCode::GetActiveBolusesResponse => {
                let number: u8 = input.get()?;
                let mut boluses = List::new();
                for _ in 0..number {
                    boluses.push(input.get()?).map_err(|_| Fault::Range("number of boluses"))?;
                }
                Self::ActiveBoluses(boluses)
            }
            StatusReaderCode::GetActiveBolus => Self::GetActiveBolus(input.get()?, input.get()?),
            StatusReaderCode::GetActiveBolusResponse => Self::ActiveBolus(input.get()?),
            StatusReaderCode::GetActiveBasal => Self::GetActiveBasal,
            StatusReaderCode::GetActiveBasalResponse => Self::ActiveBasal(input.get()?),
            StatusReaderCode::GetTotalDaily => Self::GetTotalDaily,
            StatusReaderCode::GetTotalDailyResponse => {
                Self::TotalDaily(input.get()?, input.get()?, input.get()?)
            }
            StatusReaderCode::GetCounter => Self::GetCounter(input.get()?, input.get()?),
            StatusReaderCode::GetCounterResponse => {
                Self::Counter(input.get()?, input.get()?, input.get()?)
            }
            StatusReaderCode::GetDelivered => Self::GetDelivered,
            StatusReaderCode::GetDeliveredResponse => Self::Delivered(input.get()?, input.get()?),
            StatusReaderCode::GetInsulinOnBoard => Self::GetInsulinOnBoard,
            StatusReaderCode::GetInsulinOnBoardResponse => {
                let flags = checked(input.get()?, REMAINING_DURATION)?;
                Self::InsulinOnBoard(input.get()?, input.get_if(flags != 0)?)
            }
        })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.code());
        match self {
            Self::Response(to, result) => {
                out.add(to);
                out.add(result);
            }
            Self::Reset(flags) => out.add(flags),
            Self::ActiveBoluses(boluses) => {
                out.add(&u8::try_from(boluses.len()).unwrap_or(u8::MAX));
                boluses.iter().for_each(|id| out.add(id));
            }
            Self::GetActiveBolus(id, value) => {
                out.add(id);
                out.add(value);
            }
            Self::ActiveBolus(bolus) => out.add(bolus),
            Self::ActiveBasal(basal) => out.add(basal),
            Self::TotalDaily(bolus, basal, all) => {
                out.add(bolus);
                out.add(basal);
                out.add(all);
            }
            Self::GetCounter(kind, value) => {
                out.add(kind);
                out.add(value);
            }
            Self::Counter(kind, value, minutes) => {
                out.add(kind);
                out.add(value);
                out.add(minutes);
            }
            Self::Delivered(bolus, basal) => {
                out.add(bolus);
                out.add(basal);
            }
            Self::InsulinOnBoard(amount, minutes) => {
                out.put(&[if minutes.is_some() { REMAINING_DURATION } else { 0 }]);
                out.add(amount);
                out.add_if(minutes.as_ref());
            }
            Self::GetActiveBoluses
            | Self::GetActiveBasal
            | Self::GetTotalDaily
            | Self::GetDelivered
            | Self::GetInsulinOnBoard => {}
        }
    }
}
