//! One seeded world around the real loop: cohorts, scenarios, faults, checkers, metrics, reports.
//!
//! The engine ([`engine`]) knows no therapy; [`insulin`] brings one. See the README for where to
//! start reading.
#![forbid(unsafe_code)]

pub mod cells;
pub mod checkers;
pub mod document;
pub mod engine;
pub mod exports;
pub mod figures;
pub mod fuzzing;
pub mod insulin;
mod keys;
pub mod metrics;
pub mod propofol;
pub mod report;
pub mod scenario;
