//! A device, its controller, its sensor and its pump as real processes, killed one by one: the loop
//! falls back in the same cycle, goes on with its state, and its box verifies and replays.

mod bed;

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use bed::{Bed, PATIENCE, Process, SPEED, boxes_verify_and_replay, fine, homeostat, run, start};

fn children_of(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// The child of this process that is this part.
fn part_of(parent: u32, name: &str) -> u32 {
    let is = |child: &u32| {
        let words = std::fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|word| word == name.as_bytes())
    };
    children_of(parent).into_iter().find(is).expect("it runs")
}

fn kill(process: u32) {
    signal("-KILL", process);
}

fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([name, &process.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()));
}

#[test]
fn sup_01_mod_13_every_process_is_killed_in_turn_and_the_loop_goes_on() {
    let bed = Bed::new("turn");
    let (sensor, pump) = (bed.peer("sensor"), bed.peer("pump"));
    let device = bed.device();
    bed.to_automatic();

    // The controller: fallback, another process, and by a person's word automatic again.
    kill(part_of(device.0.id(), "controller"));
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

    // The sensor, stopped and then killed: the loop goes on without a value, and again with one.
    let full = |status: &Value| status["authority"] == "Full" && status["phase"] == "Automatic";
    let blind = |status: &Value| status["authority"] != "Full";
    signal("-STOP", sensor.0.id());
    bed.until("without a sensor that hangs", blind, |_, _| {});
    signal("-CONT", sensor.0.id());
    bed.until("in full with the sensor that hung", full, Bed::operate);
    drop(sensor);
    bed.until("without a sensor", blind, |_, _| {});
    let sensor = bed.peer("sensor");
    bed.until("in full with another process of the sensor", full, Bed::operate);

    // What sounds the alarms: it is started anew, and confirms again.
    let annunciator = part_of(device.0.id(), "annunciator");
    signal("-STOP", annunciator);
    bed.until("mute", |status| status["alarms"]["confirmed"] == false, |_, _| {});
    let heard = |status: &Value| status["alarms"]["confirmed"] == true;
    bed.until("heard again", heard, |_, _| {});
    assert_ne!(part_of(device.0.id(), "annunciator"), annunciator);

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
    let left = fine(&["device", "stop", "--end", "--json", "--dir", bed.path()]);
    let left: Value = serde_json::from_slice(&left.stdout).expect("what is handed over");
    let words: Vec<&str> =
        left["words"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for begin in ["The device ends. ", "Glucose ", "Insulin: ", "What to do: "] {
        assert!(words.iter().any(|line| line.starts_with(begin)), "{begin}: {words:?}");
    }
    let told = |part: &str| words.iter().any(|line| line.contains(part));
    assert!(told("unreconciled") && (told("pen alarm") || told("No alarm")), "{words:?}");
    assert_eq!(left["status"]["storage"]["boxes"], 1, "{left}");
    let mut device = device;
    assert!(device.0.wait().expect("it ends").success());
    drop((sensor, pump));

    let replayed = boxes_verify_and_replay(&bed.dir);
    assert!(replayed.starts_with("equal: "), "{replayed}");
    let out = bed.at("taken");
    fine(&["device", "export", "--dir", bed.path(), "--by", "a test", "--out", &out]);
    let custody = std::fs::read_to_string(Path::new(&out).join("custody.json")).expect("there");
    assert!(custody.contains("\"good\": true") && custody.contains("\"taken_by\": \"a test\""));
    let copied = fine(&["device", "copied", "--dir", bed.path(), &out]);
    let said = String::from_utf8_lossy(&copied.stderr).into_owned();
    assert!(
        said.contains("0 boxes may go when room is needed; box 0001 is still written"),
        "{said}"
    );
    assert!(!std::fs::read_dir(Path::new(&out).join("0001")).expect("there").any(|entry| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("key"))
    }));
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_in_words() {
    let bed = Bed::new("refused");
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

/// What the device says to who watches over it, without waiting for longer than `patience`.
fn heard(socket: &UnixDatagram, patience: Duration) -> Option<String> {
    socket.set_read_timeout(Some(patience)).expect("set");
    let mut bytes = [0; 64];
    let length = socket.recv(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
}

#[test]
fn sup_06_the_watchdog_is_fed_by_completed_cycles_alone() {
    let bed = Bed::new("watched");
    let path = bed.at("notify");
    let socket = UnixDatagram::bind(&path).expect("bound");
    let mut device = homeostat(&["device", "run", "--dir", bed.path(), "--speed", SPEED]);
    device.env("NOTIFY_SOCKET", &path).stdout(Stdio::null()).stderr(Stdio::null());
    let mut device = Process(device.spawn().expect("it can be started"));
    assert_eq!(heard(&socket, PATIENCE).as_deref(), Some("READY=1"));
    for _ in 0..3 {
        assert_eq!(heard(&socket, PATIENCE).as_deref(), Some("WATCHDOG=1"));
    }
    // It hangs: what is on its way arrives, and then nothing for several cycles of half a second.
    signal("-STOP", device.0.id());
    while heard(&socket, Duration::from_millis(100)).is_some() {}
    assert_eq!(heard(&socket, Duration::from_secs(2)), None);
    signal("-CONT", device.0.id());
    assert_eq!(heard(&socket, PATIENCE).as_deref(), Some("WATCHDOG=1"));
    // An order to end is an orderly end.
    signal("-TERM", device.0.id());
    let last = std::iter::from_fn(|| heard(&socket, PATIENCE)).find(|said| said != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert!(device.0.wait().expect("it ends").success());
    let life = std::fs::read(bed.dir.join("life.a")).expect("there");
    assert!(String::from_utf8_lossy(&life).contains("orderly"));
}

#[test]
fn one_command_makes_runs_and_ends_the_device_of_a_virtual_person() {
    let mut bed = Bed { dir: std::env::temp_dir() };
    bed.dir.push(format!("homeostat-device-{}-simulated", std::process::id()));
    let script = std::env::temp_dir().join(format!("homeostat-script-{}", std::process::id()));
    std::fs::write(&script, "drop 0.02\n").expect("written");
    let script = script.to_str().expect("UTF-8");
    let mut device = start(&[
        "device",
        "run",
        "--simulated",
        "--therapy",
        "insulin",
        "--script",
        script,
        "--dir",
        bed.path(),
        "--speed",
        SPEED,
    ]);
    bed.to_automatic();
    let status = bed.until("heard", |status| status["alarms"]["confirmed"] == true, |_, _| {});
    assert!(status["alarms"]["conditions"].is_array(), "{status}");
    // Sensor, pump, a network before each, the controller, the annunciator.
    let parts = children_of(device.0.id());
    assert_eq!(parts.len(), 6, "{parts:?}");
    // The first network is the sensor's: without it there is no value.
    kill(part_of(device.0.id(), "proxy"));
    bed.until("cut off", |status| status["authority"] != "Full", |_, _| {});
    signal("-INT", device.0.id());
    assert!(device.0.wait().expect("it ends").success());
    for part in parts {
        assert!(!Path::new(&format!("/proc/{part}")).exists(), "{part} still runs");
    }
    let other =
        run(&["device", "run", "--simulated", "--therapy", "propofol", "--dir", bed.path()]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("is for insulin"));
    let shown = fine(&["device", "config", "--dir", bed.path(), "--set", "alarms.pause_s=60"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    assert!(line("alarms.pause_s").ends_with("= 60  # command line"), "{shown}");
    assert!(line("therapy").ends_with("= \"insulin\"  # device.toml:3"), "{shown}");
    assert!(line("profile.period").ends_with("= 300 s  # signed profile"), "{shown}");
    let _ = std::fs::remove_file(script);
}

#[test]
fn sup_01_parts_end_with_a_device_that_is_killed() {
    let mut bed = Bed { dir: std::env::temp_dir() };
    bed.dir.push(format!("homeostat-device-{}-orphans", std::process::id()));
    let device = start(&["device", "run", "--simulated", "--dir", bed.path(), "--speed", SPEED]);
    bed.until("started", |status| status["cycle"].as_u64() > Some(0), |_, _| {});
    let parts = children_of(device.0.id());
    assert_eq!(parts.len(), 4, "{parts:?}");
    // Nobody is left to end them.
    drop(device);
    let runs = |part: &u32| {
        let state = std::fs::read_to_string(format!("/proc/{part}/stat")).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z ")
    };
    for _ in 0..600 {
        if !parts.iter().any(runs) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{parts:?} still run");
}

#[test]
fn alm_10_an_annunciator_plays_what_it_is_told_and_confirms_it() {
    let samples = std::env::temp_dir().join(format!("homeostat-sound-{}", std::process::id()));
    let play = format!("tee {}", samples.display());
    let mut annunciator = homeostat(&["device", "annunciator", "--play", &play]);
    annunciator.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut annunciator = Process(annunciator.spawn().expect("it can be started"));
    let mut lines = annunciator.0.stdin.take().expect("piped");
    let mut said = BufReader::new(annunciator.0.stdout.take().expect("piped"));
    lines.write_all(b"7 1 high high\n").expect("written");
    let mut confirmed = String::new();
    said.read_line(&mut confirmed).expect("it is confirmed");
    assert_eq!(
        confirmed,
        "7
"
    );
    drop(lines);
    annunciator.0.wait().expect("it ends");
    let played = std::fs::read(&samples).expect("it was played");
    let loud = played.chunks_exact(2).any(|pair| i16::from_le_bytes([pair[0], pair[1]]) > 10_000);
    assert!(loud, "{} bytes", played.len());
    let _ = std::fs::remove_file(samples);
}
