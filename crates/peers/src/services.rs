//! The same parts in the words of Bluetooth's services, carried by the link (`bluetooth = true` in
//! `peer.toml`, insulin alone): the sensor as a glucose service, the pump, besides its reports, as an insulin
//! delivery service. There is no radio here.

mod glucose;
mod insulin;

pub use glucose::GlucoseService;
pub use insulin::InsulinService;

#[cfg(test)]
mod tests;
