//! The mode that people see. A projection: nothing reads it back (register D.2).

use crate::modes::Modes;
use homeostat_record::{Authority, Mode, Phase};

/// The displayed mode.
#[must_use]
pub fn mode(modes: &Modes) -> Mode {
    let authority = modes.authority();
    if modes.phase == Phase::Off {
        return Mode::Off;
    }
    if authority == Authority::FailStop {
        return Mode::FailStop;
    }
    let handing_over = modes.handover > 0;
    match modes.phase {
        Phase::Off => Mode::Off,
        Phase::SelfTest => Mode::SelfTest,
        Phase::Service => Mode::Service,
        Phase::Standby if handing_over => Mode::Handover,
        Phase::Standby => Mode::Standby,
        Phase::Manual if handing_over => Mode::Handover,
        Phase::Manual => Mode::Manual,
        Phase::Advisory if authority == Authority::Suspend => Mode::FallbackSuspend,
        Phase::Advisory if handing_over => Mode::Handover,
        Phase::Advisory => Mode::Advisory,
        Phase::Automatic => automatic(authority),
    }
}

const fn automatic(authority: Authority) -> Mode {
    match authority {
        Authority::FailStop => Mode::FailStop,
        Authority::Suspend => Mode::FallbackSuspend,
        Authority::Background => Mode::FallbackBackground,
        Authority::Limited => Mode::AutomaticLimited,
        Authority::Full => Mode::Automatic,
    }
}
