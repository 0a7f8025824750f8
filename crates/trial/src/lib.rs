//! Virtual trials. The crate page follows with its code.
#![forbid(unsafe_code)]

pub mod document;
pub mod engine;
pub mod exports;
pub mod figures;
pub mod insulin;
pub mod metrics;
pub mod report;
pub mod seed;
