//! What a finding means for a patient: from component over function and hazard to a class, with a record of why.

pub mod assess;
pub mod canonical;
pub mod decision;
pub mod exploitability;
pub mod function_map;
pub mod matrix;
pub mod rubric;
pub mod vectors;
