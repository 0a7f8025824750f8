//! Running programs and reading the tree.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a verb returns; the text says what failed and what to do.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a program in the repository's folder, its output shown.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Outcome {
    run_with(program, arguments, &[])
}

/// The same with environment variables.
pub(crate) fn run_with(program: &str, arguments: &[&str], env: &[(&str, &str)]) -> Outcome {
    eprintln!("+ {program} {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .envs(env.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{program} {} ended with {status}", arguments.join(" ")))
}

/// Runs a program and returns what it printed on stdout.
pub(crate) fn output(program: &str, arguments: &[&str], env: &[(&str, &str)]) -> Outcome<String> {
    let output = Command::new(program)
        .args(arguments)
        .envs(env.iter().copied())
        .current_dir(root())
        .output()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program} {} failed: {words}", arguments.join(" ")));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{program}: {error}"))
}

/// Whether a program can be started.
pub(crate) fn has(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Installs from Debian what is missing of these (program, package), where we may.
pub(crate) fn packages(needs: &[(&str, &str)]) -> Outcome {
    let missing: Vec<&str> =
        needs.iter().filter(|(program, _)| !has(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !has("apt-get") {
        return Err(format!("please install: {}", missing.join(" ")));
    }
    run("apt-get", &["update", "--quiet"])?;
    let mut install = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    install.extend(missing);
    run_with("apt-get", &install, &[("DEBIAN_FRONTEND", "noninteractive")])
}

/// Every file below `folder` whose name ends in `ending`, in a fixed order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                let foreign = ["target", ".git", "homeostat-out", "node_modules"];
                if !foreign.iter().any(|folder| name == *folder) {
                    folders.push(path);
                }
            } else if name.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a generated document, or compares it with the one in the tree.
pub(crate) fn generated(path: &str, text: &str, check: bool, verb: &str) -> Outcome {
    let file = root().join(path);
    if check {
        if read(&file)? == text {
            return Ok(());
        }
        return Err(format!("{path} is stale: run `cargo xtask {verb}` and commit it"));
    }
    std::fs::write(&file, text).map_err(|error| format!("{path}: {error}"))?;
    eprintln!("wrote {path}");
    Ok(())
}
