//! Bodies of the fuzz targets: each takes any bytes, and states what must hold for them. Also run by a
//! plain test over the corpora.
#![allow(clippy::missing_panics_doc, reason = "a finding is a panic")]

use crate::faults::{FaultWish, PumpPlan, SensorPlan};
use crate::folder::PeerSettings;
use crate::proxy::{Memory, Proxy, Script, Way};
use crate::therapy::Therapy;
use crate::tubing::Tubing;
use homeostat_record::Span;

/// A target's name and body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] =
    &[("peer_tubing", tubing), ("peer_settings", settings), ("proxy_script", script)];

/// A tubing datagram: what is read is written the same.
pub fn tubing(bytes: &[u8]) {
    if let Some(tubing) = Tubing::decode(bytes) {
        assert_eq!(tubing.encode()[..], *bytes);
    }
}

/// `peer.toml`, and a fault in its first line.
pub fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Sound settings give a part, and unsound ones a reason.
    let _ = PeerSettings::from_text("peer.toml", &text);
    if let Some(Ok(wish)) = text.lines().next().map(str::parse::<FaultWish>) {
        let wishes = [wish];
        if let Ok(plan) = PumpPlan::of(&wishes) {
            let _ = plan.at(Span::from_seconds(1));
        }
        for therapy in Therapy::ALL {
            let _ = SensorPlan::of(therapy, &wishes);
        }
    }
}

/// A proxy's script, played for a while; and a recording.
pub fn script(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(memory) = Memory::parse(&text) {
        assert_eq!(Memory::parse(&memory.to_string()), Ok(memory));
    }
    let Ok(script) = Script::parse(&text) else { return };
    assert_eq!(Script::parse(&script.to_string()).as_ref(), Ok(&script));
    let mut proxy = Proxy::new(script, 1, Memory::default());
    for millis in 0..20 {
        let now = Span::from_millis(millis);
        proxy.take(now, Way::ToPeer, bytes.get(..600).unwrap_or(bytes));
        let mut polled = 0;
        while proxy.poll(now).is_some() {
            polled += 1;
            // Each rule gives a bounded number at one time, in each direction.
            assert!(polled <= 2 * 4_096 * 256 + 20 * 512);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_corpora_hold_something_and_find_nothing() {
        let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
        for (name, body) in TARGETS {
            let mut files = 0;
            for entry in fs::read_dir(corpora.join(name)).expect(name) {
                body(&fs::read(entry.expect(name).path()).expect(name));
                files += 1;
            }
            assert!(files > 0, "{name}");
        }
    }
}
