//! A typed number: read strictly, or refused with words that say how to write it (UIX-06).
//!
//! Comma and point both separate decimals. What could mean two numbers is refused, never guessed:
//! thousands separators, a group of three digits after the separator, a bare or leading
//! separator, a leading zero. A misplaced decimal sign is a tenfold dose.

use crate::view::{Decimal, Entry, Scale, What};
use homeostat_record::{Action, Announcement, Steps};

/// Longest text that is looked at.
const TYPED_MAX: usize = 16;

/// A number that was accepted, and has still to be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The number, with as many decimals as the entry's step has.
    pub number: Decimal,
    /// What a person would do by confirming it.
    pub action: Action,
    /// Whether it is outside the usual range and must be typed twice.
    pub unusual: bool,
}

/// Why a typed number was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing was typed.
    #[error("Nothing was entered. Enter a number of {unit}.")]
    Empty {
        /// The unit.
        unit: String,
    },
    /// Something other than digits and one separator.
    #[error("Only digits and one decimal comma or point can be entered, for example {example}.")]
    NotANumber {
        /// How it could be written.
        example: String,
    },
    /// It can be read as two different numbers.
    #[error("This can be read in two ways. {instead}")]
    Ambiguous {
        /// How to write each of them.
        instead: String,
    },
    /// Not a multiple of the step.
    #[error("The amount goes in steps of {step} {unit}.")]
    Step {
        /// The step.
        step: Decimal,
        /// The unit.
        unit: String,
    },
    /// Outside the range.
    #[error("The amount must lie between {least} and {most} {unit}.")]
    Range {
        /// Smallest.
        least: Decimal,
        /// Largest.
        most: Decimal,
        /// The unit.
        unit: String,
    },
    /// The description of the entry makes no sense; the device's fault, not the person's.
    #[error("This number cannot be entered: the device describes it wrongly. Report it.")]
    Description,
}

/// Reads what a person typed.
///
/// # Errors
/// Why it was refused; the text tells the person what to write instead.
pub fn read(entry: &Entry, typed: &str) -> Result<Amount, Refused> {
    check(entry, parse(entry, typed)?)
}

/// Whether what was typed is `number` once more: as it was shown, or in any way that can be read.
#[must_use]
pub fn repeats(entry: &Entry, number: Decimal, typed: &str) -> bool {
    let as_shown = typed.trim().replace(',', ".") == number.to_string();
    as_shown || read(entry, typed).is_ok_and(|again| again.number == number)
}

/// What a number becomes.
///
/// # Errors
/// Why it is refused.
pub fn check(entry: &Entry, number: Decimal) -> Result<Amount, Refused> {
    let number = number.with_places(entry.step.places());
    let unit = || entry.unit.clone();
    if number < entry.least || number > entry.most {
        return Err(Refused::Range { least: entry.least, most: entry.most, unit: unit() });
    }
    let step = entry.step.millionths();
    if step == 0 {
        return Err(Refused::Description);
    }
    if !number.millionths().is_multiple_of(step) {
        return Err(Refused::Step { step: entry.step, unit: unit() });
    }
    let action = action(entry.what, number, entry.scale).ok_or(Refused::Description)?;
    let unusual = number < entry.usual_least || number > entry.usual_most;
    Ok(Amount { number, action, unusual })
}

fn parse(entry: &Entry, typed: &str) -> Result<Decimal, Refused> {
    let typed = typed.trim();
    let not_a_number = || Refused::NotANumber { example: entry.usual_most.to_string() };
    if typed.is_empty() {
        return Err(Refused::Empty { unit: entry.unit.clone() });
    }
    let expected = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    if typed.len() > TYPED_MAX || !typed.chars().all(expected) {
        return Err(not_a_number());
    }
    let ambiguous = |instead: String| Err(Refused::Ambiguous { instead });
    let mut parts = typed.split([',', '.']);
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next();
    if parts.next().is_some() {
        return ambiguous("Use no thousands separator and one decimal comma or point.".to_owned());
    }
    if whole.is_empty() {
        return ambiguous(format!("Write a zero before the point: 0.{}", fraction.unwrap_or("5")));
    }
    if fraction == Some("") {
        return ambiguous(format!("Leave the point out: {whole}"));
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return ambiguous("Write no zero in front, or a decimal point after it.".to_owned());
    }
    if let Some(fraction) = fraction.filter(|digits| digits.len() == 3 && whole != "0") {
        return ambiguous(format!(
            "Write {whole}{fraction} if you mean thousands, {whole}.{fraction}0 if decimals."
        ));
    }
    let text = fraction.map_or_else(|| whole.to_owned(), |digits| format!("{whole}.{digits}"));
    text.parse().map_err(|_| not_a_number())
}

/// The nearest whole number of the record's units; halves go down.
fn scaled(number: Decimal, scale: Scale) -> Option<u32> {
    let parts = u128::from(number.millionths()) * u128::from(scale.numerator);
    let whole = u128::from(scale.denominator) * 1_000_000;
    let down = parts.checked_div(whole)?;
    let nearest = if parts % whole * 2 > whole { down + 1 } else { down };
    u32::try_from(nearest).ok()
}

fn action(what: What, number: Decimal, scale: Scale) -> Option<Action> {
    let amount = scaled(number, scale)?;
    let steps = Steps(amount);
    Some(match what {
        What::Request(channel) => Action::Request { channel, steps },
        What::SetManual(channel) => Action::SetManual { channel, steps },
        What::Given(channel) => Action::Given { channel, steps },
        What::Announce(kind) => Action::Announce(Announcement { kind, amount }),
        What::Reference => Action::Reference(i32::try_from(amount).ok()?),
    })
}

#[cfg(test)]
mod tests;
