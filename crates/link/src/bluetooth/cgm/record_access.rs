//! Record Access Control Point (0x2A52) of the glucose service. It has no check sum.

use crate::bluetooth::packet::{Reader, Writer};
use crate::bluetooth::{Attribute, Fault, codes};

codes! {
    /// What became of a request for records.
    AccessResult: u8 = "result" {
        /// Done.
        Success = 1,
        /// The monitor does not know the request.
        NotSupported = 2,
        /// The operator makes no sense here.
        InvalidOperator = 3,
        /// The monitor does not know the operator.
        OperatorNotSupported = 4,
        /// The operand makes no sense here.
        InvalidOperand = 5,
        /// There are none.
        NoRecords = 6,
        /// There was nothing to abort, or it went on.
        AbortUnsuccessful = 7,
        /// It could not be finished.
        NotCompleted = 8,
        /// The monitor does not know the operand.
        OperandNotSupported = 9,
    }
}

/// Which records, by minutes since the session began (the only filter of this service).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// All.
    All,
    /// Up to and including.
    UpTo(u16),
    /// From and including.
    From(u16),
    /// Between, both included.
    Between(u16, u16),
    /// The oldest.
    First,
    /// The newest.
    Last,
}

const FILTER_MINUTES: u8 = 1;

impl Attribute for Operator {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let operator: u8 = input.get()?;
        if (2..=4).contains(&operator) && input.get::<u8>()? != FILTER_MINUTES {
            return Err(Fault::Code("filter"));
        }
        Ok(match operator {
            1 => Self::All,
            2 => Self::UpTo(input.get()?),
            3 => Self::From(input.get()?),
            4 => {
                let (first, last) = (input.get()?, input.get()?);
                if first > last {
                    return Err(Fault::Range("range"));
                }
                Self::Between(first, last)
            }
            5 => Self::First,
            6 => Self::Last,
            _ => return Err(Fault::Code("operator")),
        })
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::All => out.put(&[1]),
            Self::UpTo(last) => {
                out.put(&[2, FILTER_MINUTES]);
                out.add(last);
            }
            Self::From(first) => {
                out.put(&[3, FILTER_MINUTES]);
                out.add(first);
            }
            Self::Between(first, last) => {
                out.put(&[4, FILTER_MINUTES]);
                out.add(first);
                out.add(last);
            }
            Self::First => out.put(&[5]),
            Self::Last => out.put(&[6]),
        }
    }
}

/// A request for stored records, or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordAccess {
    /// Send these.
    Report(Operator),
    /// Delete these.
    Delete(Operator),
    /// Stop sending.
    Abort,
    /// How many of these are there?
    Count(Operator),
    /// So many.
    CountIs(u16),
    /// What became of the request with the first number.
    Response(u8, AccessResult),
}

impl Attribute for RecordAccess {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let code: u8 = input.get()?;
        if matches!(code, 3 | 5 | 6) && input.get::<u8>()? != 0 {
            return Err(Fault::Code("operator"));
        }
        Ok(match code {
            1 => Self::Report(input.get()?),
            2 => Self::Delete(input.get()?),
            3 => Self::Abort,
            4 => Self::Count(input.get()?),
            5 => Self::CountIs(input.get()?),
            6 => Self::Response(input.get()?, input.get()?),
            _ => return Err(Fault::Code("request")),
        })
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Report(operator) => {
                out.put(&[1]);
                out.add(operator);
            }
            Self::Delete(operator) => {
                out.put(&[2]);
                out.add(operator);
            }
            Self::Abort => out.put(&[3, 0]),
            Self::Count(operator) => {
                out.put(&[4]);
                out.add(operator);
            }
            Self::CountIs(number) => {
                out.put(&[5, 0]);
                out.add(number);
            }
            Self::Response(to, result) => out.put(&[6, 0, *to, result.code()]),
        }
    }
}
