//! Runs the toy therapy for a number of cycles: `thermostat [CYCLES]`. Also the program with which
//! `cargo xtask budgets` counts the instructions of a bare cycle.

#[path = "../tests/house/mod.rs"]
mod house;

fn main() {
    let cycles = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(360);
    let room = house::run(cycles, house::undisturbed, |_, _| {});
    println!("after {cycles} cycles the room is at {} thousandths of a degree", room.temperature);
}
