//! The rules of the house that a compiler does not know: arrows, licences, words, sizes.

use crate::shell::{self, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Which of our crates each may depend on (`dev` dependencies apart). A crate that is not named
/// here fails, so that a new room is a decision.
const ARROWS: &[(&str, &[&str])] = &[
    ("homeostat-record", &[]),
    ("homeostat-numeric", &[]),
    ("homeostat-supervisor", &["homeostat-record"]),
    ("homeostat-kernel", &["homeostat-record", "homeostat-supervisor"]),
    (
        "homeostat-insulin",
        &["homeostat-record", "homeostat-supervisor", "homeostat-kernel", "homeostat-numeric"],
    ),
    (
        "homeostat-propofol",
        &["homeostat-record", "homeostat-supervisor", "homeostat-kernel", "homeostat-numeric"],
    ),
    ("homeostat-second-opinion", &["homeostat-record"]),
    ("homeostat-blackbox", &[]),
    (
        "homeostat-assembly",
        &[
            "homeostat-record",
            "homeostat-supervisor",
            "homeostat-kernel",
            "homeostat-insulin",
            "homeostat-propofol",
            "homeostat-second-opinion",
            "homeostat-blackbox",
        ],
    ),
    ("homeostat-alarm", &["homeostat-record", "homeostat-supervisor"]),
    ("homeostat-link", &["homeostat-record"]),
    ("homeostat-bedside", &["homeostat-record"]),
    (
        "homeostat-device",
        &[
            "homeostat-record",
            "homeostat-supervisor",
            "homeostat-blackbox",
            "homeostat-assembly",
            "homeostat-alarm",
            "homeostat-link",
        ],
    ),
    (
        "homeostat-panel",
        &[
            "homeostat-record",
            "homeostat-supervisor",
            "homeostat-insulin",
            "homeostat-propofol",
            "homeostat-assembly",
            "homeostat-alarm",
            "homeostat-link",
            "homeostat-bedside",
            "homeostat-device",
        ],
    ),
    ("homeostat-patients", &["homeostat-numeric"]),
    (
        "homeostat-peers",
        &["homeostat-record", "homeostat-numeric", "homeostat-patients", "homeostat-link"],
    ),
    ("homeostat-postmarket", &[]),
    (
        "homeostat-trial",
        &[
            "homeostat-record",
            "homeostat-numeric",
            "homeostat-supervisor",
            "homeostat-kernel",
            "homeostat-insulin",
            "homeostat-propofol",
            "homeostat-second-opinion",
            "homeostat-blackbox",
            "homeostat-assembly",
            "homeostat-patients",
        ],
    ),
    (
        "homeostat-cli",
        &[
            "homeostat-record",
            "homeostat-supervisor",
            "homeostat-kernel",
            "homeostat-insulin",
            "homeostat-propofol",
            "homeostat-blackbox",
            "homeostat-assembly",
            "homeostat-alarm",
            "homeostat-link",
            "homeostat-patients",
            "homeostat-peers",
            "homeostat-postmarket",
            "homeostat-device",
            "homeostat-bedside",
            "homeostat-panel",
            "homeostat-trial",
        ],
    ),
    ("xtask", &["homeostat-record", "homeostat-supervisor"]),
];

/// The heart may use these outside crates and no others.
const HEART_OUTSIDE: &[&str] = &["minicbor", "libm", "rand_core"];
pub(crate) const HEART: &[&str] =
    &["record", "numeric", "supervisor", "kernel", "insulin", "propofol", "second-opinion"];

/// Licences that fit MIT OR Apache-2.0 binaries. Each term of an expression's first
/// satisfiable alternative must be here.
const LICENCES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "ISC",
    "Unlicense",
    "Unicode-3.0",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "BSL-1.0",
];

/// Words of a therapy have no place where the platform serves every therapy.
const THERAPY_WORDS: &[&str] =
    &["insulin", "glucose", "propofol", "bolus", "carbohydrate", "mg/dl", "bispectral"];
const NEUTRAL: &[&str] = &[
    "crates/record/",
    "crates/supervisor/",
    "crates/kernel/",
    "crates/blackbox/",
    "crates/bedside/src/",
    "crates/trial/src/cells/",
    "crates/trial/src/checkers/",
    "crates/trial/src/engine/",
    "crates/device/src/",
    "crates/assembly/src/inspection",
    "crates/assembly/src/installed.rs",
    "crates/assembly/src/machine.rs",
    "crates/assembly/src/recorder.rs",
];

/// What may not stand in the sources of the heart, the black box and the link.
const PANICS: &[&str] = &[".unwrap()", ".expect(\"", "panic!(", "unreachable!(", "todo!("];

const FILE_LINES_MAX: usize = 600;
const LINE_COLUMNS_MAX: usize = 132;

pub(crate) fn run() -> Outcome {
    let mut faults = Vec::new();
    arrows(&mut faults)?;
    sources(&mut faults)?;
    documents(&mut faults)?;
    if faults.is_empty() {
        eprintln!("tidy: nothing to mend");
        return Ok(());
    }
    for fault in &faults {
        eprintln!("tidy: {fault}");
    }
    Err(format!("tidy found {} places to mend", faults.len()))
}

fn arrows(faults: &mut Vec<String>) -> Outcome {
    let text = shell::output("cargo", &["metadata", "--format-version", "1", "--locked"], &[])?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let ours = package["source"].is_null();
        if !ours {
            licence(package, faults);
            continue;
        }
        let Some(allowed) = allowed.get(name) else {
            faults.push(format!("crate {name} is not in the table of arrows (xtask/src/tidy.rs)"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            let normal = dependency["kind"].is_null();
            if normal && to.starts_with("homeostat-") && !allowed.contains(&to) {
                faults.push(format!("forbidden arrow: {name} -> {to}"));
            }
            let heart = HEART.iter().any(|room| name == format!("homeostat-{room}"));
            let outside = !to.starts_with("homeostat-");
            if normal && heart && outside && !HEART_OUTSIDE.contains(&to) {
                faults.push(format!("the heart may not use {to} ({name})"));
            }
        }
    }
    let architecture = shell::read(&shell::root().join("ARCHITECTURE.md"))?;
    let direct: BTreeSet<&str> = packages
        .iter()
        .filter(|package| package["source"].is_null())
        .flat_map(|package| package["dependencies"].as_array().into_iter().flatten())
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|name| !name.starts_with("homeostat-"))
        .collect();
    for name in direct {
        if !architecture.contains(&format!("`{name}`")) {
            faults.push(format!("ARCHITECTURE.md gives no reason for the dependency `{name}`"));
        }
    }
    Ok(())
}

fn licence(package: &serde_json::Value, faults: &mut Vec<String>) {
    let name = package["name"].as_str().unwrap_or_default();
    let source = package["source"].as_str().unwrap_or_default();
    if !source.starts_with("registry+") {
        faults.push(format!("{name} does not come from the crate registry: {source}"));
    }
    let expression = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
    let fits = expression.split(" OR ").any(|alternative| {
        alternative.split(" AND ").all(|term| {
            let term = term.trim().trim_matches(['(', ')']);
            LICENCES.contains(&term)
        })
    });
    if !fits {
        faults.push(format!("{name} has licence `{expression}`, which is not on the list"));
    }
}

fn sources(faults: &mut Vec<String>) -> Outcome {
    let root = shell::root();
    for folder in ["crates", "xtask", "fuzz"] {
        for path in shell::files(&root.join(folder), ".rs") {
            let text = shell::read(&path)?;
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            lengths(&name, &text, faults);
            words(&name, &text, faults);
        }
    }
    Ok(())
}

fn is_test(name: &str) -> bool {
    ["/tests", "/benches/", "/examples/", "/testing/", "/testdata.rs"]
        .iter()
        .any(|part| name.contains(part))
}

fn lengths(name: &str, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX && !is_test(name) {
        faults.push(format!("{name} has {lines} lines: more than one idea?"));
    }
    for (number, line) in text.lines().enumerate() {
        if line.chars().count() > LINE_COLUMNS_MAX && !line.contains("\"") {
            faults.push(format!("{name}:{} is too long to read", number + 1));
        }
    }
}

fn words(name: &str, text: &str, faults: &mut Vec<String>) {
    let shipped = text.find("mod tests").map_or(text, |end| text.get(..end).unwrap_or(text));
    let room = name.split('/').nth(1).unwrap_or_default();
    let in_src = name.contains("/src/") && !is_test(name);
    let mut pattern = "TO".to_owned();
    pattern.push_str("DO");
    for (number, line) in shipped.lines().enumerate() {
        let at = || format!("{name}:{}", number + 1);
        let code = line.trim_start();
        if code.contains(&pattern) {
            faults.push(format!("{}: something left undone", at()));
        }
        if !in_src || code.starts_with("//") {
            continue;
        }
        let careful = HEART.contains(&room) || room == "blackbox" || room == "link";
        if careful && PANICS.iter().any(|panic| code.contains(panic)) {
            faults.push(format!("{}: may panic where nothing may", at()));
        }
        let lower = code.to_lowercase();
        if NEUTRAL.iter().any(|place| name.starts_with(place)) {
            for word in THERAPY_WORDS.iter().filter(|word| lower.contains(*word)) {
                faults.push(format!("{}: `{word}` is a therapy's word", at()));
            }
        }
    }
}

fn documents(faults: &mut Vec<String>) -> Outcome {
    let root = shell::root();
    for name in ["README.md", "ARCHITECTURE.md", "STYLE.md", "GLOSSARY.md", "SECURITY.md"] {
        if !root.join(name).is_file() {
            faults.push(format!("{name} is missing"));
        }
    }
    for folder in std::fs::read_dir(root.join("crates")).map_err(|error| error.to_string())? {
        let folder = folder.map_err(|error| error.to_string())?.path();
        if !folder.join("README.md").is_file() {
            let name = folder.strip_prefix(&root).unwrap_or(&folder);
            faults.push(format!("{} has no README.md", name.display()));
        }
    }
    for path in shell::files(&root, ".md") {
        links(&root, &path, faults)?;
    }
    Ok(())
}

/// Relative links of the documents must lead somewhere.
fn links(root: &Path, path: &Path, faults: &mut Vec<String>) -> Outcome {
    let text = shell::read(path)?;
    let folder = path.parent().unwrap_or(root);
    for part in text.split("](").skip(1) {
        let Some(target) = part.split(')').next() else { continue };
        let target = target.split('#').next().unwrap_or_default();
        let outside = target.is_empty() || target.contains("://") || target.contains(' ');
        if !outside && !folder.join(target).exists() {
            let name = path.strip_prefix(root).unwrap_or(path).display();
            faults.push(format!("{name}: the link to {target} leads nowhere"));
        }
    }
    Ok(())
}
