//! Virtual people under anaesthesia: propofol, remifentanil and norepinephrine in, bispectral index
//! and blood pressure out.
//!
//! Owns: published kinetics and effects with their sources and ranges ([`propofol`], [`remifentanil`],
//! [`norepinephrine`], [`effect`], [`haemodynamics`], [`validity`]), a person made of them
//! ([`patient`], [`subject`], [`cohort`]), what is around him ([`monitor`], [`pump`], [`stimulus`]), and
//! tables in and out ([`simulate`]). Promises: kinetics exact for a constant rate ([`mammillary`]); units
//! as types ([`units`]); the same bits for the same seed; no allocation while time passes. Absent: blood
//! loss, surgery's effect on pressure, neuromuscular block.
//!
//! Start with [`patient::AnaesthesiaPatient`].

pub mod cohort;
mod cohort_file;
pub mod covariates;
pub mod effect;
pub mod haemodynamics;
pub mod mammillary;
pub mod monitor;
pub mod norepinephrine;
pub mod patient;
pub mod propofol;
pub mod pump;
pub mod remifentanil;
pub mod simulate;
pub mod stimulus;
pub mod subject;
pub mod units;
pub mod validity;

pub use cohort_file::read_anaesthesia_subjects;
pub use subject::{AnaesthesiaSubject, SubjectModels};
