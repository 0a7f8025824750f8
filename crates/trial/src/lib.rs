//! The crate page follows with its code.
#![forbid(unsafe_code)]
