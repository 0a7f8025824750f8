//! The crate page follows with its code.
#![no_std]
#![forbid(unsafe_code)]
