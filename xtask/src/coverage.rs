//! What the tests of the heart reach of it: branches, regions and lines, as a ratchet.
//!
//! The counts come from the compiler's own instrumentation (`-C instrument-coverage`). That it counts
//! branches as well is not stable yet, so that `RUSTC_BOOTSTRAP=1` is set: for this measurement
//! alone, never for what is shipped. A branch is one outcome of a condition (`if`, `while`, `&&`,
//! `||`, a pattern that may not match); the arms of a `match` and the way out of a `?` are regions.
//! Only the heart is instrumented, in a target folder of its own. The property tests get a fixed
//! seed and the tests run one at a time, so that the same tree gives the same figures.

mod tally;

use crate::ratchet::{self, Figures};
use crate::shell::{self, Outcome};
use crate::tidy::HEART;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tally::{Source, Tally};

/// The section of `budgets.toml`.
const SECTION: &str = "not_covered_at_most";

/// Below the repository's target folder.
const FOLDER: &str = "target/coverage";

pub(crate) fn run(write: bool) -> Outcome {
    let tools = Tools::found()?;
    let folder = shell::root().join(FOLDER);
    let counts = folder.join("counts");
    let _ = std::fs::remove_dir_all(&counts);
    let programs = tested(&counts)?;
    let tallies = tallies(&tools, &folder, &counts, &programs)?;
    println!("{}", table(&tallies));
    let mut uncovered = String::new();
    for tally in tallies.values() {
        uncovered.push_str(&tally.branches_not_taken());
    }
    println!("branches that no test of the heart takes:\n{uncovered}");
    for tally in tallies.values() {
        uncovered.push_str(&tally.regions_not_entered());
    }
    let list = folder.join("uncovered.txt");
    std::fs::write(&list, uncovered).map_err(|error| format!("{}: {error}", list.display()))?;
    println!("regions that none enters: {FOLDER}/uncovered.txt");
    let figures: Figures = tallies.iter().flat_map(|(room, tally)| figures(room, tally)).collect();
    if write {
        return ratchet::store(SECTION, &figures);
    }
    ratchet::compare(SECTION, &figures)
}

/// The programs that read what the instrumentation wrote. They must be of the compiler's LLVM.
struct Tools {
    cov: String,
    profdata: String,
}

impl Tools {
    /// Those that came with the compiler, or Debian's, which are installed if need be.
    fn found() -> Outcome<Self> {
        let version = shell::output("rustc", &["-vV"], &[])?;
        let said = |key: &str| version.lines().find_map(|line| line.strip_prefix(key));
        let (Some(host), Some(llvm)) = (said("host: "), said("LLVM version: ")) else {
            return Err("rustc -vV names neither host nor LLVM version".into());
        };
        let sysroot = shell::output("rustc", &["--print", "sysroot"], &[])?;
        let bin = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin");
        let own = |name: &str| bin.join(name).display().to_string();
        let own = Self { cov: own("llvm-cov"), profdata: own("llvm-profdata") };
        if own.are_there() {
            return Ok(own);
        }
        let major = llvm.split('.').next().unwrap_or(llvm);
        let debian = |name: &str| format!("{name}-{major}");
        let debian = Self { cov: debian("llvm-cov"), profdata: debian("llvm-profdata") };
        let install = shell::packages(&[(&debian.cov, &format!("llvm-{major}"))]);
        if install.is_ok() && debian.are_there() {
            return Ok(debian);
        }
        Err(format!(
            "coverage needs llvm-cov and llvm-profdata of LLVM {major}, the compiler's: install \
             Debian's `llvm-{major}`, or run `rustup component add llvm-tools`"
        ))
    }

    fn are_there(&self) -> bool {
        shell::has(&self.cov) && shell::has(&self.profdata)
    }
}

/// Builds the heart's tests with counters and runs them; returns the test programs.
fn tested(counts: &Path) -> Outcome<Vec<String>> {
    let names: Vec<String> = HEART.iter().map(|room| format!("homeostat-{room}")).collect();
    let flags = "['-Cinstrument-coverage', '-Zcoverage-options=branch']";
    let profiles: Vec<String> = names
        .iter()
        .map(|name| format!("profile.test.package.{name}.rustflags = {flags}"))
        .collect();
    let mut build = vec!["test", "--locked", "--quiet", "--tests", "--target-dir", FOLDER];
    build.push("-Zprofile-rustflags");
    for (name, profile) in names.iter().zip(&profiles) {
        build.extend(["-p", name, "--config", profile]);
    }
    let env = [("RUSTC_BOOTSTRAP", "1")];
    let list = [&build[..], &["--no-run", "--message-format=json"]].concat();
    let messages = shell::output("cargo", &list, &env)?;
    let into = counts.join("%m-%p.profraw").display().to_string();
    let env = [("RUSTC_BOOTSTRAP", "1"), ("LLVM_PROFILE_FILE", &into), ("PROPTEST_RNG_SEED", "1")];
    shell::run_with("cargo", &[&build[..], &["--", "--test-threads=1"]].concat(), &env)?;
    let program = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_test = message["profile"]["test"].as_bool()?;
        is_test.then(|| message["executable"].as_str().map(str::to_owned)).flatten()
    };
    let programs: Vec<String> = messages.lines().filter_map(program).collect();
    if programs.is_empty() {
        return Err("cargo named no test program of the heart".into());
    }
    Ok(programs)
}

/// Reads the counters back, room by room.
fn tallies(
    tools: &Tools,
    folder: &Path,
    counts: &Path,
    programs: &[String],
) -> Outcome<BTreeMap<&'static str, Tally>> {
    let merged = folder.join("merged.profdata").display().to_string();
    let raw: Vec<PathBuf> = shell::files(counts, ".profraw");
    let raw: Vec<String> = raw.iter().map(|path| path.display().to_string()).collect();
    let mut merge = vec!["merge", "-sparse", "-o", &merged];
    merge.extend(raw.iter().map(String::as_str));
    shell::output(&tools.profdata, &merge, &[])?;
    let profile = format!("-instr-profile={merged}");
    let mut export = vec!["export", &profile];
    for program in programs {
        export.extend(["-object", program]);
    }
    let regions = shell::output(&tools.cov, &[&export[..], &["-format=text"]].concat(), &[])?;
    let lines = shell::output(&tools.cov, &[&export[..], &["-format=lcov"]].concat(), &[])?;
    let root = shell::root();
    let mut tallies = BTreeMap::new();
    for room in HEART {
        let mut tally = Tally::default();
        for path in shell::files(&root.join("crates").join(room).join("src"), ".rs") {
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            if let Some(source) = Source::shipped(&name, &shell::read(&path)?) {
                tally.add_source(path.display().to_string(), source);
            }
        }
        tally.count_regions(&regions)?;
        tally.count_lines(&lines);
        if tally.branches().1 == 0 || tally.lines().1 == 0 {
            return Err(format!("{room}: nothing was counted, which is not full coverage"));
        }
        tallies.insert(*room, tally);
    }
    Ok(tallies)
}

fn figures(room: &str, tally: &Tally) -> [(String, u64); 3] {
    let left = |what: &str, (reached, all): (u64, u64)| (format!("{room}.{what}"), all - reached);
    [
        left("branches", tally.branches()),
        left("regions", tally.regions()),
        left("lines", tally.lines()),
    ]
}

fn table(tallies: &BTreeMap<&'static str, Tally>) -> String {
    let part = |(reached, all): (u64, u64)| {
        let share = (reached * 1_000).checked_div(all).unwrap_or(1_000);
        format!("{reached} of {all}, {}.{} %", share / 10, share % 10)
    };
    let row = |cells: [&str; 4]| {
        let [room, branches, regions, lines] = cells;
        format!("{room:<16}{branches:<24}{regions:<24}{lines}")
    };
    let mut text = row(["crate", "branches", "regions", "lines"]);
    for (room, tally) in tallies {
        let cells = [tally.branches(), tally.regions(), tally.lines()].map(part);
        let [branches, regions, lines] = cells.each_ref().map(String::as_str);
        let _ = write!(text, "\n{}", row([room, branches, regions, lines]));
    }
    text
}
