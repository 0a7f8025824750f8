//! Record Access Control Point (0x2B27) of the insulin service: as that of the glucose service, with
//! codes far apart, wider numbers and protection.

use crate::bluetooth::packet::{Reader, Writer};
use crate::bluetooth::{Attribute, Fault, codes};

codes! {
    /// Requests, and their answers.
    AccessCode: u8 = "request" {
        /// What became of a request.
        Response = 0x0F,
        /// Send records.
        Report = 0x33,
        /// Delete records.
        Delete = 0x3C,
        /// Stop sending.
        Abort = 0x55,
        /// Count records.
        Count = 0x5A,
        /// So many.
        CountResponse = 0x66,
    }

    /// Which records.
    AccessOperator: u8 = "operator" {
        /// None.
        Null = 0x0F,
        /// All.
        All = 0x33,
        /// Up to and including.
        UpTo = 0x3C,
        /// From and including.
        From = 0x55,
        /// Between, both included.
        Between = 0x5A,
        /// The oldest.
        First = 0x66,
        /// The newest.
        Last = 0x69,
    }

    /// By which number.
    Filter: u8 = "filter" {
        /// The record's.
        Sequence = 0x0F,
        /// That of reference times alone.
        ReferenceTimes = 0x33,
        /// That of all but reference times.
        OtherThanReferenceTimes = 0x3C,
    }

    /// What became of a request. These codes lie close together in the standard itself.
    AccessResult: u8 = "result" {
        /// Done.
        Success = 0xF0,
        /// The pump does not know the request.
        NotSupported = 0x02,
        /// The operator makes no sense here.
        InvalidOperator = 0x03,
        /// The pump does not know the operator.
        OperatorNotSupported = 0x04,
        /// The operand makes no sense here.
        InvalidOperand = 0x05,
        /// There are none.
        NoRecords = 0x06,
        /// There was nothing to abort, or it went on.
        AbortUnsuccessful = 0x07,
        /// It could not be finished.
        NotCompleted = 0x08,
        /// The pump does not know the operand.
        OperandNotSupported = 0x09,
        /// Not in the present state.
        NotApplicable = 0x0A,
    }
}

/// Which records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// All.
    All(Filter),
    /// Up to and including.
    UpTo(Filter, u32),
    /// From and including.
    From(Filter, u32),
    /// Between, both included.
    Between(Filter, u32, u32),
    /// The oldest.
    First(Filter),
    /// The newest.
    Last(Filter),
}

impl Attribute for Operator {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let operator: AccessOperator = input.get()?;
        if operator == AccessOperator::Null {
            return Err(Fault::Code("operator"));
        }
        let filter = input.get()?;
        Ok(match operator {
            AccessOperator::Null | AccessOperator::All => Self::All(filter),
            AccessOperator::UpTo => Self::UpTo(filter, input.get()?),
            AccessOperator::From => Self::From(filter, input.get()?),
            AccessOperator::Between => {
                let (first, last) = (input.get()?, input.get()?);
                if first > last {
                    return Err(Fault::Range("range"));
                }
                Self::Between(filter, first, last)
            }
            AccessOperator::First => Self::First(filter),
            AccessOperator::Last => Self::Last(filter),
        })
    }

    fn write(&self, out: &mut Writer) {
        let (operator, filter) = match self {
            Self::All(filter) => (AccessOperator::All, filter),
            Self::UpTo(filter, _) => (AccessOperator::UpTo, filter),
            Self::From(filter, _) => (AccessOperator::From, filter),
            Self::Between(filter, ..) => (AccessOperator::Between, filter),
            Self::First(filter) => (AccessOperator::First, filter),
            Self::Last(filter) => (AccessOperator::Last, filter),
        };
        out.add(&operator);
        out.add(filter);
        match self {
            Self::UpTo(_, number) | Self::From(_, number) => out.add(number),
            Self::Between(_, first, last) => {
                out.add(first);
                out.add(last);
            }
            Self::All(_) | Self::First(_) | Self::Last(_) => {}
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
    CountIs(u32),
    /// What became of the request with the first number.
    Response(u8, AccessResult),
}

impl Attribute for RecordAccess {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let code: AccessCode = input.get()?;
        let without = |input: &mut Reader<'_>| match input.get()? {
            AccessOperator::Null => Ok(()),
            _ => Err(Fault::Code("operator")),
        };
        Ok(match code {
            AccessCode::Report => Self::Report(input.get()?),
            AccessCode::Delete => Self::Delete(input.get()?),
            AccessCode::Count => Self::Count(input.get()?),
            AccessCode::Abort => {
                without(input)?;
                Self::Abort
            }
            AccessCode::CountResponse => {
                without(input)?;
                Self::CountIs(input.get()?)
            }
            AccessCode::Response => {
                without(input)?;
                Self::Response(input.get()?, input.get()?)
            }
        })
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Report(operator) => {
                out.add(&AccessCode::Report);
                out.add(operator);
            }
            Self::Delete(operator) => {
                out.add(&AccessCode::Delete);
                out.add(operator);
            }
            Self::Abort => {
                out.add(&AccessCode::Abort);
                out.add(&AccessOperator::Null);
            }
            Self::Count(operator) => {
                out.add(&AccessCode::Count);
                out.add(operator);
            }
            Self::CountIs(number) => {
                out.add(&AccessCode::CountResponse);
                out.add(&AccessOperator::Null);
                out.add(number);
            }
            Self::Response(to, result) => {
                out.add(&AccessCode::Response);
                out.add(&AccessOperator::Null);
                out.add(to);
                out.add(result);
            }
        }
    }
}
