//! The official samples of CycloneDX, and what is common to all readers.

mod samples;
