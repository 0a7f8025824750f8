//! The bedside page in a real browser: Debian's chromium, driven by playwright-core, with axe.
//!
//! Needs node, npm and a browser (installed from Debian where they are missing) and, the first
//! time, npm's registry: the two packages are pinned by `package-lock.json`, installed without
//! running their scripts, and kept below `target`. Not part of the required run, because that
//! must pass without a network; `ci --long` has it.

use crate::shell::{self, Outcome};
use std::path::{Path, PathBuf};

const TESTS: &str = "crates/bedside/browser";
const DEMO: [&str; 7] =
    ["build", "--quiet", "--locked", "--package", "homeostat-bedside", "--example", "bedside-demo"];

/// Runs the tests, or writes the page as pictures.
pub(crate) fn run(pictures: bool) -> Outcome {
    shell::packages(&[("node", "nodejs"), ("npm", "npm")])?;
    if !Path::new("/usr/bin/chromium").exists() {
        // Without a font every letter is a box; no program tells whether there is one.
        shell::packages(&[("chromium", "chromium"), ("(a font)", "fonts-dejavu-core")])?;
    }
    let tests = prepared()?;
    shell::run("cargo", &DEMO)?;
    let demo = shell::target().join("debug/examples/bedside-demo").display().to_string();
    let script = |name: &str| tests.join(name).display().to_string();
    if pictures {
        let folder = shell::target().join("bedside-pictures").display().to_string();
        shell::run("node", &[&script("shots.mjs"), &demo, &folder])?;
        println!("pictures: {folder}");
        return Ok(());
    }
    shell::run("node", &[&script("test.mjs"), &demo])
}

/// The tests beside their packages, below the target folder, so that the tree stays clean.
fn prepared() -> Outcome<PathBuf> {
    let place = shell::target().join("bedside-browser");
    let failed = |error: std::io::Error| format!("{}: {error}", place.display());
    std::fs::create_dir_all(&place).map_err(failed)?;
    let lock = shell::read(&shell::root().join(TESTS).join("package-lock.json"))?;
    let installed = std::fs::read_to_string(place.join("installed.json"));
    let scripts = ["demo.mjs", "shots.mjs", "test.mjs", "live.mjs", "latency.mjs"];
    for name in ["package.json", "package-lock.json"].into_iter().chain(scripts) {
        std::fs::copy(shell::root().join(TESTS).join(name), place.join(name)).map_err(failed)?;
    }
    if installed.is_ok_and(|installed| installed == lock) {
        return Ok(place);
    }
    let folder = place.display().to_string();
    let install =
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix", &folder];
    shell::run("npm", &install).map_err(|error| {
        format!(
            "{error}: playwright-core and axe-core come from npm's registry; is there a network?"
        )
    })?;
    std::fs::write(place.join("installed.json"), lock).map_err(failed)?;
    Ok(place)
}
