//! The command as a user meets it: exit codes, error texts, and a whole short trial.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::Folder;

fn homeostat(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_homeostat")).args(args).output().expect("the command starts")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A verifier key: the one of the Go project's tests.
#[cfg(unix)]
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

#[test]
fn help_is_fine_and_a_wrong_command_line_is_usage() {
    assert_eq!(code(&homeostat(&["--help"])), Some(0));
    assert_eq!(code(&homeostat(&["--version"])), Some(0));
    for wrong in [
        &["fly"][..],
        &["trial", "--days", "0"],
        &["trial", "--controller", "pid"],
        &["log", "explain", "nowhere"],
        &["log", "prove", "--check", "file"],
    ] {
        let output = homeostat(wrong);
        assert_eq!(code(&output), Some(2), "{wrong:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty(), "{wrong:?}");
    }
}

#[test]
fn unreadable_input_is_one_line_and_leaves_nothing() {
    let folder = Folder::new("unreadable");
    let out = folder.path("out");
    let scenario = folder.file("bad.toml", "[time]\ndays = \"many\"\n");
    let cohort = folder.file("bad.csv", "Name,BW\nsomebody,heavy\n");
    let cases: [(&[&str], &str); 6] = [
        (&["trial", "--scenario", &scenario], "bad.toml:2: time.days: found \"many\"; expected"),
        (&["trial", "--scenario", "no-such-file.toml"], "no-such-file.toml: "),
        (&["trial", "--family", &cohort], "bad.csv"),
        (&["simulate", "--inputs", &cohort], "bad.csv"),
        (&["analyse", &cohort], "bad.csv"),
        (&["log", "verify", &folder.path("nothing")], "nothing"),
    ];
    for (args, says) in cases {
        let mut args = args.to_vec();
        if matches!(args[0], "trial" | "analyse") {
            args.extend(["--out", &out]);
        }
        let output = homeostat(&args);
        let words = stderr(&output);
        assert_eq!(code(&output), Some(3), "{args:?}: {words}");
        assert!(words.starts_with("homeostat: ") && words.contains(says), "{args:?}: {words}");
        assert_eq!(words.trim_end().lines().count(), 1, "{words}");
        assert!(!Path::new(&out).exists(), "{args:?} left something");
    }
    assert_eq!(fs::read_dir(&folder.0).expect("it is there").count(), 2, "nothing half-written");
}

#[test]
fn a_folder_of_somebody_else_is_never_replaced() {
    let folder = Folder::new("precious");
    folder.file("letter.txt", "keep me");
    let output = homeostat(&[
        "trial",
        "--days",
        "1",
        "--run-in",
        "0",
        "--only",
        "adult#001",
        "--out",
        &folder.0.display().to_string(),
    ]);
    assert_eq!(code(&output), Some(3));
    assert!(stderr(&output).contains("holds no former result"));
    assert!(folder.0.join("letter.txt").exists());
}

#[test]
fn a_result_is_replaced_only_where_nothing_else_lies() {
    let folder = Folder::new("replaced");
    let export =
        folder.file("in.csv", "time,glucose\n2025-01-01 00:00,100\n2025-01-01 00:05,101\n");
    let out = folder.path("out");
    let analyse = |out: &str| homeostat(&["analyse", &export, "--out", out]);
    assert_eq!(code(&analyse(&out)), Some(0));
    assert_eq!(code(&analyse(&out)), Some(0), "a former result is replaced");
    let mut left: Vec<_> = fs::read_dir(&out)
        .expect("it is there")
        .map(|entry| entry.expect("it is there").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["analysis.json", "readings.csv", "report.html"]);
    folder.file("out/letter.txt", "keep me");
    let refused = analyse(&out);
    assert_eq!(code(&refused), Some(3));
    assert!(stderr(&refused).contains("holds no former result, or other files too"));
    assert!(folder.0.join("out/letter.txt").exists());
    assert_eq!(fs::read_dir(&folder.0).expect("it is there").count(), 2, "nothing beside it");
}

#[test]
fn the_folder_one_stands_in_is_refused_and_stays() {
    let folder = Folder::new("standing");
    let export = folder.file("../standing.csv", "time,glucose\n2025-01-01 00:00,100\n");
    folder.file("results.json", "{}");
    let output = Command::new(env!("CARGO_BIN_EXE_homeostat"))
        .args(["analyse", &export, "--out", "."])
        .current_dir(&folder.0)
        .output()
        .expect("the command runs");
    assert_eq!(code(&output), Some(3));
    assert!(stderr(&output).contains("the folder that you stand in"), "{}", stderr(&output));
    assert!(folder.0.join("results.json").exists());
}

#[test]
fn a_folder_that_another_run_fills_is_left_to_it() {
    let folder = Folder::new("filled");
    let export = folder.file("in.csv", "time,glucose\n2025-01-01 00:00,100\n");
    fs::create_dir(folder.0.join(".out.partial")).expect("a folder can be made");
    folder.file(".out.partial/half", "of the other run");
    let lock = fs::File::create(folder.0.join(".out.partial/.lock")).expect("a lock can be made");
    lock.lock().expect("nobody else holds it");
    let analyse = || homeostat(&["analyse", &export, "--out", &folder.path("out")]);
    let refused = analyse();
    assert_eq!(code(&refused), Some(3));
    assert!(stderr(&refused).contains("another run is writing there"));
    assert!(folder.0.join(".out.partial/half").exists());
    drop(lock);
    assert_eq!(code(&analyse()), Some(0), "what a killed run left is cleared");
    assert!(!folder.0.join("out/half").exists() && !folder.0.join(".out.partial").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_written_to_and_a_link_stays() {
    let folder = Folder::new("device");
    let inputs = folder.file("in.csv", "subject,minute,meal_g\nadult#001,0,10\n");
    let link = folder.0.join("link.csv");
    std::os::unix::fs::symlink(folder.file("table.csv", ""), &link).expect("a link can be made");
    let simulate =
        |out: &str| homeostat(&["simulate", "--inputs", &inputs, "--minutes", "5", "--out", out]);
    assert!(stdout(&simulate("/proc/self/fd/1")).starts_with("subject,minute"));
    assert_eq!(code(&simulate(&link.display().to_string())), Some(0));
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert!(fs::read_to_string(&link).expect("it is there").starts_with("subject,minute"));
}

#[test]
fn nobody_takes_part_twice() {
    let args = ["trial", "--only", "adult#001", "--only", "adult#001", "--out", "never-made"];
    let output = homeostat(&args);
    assert_eq!(code(&output), Some(3));
    assert!(stderr(&output).contains("\"adult#001\": named twice"), "{}", stderr(&output));
}

#[test]
fn the_printed_scenario_is_read_back_as_it_is() {
    let folder = Folder::new("scenario");
    let printed = stdout(&homeostat(&["trial", "--print-scenario", "--hazards"]));
    let file = folder.file("printed.toml", &printed);
    let again = homeostat(&["trial", "--print-scenario", "--scenario", &file]);
    assert_eq!(stdout(&again), printed);
}

#[test]
fn simulate_gives_what_the_model_gives() {
    let folder = Folder::new("simulate");
    let inputs = folder.file("inputs.csv", "subject,minute,meal_g,bolus_u\nadult#001,5,50,5\n");
    let output = homeostat(&["simulate", "--inputs", &inputs, "--minutes", "10"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let table = stdout(&output);
    let resting = "subject,minute,plasma_mg_dl,subcutaneous_mg_dl\nadult#001,0,138.56,138.56\n\
                   adult#001,5,138.56,138.56\nadult#001,10,";
    assert!(table.starts_with(resting), "{table}");
    assert_eq!(table.lines().count(), 4);
    let rose: f64 = stdout(&output)
        .lines()
        .last()
        .and_then(|line| line.split(',').nth(2)?.parse().ok())
        .expect("a number");
    assert!(rose > 138.56 && rose < 150.0, "{rose}");
}

/// A key that signed nothing here.
const OTHER_SIGNER: &str =
    "clinic.example/other+40cc4e23+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR";

#[test]
fn simulate_refuses_what_cannot_be_with_place_found_and_expected() {
    let folder = Folder::new("absurd");
    let head = "subject,minute,meal_g,bolus_u,basal_u_per_h\n";
    let out = folder.path("out.csv");
    let simulate = |name: &str, text: &str, cohort: &str| {
        let inputs = folder.file(name, text);
        let output = homeostat(&[
            "simulate",
            "--inputs",
            &inputs,
            "--cohort",
            cohort,
            "--minutes",
            "10",
            "--out",
            &out,
        ]);
        assert_eq!(code(&output), Some(3), "{text:.200}: {}", stderr(&output));
        assert!(!Path::new(&out).exists());
        let words = stderr(&output);
        assert_eq!(words.trim_end().lines().count(), 1, "{words}");
        assert!(words.len() < 600, "{} bytes", words.len());
        words
    };
    for (row, says) in [
        ("1,1e300,,", "meal_g: expected a number from 0 to 1000 g, or nothing, found \"1e300\""),
        ("1,,1e9,", "bolus_u: expected a number from 0 to 300 U, or nothing, found \"1e9\""),
        ("1,,,-2", "basal_u_per_h: expected a number from 0 to 50 U/h, or nothing, found \"-2\""),
        ("9999999,,,", "minute: expected a whole number of minutes from 0 to 5255999"),
    ] {
        let words = simulate("in.csv", &format!("{head}adult#001,{row}\n"), "uva-padova");
        assert!(words.contains(&format!("in.csv, line 2, column {says}")), "{words}");
    }
    let words = simulate("in.csv", &format!("{head}adlt#001,1,,,\n"), "uva-padova");
    assert!(words.contains("one of 30, the nearest adult#001, adult#002"), "{words}");
    let long = format!("{head}{},1,,,\n", "z".repeat(100_000));
    assert!(simulate("in.csv", &long, "uva-padova").contains("zzz…\""));
    let published = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../patients/data/s2008.csv"),
    )
    .expect("the published subjects are there");
    let heavy =
        folder.file("heavy.csv", &published.replace("adult#001,102.32,", "adult#001,1e300,"));
    let words = simulate("in.csv", head, &heavy);
    let line = 1 + published.lines().position(|line| line.starts_with("adult#001")).expect("there");
    let says = "column BW: expected a number from 2 to 400 kg, found \"1e300\"";
    assert!(words.contains(&format!("heavy.csv, line {line}, {says}")), "{words}");
    let names: Vec<_> = fs::read_dir(&folder.0)
        .expect("it is there")
        .map(|entry| entry.expect("it is there").file_name())
        .collect();
    assert_eq!(names.len(), 2, "nothing half-written: {names:?}");
}

#[test]
fn simulate_bounds_its_minutes_and_says_what_is_never_lived() {
    let folder = Folder::new("minutes");
    let inputs = folder.file("in.csv", "subject,minute,meal_g\nadult#001,600,10\n");
    for wrong in ["0", "5256001", "-1", "1e3"] {
        let output = homeostat(&["simulate", "--inputs", &inputs, "--minutes", wrong]);
        assert_eq!(code(&output), Some(2), "{wrong}");
        assert!(stdout(&output).is_empty());
    }
    let output = homeostat(&["simulate", "--inputs", &inputs, "--minutes", "10"]);
    assert_eq!(code(&output), Some(0));
    assert!(stderr(&output).contains("1 minutes with rows lie behind the end, 10"));
    let folder = homeostat(&["simulate", "--inputs", &inputs, "--out", &folder.path("")]);
    assert_eq!(code(&folder), Some(3));
    assert!(stderr(&folder).contains("is a folder"), "{}", stderr(&folder));
}

/// Ten years of everyone, minute by minute, are 158 million rows: only a command that writes while it
/// goes has anything to show before its reader leaves.
#[cfg(unix)]
#[test]
fn simulate_writes_while_it_goes_and_ends_with_its_reader() {
    use std::io::BufRead;
    let folder = Folder::new("streams");
    let inputs = folder.file("in.csv", "subject,minute\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_homeostat"))
        .args(["simulate", "--inputs", &inputs, "--minutes", "5256000", "--every", "1"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command starts");
    let out = child.stdout.take().expect("it is piped");
    let seen = std::io::BufReader::new(out).lines().take(10_000).filter(Result::is_ok).count();
    assert_eq!(seen, 10_000);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((code(&output), stderr(&output)), (Some(0), String::new()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_no_success() {
    let folder = Folder::new("full");
    let inputs = folder.file("in.csv", "subject,minute\n");
    let output = homeostat(&["simulate", "--inputs", &inputs, "--out", "/dev/full"]);
    assert_eq!(code(&output), Some(3), "{}", stderr(&output));
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let status = Command::new(env!("CARGO_BIN_EXE_homeostat"))
        .args(["simulate", "--inputs", &inputs])
        .stdout(full)
        .stderr(std::process::Stdio::null())
        .status()
        .expect("the command starts");
    assert_eq!(status.code(), Some(3));
}

#[test]
fn a_subject_that_nobody_is_stands_with_its_line_or_its_option() {
    let folder = Folder::new("nobody");
    let out = folder.path("out");
    let scenario = folder.file("day.toml", "[patients]\nsubjects = [\n\"adlt#001\"]\n");
    let empty = folder.file("empty.toml", "# nothing\n");
    let refused = |args: &[&str]| {
        let output = homeostat(args);
        assert_eq!(code(&output), Some(3), "{args:?}");
        assert!(!Path::new(&out).exists());
        stderr(&output)
    };
    let words = refused(&["trial", "--scenario", &scenario, "--out", &out]);
    let says = "day.toml:3: patients.subjects: found \"adlt#001\"; expected one of 30, the nearest \
                adult#001";
    assert!(words.contains(says), "{words}");
    let words = refused(&["trial", "--scenario", &scenario, "--only", "me", "--out", &out]);
    assert!(words.starts_with("homeostat: subject \"me\": not in the cohort"), "{words}");
    let words = refused(&["trial", "--scenario", &empty, "--out", &out]);
    assert!(words.contains("empty.toml:1: (file): found nothing; expected a scenario"), "{words}");
    let words =
        stderr(&homeostat(&["trial", "repro", "--arm", "mcp", "--subject", "x", "--seed", "1"]));
    assert!(words.contains("--arm: found \"mcp\"; expected one of 3: mpc"), "{words}");
}

/// What a hostile export says of a person is text in every form that leaves the command.
#[test]
fn a_hostile_name_is_text_wherever_it_stands() {
    let folder = Folder::new("hostile");
    let names = [
        "<img src=x onerror=alert(1)>",
        "=cmd|'/c calc'!A1",
        "@SUM(1)",
        "-2+3",
        "</title><script>",
    ];
    let mut text = "id,time,glucose mg/dL\n".to_owned();
    for (index, name) in names.iter().enumerate() {
        for minute in 0..50 {
            text.push_str(&format!(
                "\"{name}\",2025-01-0{} 00:{minute:02},1{minute:02}\n",
                index + 1
            ));
        }
        text.push_str(&format!("\"{name}\",2025-01-09 00:00,<b>oops</b>\n"));
    }
    let export = folder.file("a'b <i>.csv", &text);
    let out = folder.path("out");
    let output = homeostat(&["analyse", &export, "--units", "mg/dL", "--out", &out]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let file = |name: &str| fs::read_to_string(Path::new(&out).join(name)).expect("it is there");
    let page = file("report.html");
    for tag in ["<img", "<script", "<b>oops", "<i>"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(page.contains("a'\\''b &lt;i&gt;.csv' --units mg/dL"), "the command can be copied");
    let table = file("readings.csv");
    for row in table.lines().skip(1) {
        let first = row.trim_start_matches('"').chars().next();
        assert!(!matches!(first, Some('=' | '+' | '-' | '@')), "{row}");
    }
    assert!(table.contains("\n'=cmd|'/c calc'!A1,2025-01-02T00:00:00,100.0,"), "{table:.3000}");
    let json: serde_json::Value = serde_json::from_str(&file("analysis.json")).expect("JSON");
    assert_eq!(json["subjects"][1]["subject"], names[1], "data stay what they are");
}

#[test]
fn analyse_says_the_unit_it_guessed_and_takes_the_order_of_dates() {
    let folder = Folder::new("guess");
    let export =
        folder.file("in.csv", "time,glucose\n03-04-2025 00:00,100\n03-04-2025 00:05,101\n");
    let said = stdout(&homeostat(&["analyse", &export]));
    assert!(said.starts_with("plain CSV, glucose in mg/dL: guessed from the range"), "{said}");
    assert!(
        said.contains("note: line 2: no date tells whether day or month comes first"),
        "{said}"
    );
    let json = stdout(&homeostat(&["analyse", &export, "--json", "--dates", "month-first"]));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["source"]["unit_guessed"], true);
    assert_eq!(json["subjects"][0]["days"][0]["date"], "2025-03-04");
    assert!(json["source"]["command"].as_str().expect("a text").ends_with(" --dates month-first"));
    let twice = folder.file("twice.csv", "time,glucose,glucose\n2025-01-01 00:00,100,200\n");
    let output = homeostat(&["analyse", &twice]);
    assert_eq!(code(&output), Some(3));
    let says =
        "twice.csv:1: found two columns of one name, column 2 \"glucose\" and column 3 \"glucose\"";
    assert!(stderr(&output).contains(says), "{}", stderr(&output));
}

#[test]
fn a_short_trial_leaves_boxes_that_verify_replay_explain_prove_and_export() {
    let folder = Folder::new("trial");
    let out = folder.path("out");
    let output = homeostat(&[
        "trial",
        "--days",
        "1",
        "--run-in",
        "0",
        "--only",
        "adult#001",
        "--controller",
        "rules",
        "--out",
        &out,
    ]);
    assert!(matches!(code(&output), Some(0 | 1)), "{}", stderr(&output));
    for name in ["report.html", "results.json", "subjects.csv", "scenario.toml", "heads.csv"] {
        assert!(Path::new(&out).join(name).is_file(), "{name}");
    }
    let black_box = format!("{out}/boxes/rules/adult#001");
    let run = |args: &[&str]| {
        let output = homeostat(args);
        assert_eq!(code(&output), Some(0), "{args:?}: {}", stderr(&output));
        stdout(&output)
    };
    let verified = run(&["log", "verify", &black_box]);
    assert!(verified.starts_with("good: "), "{verified}");
    assert!(verified.contains("profile signature: valid, revision 1, by key "), "{verified}");
    let replayed = run(&["log", "replay", &black_box]);
    assert!(replayed.starts_with("equal: 288 cycles"), "{replayed}");
    assert!(replayed.contains("profile signature: valid, revision 1, by key "), "{replayed}");
    for verb in ["verify", "replay"] {
        let output = homeostat(&["log", verb, &black_box, "--profile-key", OTHER_SIGNER]);
        assert_eq!(code(&output), Some(1), "{verb}");
        let words = stderr(&output);
        assert!(words.contains("profile refused: no signature is by a known key"), "{words}");
    }
    assert!(run(&["log", "show", &black_box, "--count", "5"]).contains("snapshot"));
    let words = run(&["log", "explain", &black_box, "--at", "2026-01-01T12:00"]);
    for said in ["Cycle 144", "Mode", "announced 70 g", "Ordered"] {
        assert!(words.contains(said), "{words}");
    }
    let verified = run(&["log", "verify", &black_box, "--json"]);
    let verified: serde_json::Value = serde_json::from_str(&verified).expect("JSON");
    let key = verified["key"].as_str().expect("a key").to_owned();
    let head = verified["head"].as_str().expect("a head").to_owned();
    let proof = folder.path("entry.proof");
    run(&["log", "prove", &black_box, "42", "--out", &proof]);
    assert!(run(&["log", "prove", "--check", &proof, "--vkey", &key]).contains(&head));
    let tiles = folder.path("tiles");
    run(&["log", "export", &black_box, "--out", &tiles]);
    assert!(run(&["log", "verify", &tiles, "--vkey", &key]).contains(&head));
    let repeated = run(&[
        "trial",
        "repro",
        "--days",
        "1",
        "--run-in",
        "0",
        "--arm",
        "rules",
        "--controller",
        "rules",
        "--subject",
        "adult#001",
        "--seed",
        "1",
        "--expect",
        &head,
    ]);
    assert_eq!(repeated.trim(), head);
    let other = homeostat(&[
        "trial",
        "repro",
        "--days",
        "1",
        "--run-in",
        "0",
        "--arm",
        "rules",
        "--subject",
        "adult#002",
        "--seed",
        "1",
        "--expect",
        &head,
    ]);
    assert_eq!(code(&other), Some(1));
}

#[test]
fn int_04_a_damaged_profile_is_explained_where_it_was_found() {
    let folder = Folder::new("profile");
    let scenario = folder.file(
        "scenario.toml",
        "[time]\nrun-in-days = 0\ndays = 1\n[patients]\nsubjects = [\"adult#001\"]\n\
         [[arms]]\ncontroller = \"mpc\"\n\
         [[faults]]\nkind = \"profile\"\nfails = \"foreign-key\"\nat = \"10:00\"\nminutes = 60\n",
    );
    let out = folder.path("out");
    let output = homeostat(&["trial", "--scenario", &scenario, "--out", &out]);
    assert!(matches!(code(&output), Some(0 | 1)), "{}", stderr(&output));
    let black_box = format!("{out}/boxes/mpc/adult#001");
    let explain = |cycle: &str| {
        let output = homeostat(&["log", "explain", &black_box, "--cycle", cycle]);
        assert_eq!(code(&output), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    assert!(explain("119").contains("Mode       automatic;"), "{}", explain("119"));
    let words = explain("120");
    for said in [
        "Mode       fallback: insulin stopped",
        "The therapy profile is missing, damaged or not signed for this device.",
        "[MOD-14]",
        "Noted      profile refused: no signature is by a known key",
    ] {
        assert!(words.contains(said), "{words}");
    }
    assert!(explain("132").contains("Noted      the stored profile is the one in use again"));
}

#[test]
fn a_damaged_box_is_a_negative_verdict_and_what_stands_before_it_is_shown() {
    let folder = Folder::new("damaged");
    let black_box = day_box(&folder);
    let segment = Path::new(&black_box).join("segment-00000000");
    let mut bytes = fs::read(&segment).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).expect("it can be written");
    for verb in ["verify", "replay", "show"] {
        let output = homeostat(&["log", verb, &black_box]);
        assert_eq!(code(&output), Some(1), "{verb}");
        let words = stderr(&output);
        assert!(words.contains("at entry ") && words.contains("segment-00000000"), "{words}");
        assert!(words.contains("before it are good"), "{words}");
    }
    let shown = stdout(&homeostat(&["log", "show", &black_box]));
    assert!(shown.lines().count() > 50, "{shown}");
    let output = homeostat(&["log", "explain", &black_box, "--cycle", "280"]);
    assert_eq!(code(&output), Some(1), "a cycle behind the damage: {}", stderr(&output));
    let output = homeostat(&["log", "verify", &black_box, "--at-least", "100000"]);
    assert_eq!(code(&output), Some(1));
}

/// A box of one patient-day without automation.
fn day_box(folder: &Folder) -> String {
    let black_box = folder.path("box");
    let made = homeostat(&[
        "trial",
        "repro",
        "--days",
        "1",
        "--run-in",
        "0",
        "--arm",
        "open-loop",
        "--subject",
        "adult#001",
        "--seed",
        "1",
        "--box",
        &black_box,
    ]);
    assert_eq!(code(&made), Some(0), "{}", stderr(&made));
    black_box
}

#[test]
fn log_03_without_checkpoints_show_lists_every_entry_and_says_that_nothing_vouches_for_the_last() {
    let folder = Folder::new("slots");
    let black_box = day_box(&folder);
    let whole = stdout(&homeostat(&["log", "show", &black_box]));
    assert!(whole.lines().all(|line| line.as_bytes()[7] == b' '), "{whole}");
    for name in ["checkpoint-0", "checkpoint-1"] {
        fs::remove_file(Path::new(&black_box).join(name)).expect("it is there");
    }
    let output = homeostat(&["log", "show", &black_box]);
    assert_eq!(code(&output), Some(1));
    let (shown, words) = (stdout(&output), stderr(&output));
    assert_eq!(shown.lines().count(), whole.lines().count());
    assert!(
        words.contains("no signature covers entries ") && words.contains("no readable"),
        "{words}"
    );
    let marks: Vec<bool> = shown.lines().map(|line| line.as_bytes()[7] == b'?').collect();
    assert!(!marks[0] && marks[marks.len() - 1], "{shown}");
    assert_eq!(code(&homeostat(&["log", "verify", &black_box])), Some(1));
}

#[test]
fn log_03_a_head_that_was_kept_shows_a_box_that_was_cut_back_or_rewritten() {
    let folder = Folder::new("expect");
    let black_box = day_box(&folder);
    let said = stdout(&homeostat(&["log", "verify", &black_box]));
    let head = said.lines().find_map(|line| line.trim().strip_prefix("newest signed head: "));
    let head = head.unwrap_or_else(|| panic!("{said}")).to_owned();
    assert!(said.contains("closed in order") && said.contains("--expect"), "{said}");
    let (size, root) = head.split_once(':').expect("size:root");
    let expect = |box_folder: &str, head: &str| {
        let output = homeostat(&["log", "verify", box_folder, "--expect", head]);
        (code(&output), stdout(&output) + &stderr(&output))
    };
    let (status, words) = expect(&black_box, &head);
    assert!(status == Some(0) && words.contains("held against what you gave"), "{words}");
    let later = format!("{}:{root}", size.parse::<u64>().expect("a number") + 12);
    let (status, words) = expect(&black_box, &later);
    assert!(status == Some(1) && words.contains("12 are gone"), "{words}");
    let (status, words) = expect(&black_box, &format!("{size}:{}", "0".repeat(64)));
    assert!(status == Some(1) && words.contains("at entry 0 to "), "{words}");
    // Checkpoints that were kept, as a slot and as a note.
    let tiles = folder.path("tiles");
    assert_eq!(code(&homeostat(&["log", "export", &black_box, "--out", &tiles])), Some(0));
    for file in [format!("{black_box}/checkpoint-0"), format!("{tiles}/checkpoint")] {
        assert_eq!(expect(&black_box, &file).0, Some(0), "{file}");
        assert_eq!(expect(&tiles, &file).0, Some(0), "{file}");
    }
    for (text, status, said) in [
        ("12", 2, "expected size:root"),
        ("302:12", 2, "expected size:root"),
        (&black_box, 3, "not a regular file"),
        (&format!("{black_box}/segment-00000000"), 3, "expected a signed checkpoint"),
    ] {
        let (found, words) = expect(&black_box, text);
        assert!(found == Some(status) && words.contains(said), "{text}: {words}");
    }
}

#[cfg(unix)]
#[test]
fn log_03_a_pipe_in_place_of_a_file_is_named_and_not_waited_for() {
    let folder = Folder::new("pipe");
    let black_box = day_box(&folder);
    let segment = format!("{black_box}/segment-00000000");
    fs::remove_file(&segment).expect("it is there");
    assert!(Command::new("mkfifo").arg(&segment).status().expect("it starts").success());
    for verb in ["show", "verify", "replay"] {
        let output = homeostat(&["log", verb, &black_box]);
        let words = stderr(&output);
        assert_eq!(code(&output), Some(1), "{words}");
        assert!(
            words.contains("not a regular file") && words.contains("segment-00000000"),
            "{words}"
        );
    }
    let output = homeostat(&["log", "prove", "--check", &segment, "--vkey", PETER]);
    assert_eq!(code(&output), Some(3));
    assert!(stderr(&output).contains("not a regular file"), "{}", stderr(&output));
}

#[test]
fn the_demo_ends_with_a_picture_and_a_good_box() {
    let output = homeostat(&["demo", "--fast"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let words = stdout(&output);
    assert!(words.contains("8 of 8 checkers"), "{words}");
    assert!(words.contains("No glucose value."), "{words}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_homeostat"))
        .args(["trial", "--print-scenario", "--hazards"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).is_empty());
}
