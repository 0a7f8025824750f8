//! Shows that the heart needs no standard library and no allocation, and that the links need no standard
//! library: builds them for wasm32 and for a Cortex-M4 with Debian's own compiler, unpacked into the
//! target folder without touching the system.

use crate::shell::{self, Outcome};

const PACKAGES: &[&str] =
    &["rustc-web", "libstd-rust-web-1.96", "libstd-rust-web-dev", "libllvm22", "rust-web-src"];
const TARGETS: &[&str] = &["wasm32-unknown-unknown", "thumbv7em-none-eabihf"];
/// What is built, with the parts of the standard library that it may use.
const CRATES: &[(&str, &[&str])] = &[
    (
        "core",
        &[
            "homeostat-record",
            "homeostat-numeric",
            "homeostat-supervisor",
            "homeostat-kernel",
            "homeostat-insulin",
            "homeostat-propofol",
            "homeostat-second-opinion",
            "homeostat-alarm",
        ],
    ),
    ("core,alloc", &["homeostat-link"]),
];

pub(crate) fn run() -> Outcome {
    let root = shell::root();
    let place = root.join("target/portable");
    let compiler = place.join("usr/bin/rustc");
    if !compiler.is_file() {
        unpack(&place.display().to_string())?;
    }
    let libraries = place.join("usr/lib/x86_64-linux-gnu").display().to_string();
    let compiler = compiler.display().to_string();
    for (target, (library, crates)) in
        TARGETS.iter().flat_map(|target| CRATES.iter().map(move |of| (target, of)))
    {
        let library = format!("-Zbuild-std={library}");
        let mut arguments = vec!["build", "--release", "--lib", &library, "--target", target];
        arguments.extend(["--target-dir", "target/portable/build"]);
        for name in *crates {
            arguments.extend(["-p", name]);
        }
        let env = [
            ("RUSTC", compiler.as_str()),
            ("RUSTC_BOOTSTRAP", "1"),
            ("LD_LIBRARY_PATH", libraries.as_str()),
        ];
        shell::run_with("cargo", &arguments, &env)?;
        eprintln!("portable: {} build for {target}", crates.join(", "));
    }
    Ok(())
}

fn unpack(place: &str) -> Outcome {
    let debs = format!("{place}/debs");
    std::fs::create_dir_all(&debs).map_err(|error| format!("{debs}: {error}"))?;
    let script = format!(
        "cd {debs} && apt-get download {} && for deb in *.deb; do dpkg -x \"$deb\" {place}; done",
        PACKAGES.join(" ")
    );
    shell::run("sh", &["-c", &script])
}
