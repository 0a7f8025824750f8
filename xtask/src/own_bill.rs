//! Homeostat's own components and what is known against them, by its own verbs: the bill in CycloneDX 1.7 and SPDX 3.0,
//! its check, the scan against the committed mirror, and OpenVEX. Written into `target/own`.

use crate::shell::{self, Outcome};

const FOLDER: &str = "target/own";
const BILL: &str = "target/own/homeostat.cdx.json";
const SPDX: &str = "target/own/homeostat.spdx.json";
const VEX: &str = "target/own/homeostat.openvex.json";
/// Elements that the bill of a Rust product has today, in percent: what is missing is named by
/// `homeostat sbom check`. It may rise and not fall.
const NTIA_AT_LEAST: f64 = 95.0;

/// Makes the bill and the VEX, and fails where the bill is worse than it was or something is known against it.
pub(crate) fn run() -> Outcome {
    shell::run("cargo", &["build", "--release", "--locked", "--package", "homeostat-cli"])?;
    let program = shell::target().join("release/homeostat").display().to_string();
    let folder = shell::root().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
    for (form, file) in [("cyclonedx-1.7", BILL), ("spdx-3.0", SPDX)] {
        let new = ["sbom", "new", ".", "--package", "homeostat-cli", "--supplier", "Homeostat"];
        shell::run(&program, &[&new[..], &["--form", form, "--out", file]].concat())?;
    }
    // Both forms say the same.
    shell::run(&program, &["sbom", "diff", BILL, SPDX])?;
    check(&program)?;
    let version = env!("CARGO_PKG_VERSION");
    let purl = format!("pkg:cargo/homeostat-cli@{version}");
    let scan = ["vuln", "scan", BILL, "--mirror", "data/feeds.mirror", "--vex", VEX];
    let report = format!("{FOLDER}/known.html");
    let more = ["--product-purl", &purl, "--author", "Homeostat", "--report", &report];
    shell::run(&program, &[&scan[..], &more].concat())?;
    // What was written can be read again.
    let mirror = format!("{FOLDER}/own.mirror");
    shell::run(&program, &["vuln", "update", VEX, "--mirror", &mirror])
}

/// Holds the bill against NTIA's minimum elements. The command ends with 1 while one is missing; the share counts here.
fn check(program: &str) -> Outcome {
    let output = std::process::Command::new(program)
        .args(["sbom", "check", BILL, "--against", "ntia", "--json"])
        .current_dir(shell::root())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let verdicts: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{program} sbom check: {error}"))?;
    let share = verdicts[0]["share"].as_f64().unwrap_or(0.0) * 100.0;
    eprintln!("own bill: {share:.1} % of NTIA's minimum elements, at least {NTIA_AT_LEAST} %");
    if share < NTIA_AT_LEAST {
        return Err(format!(
            "{share:.1} % of NTIA's elements: `homeostat sbom check {BILL}` names what is missing"
        ));
    }
    Ok(())
}
