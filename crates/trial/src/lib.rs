//! Virtual trials. The crate page follows with its code.
#![forbid(unsafe_code)]

pub mod document;
pub mod engine;
pub mod insulin;
pub mod seed;
