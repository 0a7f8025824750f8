//! Virtual people under anaesthesia: propofol, remifentanil and norepinephrine in, bispectral index
//! and blood pressure out.

pub mod covariates;
pub mod mammillary;
pub mod propofol;
pub mod remifentanil;
pub mod units;
pub mod validity;
