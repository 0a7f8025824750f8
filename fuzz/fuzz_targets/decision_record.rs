//! A decision record that anybody may have changed: it replays to its own bytes, or it is refused.
#![no_main]

use homeostat_postmarket::harm::decision::replay;
use homeostat_postmarket::harm::matrix::InForce;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(again) = replay(bytes, &InForce::shipped()) {
        assert_eq!(again, bytes);
    }
});
