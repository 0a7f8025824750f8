//! Budgets as ratchets: instructions of one cycle, stack of the heart's functions, sizes. The
//! figures do not depend on how busy the machine is, but do on how the compiler cuts a crate into
//! units, which another folder changes: 2.7 in a hundred were seen. `--write` sets each budget to
//! today's figure plus five in a hundred; a change that spends more must say so in `budgets.toml`.

use crate::ratchet::{self, Figures};
use crate::shell::{self, Outcome};
use crate::tidy::HEART;
use std::collections::BTreeMap;
use std::process::Command;

/// The section of `budgets.toml`.
const SECTION: &str = "at_most";

/// Example programs that run a number of cycles or of hours: name of the figure, crate, example,
/// arguments before the number, two numbers. Two runs of different length give the cost of one by
/// difference.
const RUNS: &[Run] = &[
    ("cycle_thermostat", "homeostat-kernel", "thermostat", &[], CYCLES),
    ("cycle_insulin_rules", "homeostat-trial", "whole_cycle", &["rules"], CYCLES),
    ("cycle_insulin_mpc", "homeostat-trial", "whole_cycle", &["mpc"], CYCLES),
    ("cycle_propofol_mpc", "homeostat-trial", "anaesthetic", &["cycle", "5"], CYCLES),
    // A person's hour with everything in it, a decision each 5 s and each second.
    ("hour_propofol_mpc", "homeostat-trial", "anaesthetic", &["hour", "5"], (1, 2)),
    ("hour_propofol_mpc_each_second", "homeostat-trial", "anaesthetic", &["hour", "1"], (1, 2)),
];
type Run = (&'static str, &'static str, &'static str, &'static [&'static str], (u64, u64));
const CYCLES: (u64, u64) = (300, 600);

/// Loops whose stack is looked at: name of the figure, example of `homeostat-trial`.
const LOOPS: &[(&str, &str)] =
    &[("largest_frame_bytes", "whole_cycle"), ("largest_frame_propofol_bytes", "anaesthetic")];

pub(crate) fn run(write: bool) -> Outcome {
    let mut figures = Figures::new();
    instructions(&mut figures)?;
    for (name, example) in LOOPS {
        figures.insert(format!("stack.{name}"), stack(example)?);
    }
    sizes(&mut figures)?;
    if write {
        let bounds = figures.into_iter().map(|(name, figure)| (name, figure + figure / 20));
        return ratchet::store(SECTION, &bounds.collect());
    }
    ratchet::compare(SECTION, &figures)
}

fn instructions(figures: &mut Figures) -> Outcome {
    if !shell::has("valgrind") {
        eprintln!("budgets: valgrind is missing, instructions are not measured");
        return Ok(());
    }
    for (name, package, example, arguments, (few, many)) in RUNS {
        shell::run("cargo", &["build", "--release", "-q", "-p", package, "--example", example])?;
        let program = format!("target/release/examples/{example}");
        let count = |number: &u64| callgrind(&program, arguments, &number.to_string());
        let more = count(many)?.saturating_sub(count(few)?);
        figures.insert(format!("instructions.{name}"), more / (many - few));
    }
    Ok(())
}

/// Instructions of a whole run.
fn callgrind(program: &str, arguments: &[&str], number: &str) -> Outcome<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", program])
        .args(arguments)
        .arg(number)
        .current_dir(shell::root())
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    words
        .lines()
        .find_map(|line| line.split("Collected : ").nth(1))
        .and_then(|count| count.trim().parse().ok())
        .ok_or_else(|| format!("valgrind did not count {program}: {words}"))
}

/// The largest stack frame among the heart's functions in a whole loop.
fn stack(example: &str) -> Outcome<u64> {
    let build = [
        "build",
        "--release",
        "-q",
        "-p",
        "homeostat-trial",
        "--example",
        example,
        "--target-dir",
        "target/stack",
    ];
    let env = [("RUSTC_BOOTSTRAP", "1"), ("RUSTFLAGS", "-Zemit-stack-sizes")];
    shell::run_with("cargo", &build, &env)?;
    let program = &format!("target/stack/release/examples/{example}");
    let dump = "target/stack/stack_sizes";
    let section = format!(".stack_sizes={dump}");
    shell::run("objcopy", &["--dump-section", &section, program, "/dev/null"])?;
    let names = shell::output("nm", &["--demangle", program], &[])?;
    let heart: BTreeMap<u64, &str> = names
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(address, rest)| Some((u64::from_str_radix(address, 16).ok()?, rest)))
        .filter(|(_, name)| {
            let mut rooms = HEART.iter().map(|room| room.replace('-', "_"));
            rooms.any(|room| name.contains(&format!("homeostat_{room}::")))
        })
        .collect();
    let bytes = std::fs::read(shell::root().join(dump)).map_err(|error| error.to_string())?;
    let largest = stack_sizes(&bytes)
        .into_iter()
        .filter_map(|(address, size)| heart.get(&address).map(|name| (size, *name)))
        .max();
    let (size, name) = largest.ok_or("no stack sizes were found for the heart")?;
    eprintln!("budgets: largest stack frame of the heart in {example} is {size} bytes:{name}");
    Ok(size)
}

/// The section's entries: an eight-byte address and a LEB128 size each.
fn stack_sizes(mut bytes: &[u8]) -> Vec<(u64, u64)> {
    let mut sizes = Vec::new();
    while let Some((address, rest)) = bytes.split_first_chunk::<8>() {
        let (mut size, mut shift, mut used) = (0_u64, 0_u32, 0);
        for byte in rest {
            size |= u64::from(byte & 0x7f) << shift.min(63);
            shift += 7;
            used += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        sizes.push((u64::from_le_bytes(*address), size));
        bytes = rest.get(used..).unwrap_or_default();
    }
    sizes
}

fn sizes(figures: &mut Figures) -> Outcome {
    let root = shell::root();
    let binary = std::fs::metadata(root.join("target/release/homeostat"))
        .map_err(|error| format!("target/release/homeostat: {error}"))?;
    figures.insert("size.homeostat_kilobytes".into(), binary.len() / 1_000);
    let lock = shell::read(&root.join("Cargo.lock"))?;
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    figures.insert("size.locked_packages".into(), packages as u64);
    Ok(())
}
