//! Checkers that know the truth of a world: each asks one question, in a module of its own, and
//! counts every time the answer is no.
//!
//! `guard`, `lease` and `alarm` watch cycle by cycle; `opinion` counts what the second opinion
//! said; `chain`, `signature` and `replay` read the finished black box from disk. `harm` belongs to the
//! therapy, since only it knows what harms.

pub mod alarm;
pub mod chain;
pub mod guard;
pub mod lease;
pub mod opinion;
mod panel;
pub mod replay;
pub mod signature;

pub use panel::{Findings, Panel};

use homeostat_record::Span;
use serde::Serialize;

/// What one checker found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The checker.
    pub checker: &'static str,
    /// The requirements that it speaks for.
    pub requirements: &'static str,
    /// How often the answer was no.
    pub violations: u64,
    /// The first time, in words.
    pub first: Option<String>,
}

impl Verdict {
    /// Whether nothing was found.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.violations == 0
    }
}

/// Counts violations and keeps the first.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    violations: u64,
    first: Option<String>,
}

impl Tally {
    /// Counts one violation at `at`; `words` are asked for the first only.
    pub fn violated(&mut self, at: Span, words: impl FnOnce() -> String) {
        self.violations = self.violations.saturating_add(1);
        if self.first.is_none() {
            let seconds = at.as_millis() / 1_000 % 60;
            let seconds = if seconds > 0 { format!(" {seconds} s") } else { String::new() };
            self.first = Some(format!("minute {}{seconds}: {}", at.as_minutes(), words()));
        }
    }

    /// The verdict of the checker that counted.
    #[must_use]
    pub fn verdict(self, checker: &'static str, requirements: &'static str) -> Verdict {
        Verdict { checker, requirements, violations: self.violations, first: self.first }
    }
}

#[cfg(test)]
mod tests;
