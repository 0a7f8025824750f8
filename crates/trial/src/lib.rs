//! One seeded world around the real loop: cohorts, scenarios, faults, checkers, metrics, reports.
#![forbid(unsafe_code)]

pub mod checkers;
pub mod document;
pub mod engine;
pub mod exports;
pub mod figures;
pub mod inspection;
pub mod insulin;
pub mod metrics;
pub mod report;
