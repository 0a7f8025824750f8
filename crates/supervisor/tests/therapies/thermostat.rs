//! A room thermostat as a therapy: the smallest whole example of what a therapy gives the
//! supervisor, and the proof that the supervisor needs nothing else.
//!
//! The patient is a room, the drug is heat. One manipulated variable, the heater: one step is one
//! portion of heat. Less is not simply safer here either: pipes freeze in a cold room.
//!
//! Any crate's tests may include this file with `#[path]`.
#![allow(dead_code, unreachable_pub)]

use homeostat_record::{
    Account, CHANNELS, Cause, CauseSet, Input, Quantity, SensorFrame, Span, StatusFlags, Steps,
};
use homeostat_supervisor::{
    ChannelLimits, Envelope, Findings, Profile, Timing, WINDOWS, WindowLimit,
};
use minicbor::{Decode, Encode};

/// All numbers of the therapy. In a real one they come from a signed profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thermostat {
    /// Times of the mode machine, in cycles.
    pub timing: Timing,
    /// Bounds of the heater, and of a second variable that this therapy does not have.
    pub limits: [ChannelLimits; CHANNELS],
    /// How long an order lives.
    pub lease: Span,
    /// Above this (thousandths of a degree) heating must stop.
    pub too_hot: i32,
    /// Below this the room needs more.
    pub too_cold: i32,
    /// The basic programme: heat per cycle when nothing is known.
    pub background: Steps,
    /// Ceiling while authority is limited.
    pub limited: Steps,
    /// Heat while suspended: not zero, for the pipes' sake.
    pub frost_protection: Steps,
}

/// A window of `cycles` with at most `max` steps.
pub const fn window(cycles: u32, max: u32) -> WindowLimit {
    WindowLimit { cycles, max: Steps(max) }
}

/// The timing of the example. Every number differs from every other, so that a test notices when
/// two are mixed up.
pub const TIMING: Timing = Timing {
    input_limited: 2,
    input_lost: 5,
    deadline_misses: 3,
    record_lost: 9,
    implausible: 4,
    dwell: 3,
    dwell_cap: 12,
    flap_falls: 4,
    flap_window: 60,
    clamps: 6,
    clamp_window: 30,
    escalation: 10,
    background_limit: 48,
    handover: 7,
    request_interval: 8,
};

/// The heater's bounds.
pub const HEATER: ChannelLimits = ChannelLimits {
    cycle_max: Steps(40),
    cycle_min: Steps(1),
    slew_up: Steps(9),
    slew_down: Steps(15),
    windows: [window(6, 130), window(24, 400), window(0, 0), window(0, 0)],
    acting_max: Steps(200),
    label_max: Steps(50),
    request_max: Steps(30),
    tolerance: Steps(2),
};

/// A manipulated variable that does not exist.
pub const ABSENT: ChannelLimits = ChannelLimits {
    cycle_max: Steps::ZERO,
    cycle_min: Steps::ZERO,
    slew_up: Steps::ZERO,
    slew_down: Steps::ZERO,
    windows: [window(0, 0); WINDOWS],
    acting_max: Steps::ZERO,
    label_max: Steps::ZERO,
    request_max: Steps::ZERO,
    tolerance: Steps::ZERO,
};

impl Default for Thermostat {
    fn default() -> Self {
        Self {
            timing: TIMING,
            limits: [HEATER, ABSENT],
            lease: Span::from_seconds(30),
            too_hot: 28_000,
            too_cold: 8_000,
            background: Steps(5),
            limited: Steps(6),
            frost_protection: Steps(2),
        }
    }
}

/// What the watch remembers: small, of fixed size, in integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct Memory {
    /// Sequence number of the last frame that was used.
    #[n(0)]
    pub sequence: Option<u32>,
    /// Its value, thousandths of a degree.
    #[n(1)]
    pub value: i32,
    /// Heat delivered, as known in the last cycle.
    #[n(2)]
    pub delivered: u64,
    /// Heat that has not yet warmed the room.
    #[n(3)]
    pub acting: u32,
}

impl Profile for Thermostat {
    type Watch = Memory;

    fn timing(&self) -> &Timing {
        &self.timing
    }

    fn limits(&self) -> &[ChannelLimits; CHANNELS] {
        &self.limits
    }

    fn lease(&self) -> Span {
        self.lease
    }

    fn watch_start(&self) -> Memory {
        Memory::default()
    }

    fn watch(
        &self,
        watch: &Memory,
        input: &Input,
        accounts: &[Account; CHANNELS],
    ) -> (Memory, Findings) {
        let mut next = *watch;
        let mut fresh = false;
        let mut active = CauseSet::EMPTY;
        // The raw frames are read here once more: what the controller made of them is not believed
        // (SUP-05). A frame counts once; a repeated one is not fresh.
        for frame in &input.frames {
            let Ok(frame) = SensorFrame::decode(frame.bytes.as_slice()) else {
                active = active.with(Cause::InputImplausible);
                continue;
            };
            if frame.quantity != Quantity(3) || frame.status.any(StatusFlags::WARM_UP) {
                continue;
            }
            if watch.sequence.is_none_or(|last| frame.sequence > last) {
                next.sequence = Some(frame.sequence);
                next.value = frame.value_thousandths;
                fresh = true;
            }
        }
        active = active.with_if(Cause::InputMissing, !fresh);
        active = active.with_if(Cause::PhysiologicStop, fresh && next.value > self.too_hot);
        active = active.with_if(Cause::PhysiologicNeed, fresh && next.value < self.too_cold);
        // An eighth of the heat that is under way arrives in each cycle.
        let [account, _] = accounts;
        let delivered = account.delivered.saturating_sub(watch.delivered);
        next.delivered = account.delivered;
        next.acting = watch.acting.saturating_sub(watch.acting / 8);
        next.acting = next.acting.saturating_add(u32::try_from(delivered).unwrap_or(u32::MAX));
        let findings = Findings {
            active,
            fresh,
            envelope: [Envelope { least: Steps::ZERO, most: Steps(35) }, Envelope::default()],
            background: [self.background, Steps::ZERO],
            limited: [self.limited, Steps::ZERO],
            suspend: [self.frost_protection, Steps::ZERO],
            acting: [Steps(next.acting), Steps::ZERO],
        };
        (next, findings)
    }
}
