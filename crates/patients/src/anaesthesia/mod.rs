//! Virtual people under anaesthesia: propofol, remifentanil and norepinephrine in, bispectral index
//! and blood pressure out.

pub mod cohort;
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
pub mod stimulus;
pub mod subject;
pub mod units;
pub mod validity;
