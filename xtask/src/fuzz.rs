//! Runs every fuzz target for a short time, from its seeds in `fuzz/corpus`. The targets are built with the
//! stable compiler and libFuzzer's coverage instrumentation.

use crate::shell::{self, Outcome};

const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions \
    -Coverflow-checks";

/// Each target for so many seconds. With a `seed` it begins with the seeds alone and draws the same way in
/// every run, as far as the time reaches; without one libFuzzer takes (and prints) its own, and goes on
/// from what earlier runs found worth keeping.
pub(crate) fn run(seconds: u32, seed: Option<u32>) -> Outcome {
    let root = shell::root();
    let manifest = shell::read(&root.join("fuzz/Cargo.toml"))?;
    let parsed: toml::Table =
        manifest.parse().map_err(|error| format!("fuzz/Cargo.toml: {error}"))?;
    let bins = parsed.get("bin").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let target = "x86_64-unknown-linux-gnu";
    let build = [
        "build",
        "--release",
        "--locked",
        "--bins",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target-dir",
        "target/fuzz",
        "--target",
        target,
    ];
    // With an explicit target the flags reach the targets and not the build scripts.
    shell::run_with("cargo", &build, &[("RUSTFLAGS", COVERAGE)])?;
    let mut findings = Vec::new();
    for bin in bins {
        let Some(name) = bin.get("name").and_then(toml::Value::as_str) else { continue };
        let program = root.join(format!("target/fuzz/{target}/release/{name}"));
        let corpus = root.join(format!("fuzz/corpus/{name}"));
        let scratch = root.join(format!("target/fuzz/corpus/{name}"));
        let found = root.join("target/fuzz/found/");
        if !std::fs::read_dir(&corpus).is_ok_and(|mut seeds| seeds.next().is_some()) {
            return Err(format!("fuzz/corpus/{name} holds no seed: put some small inputs there"));
        }
        if seed.is_some() && scratch.exists() {
            std::fs::remove_dir_all(&scratch).map_err(|error| error.to_string())?;
        }
        for folder in [&scratch, &found] {
            std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        let limit = format!("-max_total_time={seconds}");
        // Zero is libFuzzer's word for a seed of its own.
        let seed = format!("-seed={}", seed.unwrap_or(0));
        let artifacts = format!("-artifact_prefix={}/", found.display());
        let [program, scratch, corpus] =
            [&program, &scratch, &corpus].map(|path| path.display().to_string());
        let arguments = [
            &limit,
            &seed,
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-verbosity=0",
            &artifacts,
            &scratch,
            &corpus,
        ];
        // One finding keeps no other target from its turn.
        match shell::run(&program, &arguments.map(|argument| argument as &str)) {
            Ok(()) => eprintln!("fuzz: {name} ran for {seconds} s without a finding"),
            Err(error) => findings.push(error),
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("{} targets found something:\n{}", findings.len(), findings.join("\n")))
}
