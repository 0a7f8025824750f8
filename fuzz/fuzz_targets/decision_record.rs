#![no_main]

#[allow(dead_code, reason = "each target has its own body")]
#[path = "../../crates/postmarket/tests/readers/mod.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| readers::decision_record(bytes));
