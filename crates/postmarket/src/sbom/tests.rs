//! The official samples of CycloneDX, the other forms, and what is common to all readers.

mod forms;
mod samples;
