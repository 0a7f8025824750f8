//! A therapy's controllers by name, as commands, files and boxes have them.

use homeostat_record::{Bytes, SoftwareIdentity};

use crate::inspection::BuildError;

/// Version of the mathematics that every decision rests on (see `homeostat-numeric`).
const MATHEMATICS: &str = "libm 0.2.16";

/// The identity that a box of this program's loops carries.
pub(crate) fn identity(therapy: &str, controller: &str) -> SoftwareIdentity {
    // These short texts always fit; an empty one would be no identity, and no replay would pass.
    fn text<const N: usize>(text: &str) -> Bytes<N> {
        Bytes::copy_of(text.as_bytes()).unwrap_or_default()
    }
    SoftwareIdentity {
        controller: text(&format!("{therapy}/{controller}")),
        version: text(env!("CARGO_PKG_VERSION")),
        mathematics: text(MATHEMATICS),
    }
}

/// The controller of this name.
pub(crate) fn named<C: Copy>(names: &[(&str, C)], name: &str) -> Result<C, BuildError> {
    let found = names.iter().find(|(known, _)| *known == name);
    found.map(|(_, control)| *control).ok_or_else(|| BuildError::Controller(name.to_owned()))
}

/// The controller that a box names.
pub(crate) fn recorded<C: Copy>(
    therapy: &str,
    names: &[(&str, C)],
    identity: &SoftwareIdentity,
) -> Result<C, BuildError> {
    let name = String::from_utf8_lossy(identity.controller.as_slice());
    let ours = name.strip_prefix(therapy).and_then(|rest| rest.strip_prefix('/'));
    ours.and_then(|controller| named(names, controller).ok())
        .ok_or_else(|| BuildError::Controller(name.into_owned()))
}
