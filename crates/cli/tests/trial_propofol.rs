//! A short trial of anaesthesia from the command line, and its boxes through every reading verb.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn homeostat(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_homeostat")).args(args).output().expect("the command starts")
}

fn words(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a temporary folder can be made");
    path
}

#[test]
fn pro_06_a_short_trial_leaves_a_report_and_boxes_that_verify_replay_and_explain() {
    let folder = folder("trial-propofol");
    let out = folder.join("out");
    let out = out.display().to_string();
    let run = homeostat(&[
        "trial",
        "--therapy",
        "propofol",
        "--count",
        "2",
        "--minutes",
        "12",
        "--stimulus",
        "none",
        "--controller",
        "tci",
        "--controller",
        "mpc",
        "--out",
        &out,
    ]);
    let (code, table, said) = words(&run);
    assert!(matches!(code, Some(0 | 1)), "{said}");
    assert!(table.contains("Predictive control"), "{table}");
    let read = |name: &str| fs::read_to_string(Path::new(&out).join(name)).expect("it is there");
    assert!(read("report.html").contains("The cohort through the trial"));
    assert!(read("subjects.csv").starts_with("arm,subject,ever_below_30,"));
    assert_eq!(read("heads.csv").lines().count(), 5);
    let scenario = format!("{out}/scenario.toml");
    for arm in ["tci", "mpc"] {
        let cell = format!("{out}/boxes/{arm}/eleveld-adult#002");
        for verb in ["verify", "replay", "show"] {
            let (code, _, said) = words(&homeostat(&["log", verb, &cell]));
            assert_eq!(code, Some(0), "{verb}: {said}");
        }
        let (code, told, said) = words(&homeostat(&["log", "explain", &cell, "--cycle", "60"]));
        assert_eq!(code, Some(0), "{said}");
        assert!(told.contains("signal quality") && told.contains(" mg"), "{told}");
    }
    let heads = read("heads.csv");
    let head = heads.lines().last().and_then(|line| line.rsplit(',').next()).expect("a head");
    let again = homeostat(&[
        "trial",
        "repro",
        "--scenario",
        &scenario,
        "--arm",
        "mpc",
        "--subject",
        "eleveld-adult#002",
        "--seed",
        "1",
        "--expect",
        head,
    ]);
    let (code, _, said) = words(&again);
    assert_eq!(code, Some(0), "{said}");
    let _ = fs::remove_dir_all(folder);
}

/// A man of 95 in Marsh's model, which goes to 100: the loop's own model alone has a limit to override.
const OLD: &str =
    "subject,age,sex,height,weight,propofol_model,limits\nold,95,m,170,70,marsh,override\n";

#[test]
fn sim_14_a_table_is_kept_with_its_trial_and_an_overridden_limit_is_told_by_the_box() {
    let folder = folder("trial-propofol-table");
    let csv = folder.join("csv");
    fs::create_dir(&csv).expect("a folder can be made");
    fs::write(csv.join("t.csv"), OLD).expect("it can be written");
    let scenario = "therapy = \"propofol\"\n[patients]\nfile = \"csv/t.csv\"\n[time]\nminutes = 4\n\
                    [[arms]]\ncontroller = \"mpc\"\n";
    fs::write(folder.join("t.toml"), scenario).expect("it can be written");
    let path = |name: &str| folder.join(name).display().to_string();
    let (code, _, said) =
        words(&homeostat(&["trial", "--scenario", &path("t.toml"), "--out", &path("out")]));
    assert!(matches!(code, Some(0 | 1)), "{said}");
    let limit = "eleveld is valid for age 0 to 88 years, found 95";
    let told = format!("old: limit overridden in the loop's profile: {limit}");
    assert!(said.contains(&told), "{said}");
    let read = |name: &str| fs::read_to_string(path(name)).expect("it is there");
    assert!(read("out/report.html").contains("eleveld is valid for age 0 to 88 years, found 95"));
    assert_eq!(read("out/people/t.csv"), OLD);

    let cell = path("out/boxes/mpc/old");
    let limit =
        "limits overridden by who signed the profile: eleveld is valid for Age 0 to 88, found 95";
    let (code, told, said) = words(&homeostat(&["log", "verify", &cell]));
    assert!(code == Some(0) && told.contains(limit), "{told}{said}");
    let (_, told, _) = words(&homeostat(&["log", "show", &cell]));
    assert!(told.contains("; limits overridden: eleveld is valid for Age 0 to 88"), "{told}");

    // The folder of results suffices, wherever somebody stands.
    fs::remove_dir_all(&csv).expect("the table can go");
    let heads = read("out/heads.csv");
    let head = heads.lines().last().and_then(|line| line.rsplit(',').next()).expect("a head");
    let kept = path("out/scenario.toml");
    let cell = ["--arm", "mpc", "--subject", "old", "--seed", "1", "--expect", head];
    let again = [&["trial", "repro", "--scenario", &kept][..], &cell].concat();
    let (code, _, said) = words(&homeostat(&again));
    assert_eq!(code, Some(0), "{said}");
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn options_of_the_other_therapy_and_wrong_names_are_usage() {
    let cases = [
        (&["--therapy", "propofol", "--days", "2"][..], "--days is an option of insulin"),
        (&["--stimulus", "none"][..], "--stimulus is an option of propofol"),
        (&["--therapy", "propofol", "--controller", "rules"][..], "expected one of tci, pid, mpc"),
        (&["--therapy", "propofol", "--target", "70"][..], "expected an index from 41 to 59"),
        (&["--controller", "pid"][..], "expected one of open-loop, rules, mpc"),
    ];
    for (args, expected) in cases {
        let all = [&["trial", "--print-scenario"][..], args].concat();
        let (code, _, said) = words(&homeostat(&all));
        assert_eq!(code, Some(2), "{args:?}: {said}");
        assert!(said.contains(expected), "{args:?}: {said}");
    }
}

#[test]
fn sim_14_a_printed_scenario_runs_as_what_it_is() {
    let folder = folder("trial-propofol-print");
    let printed = homeostat(&["trial", "--therapy", "propofol", "--print-scenario", "--hazards"]);
    let (code, text, said) = words(&printed);
    assert_eq!(code, Some(0), "{said}");
    let file = folder.join("mine.toml");
    fs::write(&file, &text).expect("it can be written");
    let file = file.display().to_string();
    let (code, again, said) =
        words(&homeostat(&["trial", "--scenario", &file, "--print-scenario"]));
    assert_eq!((code, again), (Some(0), text), "{said}");
    let _ = fs::remove_dir_all(folder);
}
