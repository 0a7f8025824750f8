//! Virtual people under anaesthesia: propofol, remifentanil and norepinephrine in, bispectral index
//! and blood pressure out.

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
