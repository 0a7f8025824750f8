//! Runs anaesthetics: `anaesthetic hour PERIOD PEOPLE` whole hours with everything in them (person,
//! monitor, syringe, clinician, loop, record), `anaesthetic cycle PERIOD CYCLES` the loop and its record
//! alone. The program with which `cargo xtask budgets` counts their instructions; two runs of different
//! length give the cost of one by difference.

#[path = "../benches/device/mod.rs"]
#[allow(dead_code)]
mod device;

use device::anaesthesia;
use homeostat_trial::engine::MemoryDisk;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let mut number = |usual| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (period, count) = (number(5), number(1));
    if what == "hour" {
        let trial = anaesthesia::trial(anaesthesia::Control::Mpc, period, count);
        for cell in anaesthesia::cells(&trial) {
            assert!(cell.live(MemoryDisk::default(), &mut |_, _| {}).is_ok());
        }
        println!("{count} hours, a decision each {period} s");
    } else {
        let (inputs, profile) = anaesthesia::recorded(anaesthesia::Control::Mpc, period);
        let mut device = anaesthesia::device(anaesthesia::Control::Mpc, &profile);
        let cycles = inputs.len().min(count as usize);
        inputs.iter().take(cycles).for_each(|input| device.cycle(input));
        println!("{cycles} cycles, one each {period} s");
    }
}
