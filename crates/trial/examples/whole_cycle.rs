//! Runs the whole insulin loop without a patient: `whole_cycle rules|mpc CYCLES`. The program with
//! which `cargo xtask budgets` counts the instructions of one cycle: sense, decide, supervise,
//! second opinion, encode, append.

#[path = "../benches/device/mod.rs"]
#[allow(dead_code)]
mod device;

use homeostat_trial::insulin::scenario::Control;

/// Days that are recorded first, whatever the number of cycles that are run.
const DAYS: u32 = 3;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let control = match arguments.next().as_deref() {
        Some("rules") => Control::Rules,
        _ => Control::Mpc,
    };
    let cycles = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(288);
    let (inputs, profile) = device::recorded(control, DAYS);
    let mut device = device::Device::new(control, &profile);
    inputs.iter().take(cycles).for_each(|input| device.cycle(input));
    println!("{} cycles of {}", cycles.min(inputs.len()), control.name());
}
