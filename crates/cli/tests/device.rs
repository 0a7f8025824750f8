//! A device, its controller, its sensor and its pump as real processes, killed one by one: the loop
//! falls back in the same cycle, goes on with its state, and its box verifies and replays.

mod bed;

use std::path::Path;
use std::process::Command;

use bed::{Bed, SPEED, boxes_verify_and_replay, fine, run};

fn children_of(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

fn kill(process: u32) {
    let status = Command::new("kill").args(["-9", &process.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()));
}

#[test]
fn sup_01_mod_13_every_process_is_killed_in_turn_and_the_loop_goes_on() {
    let bed = Bed::new("turn", 47_300);
    let (sensor, pump) = (bed.peer("sensor"), bed.peer("pump"));
    let device = bed.device();
    bed.to_automatic();

    // The controller: fallback, another process, and by a person's word automatic again.
    for controller in children_of(device.0.id()) {
        kill(controller);
    }
    let status = bed.until("in fallback", |status| status["controller"]["starts"] != 1, |_, _| {});
    assert_ne!(status["authority"], "Full", "{status}");
    bed.until(
        "automatic in full",
        |status| status["authority"] == "Full" && status["phase"] == "Automatic",
        Bed::operate,
    );

    // The pump: it comes back as another session, and its totals go on.
    drop(pump);
    let pump = bed.peer("pump");
    bed.until(
        "in full again",
        |status| status["authority"] == "Full" && status["phase"] == "Automatic",
        Bed::operate,
    );

    // The device itself: it does not treat before a person has chosen, and it knows its state.
    let before = bed.status().expect("it answers");
    drop(device);
    let device = bed.device();
    let after = bed.until("started again", |status| status["boot"] == 2, |_, _| {});
    assert_ne!(after["phase"], "Automatic", "{after}");
    assert!(after["cycle"].as_u64() >= before["cycle"].as_u64(), "{before} {after}");
    bed.to_automatic();

    fine(&["device", "stop", "--dir", bed.path()]);
    bed.until("stopped", |status| status["phase"] == "Standby", |_, _| {});
    fine(&["device", "stop", "--end", "--dir", bed.path()]);
    let mut device = device;
    assert!(device.0.wait().expect("it ends").success());
    drop((sensor, pump));

    let replayed = boxes_verify_and_replay(&bed.dir);
    assert!(replayed.starts_with("equal: "), "{replayed}");
    let out = bed.at("taken");
    fine(&["device", "export", "--dir", bed.path(), "--by", "a test", "--out", &out]);
    let custody = std::fs::read_to_string(Path::new(&out).join("custody.json")).expect("there");
    assert!(custody.contains("\"good\": true") && custody.contains("\"taken_by\": \"a test\""));
    assert!(!std::fs::read_dir(Path::new(&out).join("0001")).expect("there").any(|entry| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("key"))
    }));
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_in_words() {
    let bed = Bed::new("refused", 47_310);
    let refused = |bed: &Bed| {
        let output = run(&["device", "run", "--dir", bed.path(), "--speed", SPEED]);
        assert_eq!(output.status.code(), Some(3));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for copy in ["profile.a", "profile.b"] {
        std::fs::write(bed.dir.join(copy), b"damaged").expect("written");
    }
    let said = refused(&bed);
    assert!(said.contains("profile: neither of its two copies can be believed"), "{said}");
    let toml = std::fs::read_to_string(bed.dir.join("device.toml")).expect("there");
    std::fs::write(bed.dir.join("device.toml"), toml.replace("identity = 1", "identitty = 1"))
        .expect("written");
    let said = refused(&bed);
    assert!(said.contains("device.toml:") && said.contains("identitty"), "{said}");
    let nobody = run(&["device", "status", "--dir", bed.path()]);
    assert_eq!(nobody.status.code(), Some(3));
}
