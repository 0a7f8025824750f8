//! `homeostat simulate --therapy propofol` as a user meets it.

mod common;

use std::process::{Command, Output};

use common::Folder;

fn simulate(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_homeostat"))
        .args(["simulate", "--therapy", "propofol"])
        .args(args)
        .output()
        .expect("the command starts")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const RATES: &str =
    "subject,second,propofol_mg_per_s,remifentanil_ug_per_s,norepinephrine_ug_per_s\n";

#[test]
fn a_persons_table_in_concentrations_index_and_pressure_out() {
    let folder = Folder::new("propofol-person");
    let cohort = folder.file(
        "cohort.csv",
        "subject,age,sex,height,weight,propofol_model,remifentanil_model,bis_model,delay\n\
         me,35,male,170,70,eleveld,minto,bouillon,30\n",
    );
    let rates = folder.file("rates.csv", &format!("{RATES}me,0,2,,\nme,60,0.15,0.1,\n"));
    let arguments = ["--cohort", &cohort, "--inputs", &rates, "--seconds", "600"];
    let output = simulate(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let table = out(&output);
    assert_eq!(table.lines().count(), 1 + 601);
    let head = "subject,second,propofol_plasma_ug_per_ml,propofol_effect_site_ug_per_ml,\
        remifentanil_plasma_ng_per_ml,remifentanil_effect_site_ng_per_ml,\
        norepinephrine_plasma_ng_per_ml,bis,bis_undelayed,map_mmhg,cardiac_output_l_per_min,\
        heart_rate_per_min";
    assert_eq!(table.lines().next(), Some(head));
    let field = |second: usize, column: usize| -> f64 {
        let line = table.lines().nth(1 + second).expect("the row is there");
        line.split(',').nth(column).and_then(|text| text.parse().ok()).expect("a number")
    };
    // The index follows its effect by 30 s.
    for second in [30, 60, 300, 600] {
        assert_eq!(field(second, 7), field(second - 30, 8));
    }
    assert!(field(600, 7) < 70.0 && field(600, 9) < 80.0 && field(600, 4) > 1.0);
    let every = simulate(&[&arguments[..], &["--every", "60", "--states", "--monitor"]].concat());
    assert_eq!(out(&every).lines().count(), 1 + 11);
    assert!(out(&every).lines().all(|line| line.split(',').count() == 12 + 5 + 4));
    let minutes = ["--cohort", &cohort, "--inputs", &rates, "--minutes", "10"];
    assert_eq!(out(&simulate(&minutes)), table);
}

#[test]
fn built_in_cohorts_live_by_name_and_seed() {
    let folder = Folder::new("propofol-cohorts");
    let nobody = folder.file("rates.csv", "subject,second\n");
    for (cohort, people) in [
        ("ionescu", 13),
        ("ionescu-surface", 13),
        ("eleveld-adults", 7),
        ("eleveld-elderly", 7),
        ("eleveld-children", 7),
    ] {
        let output = simulate(&[
            "--cohort",
            cohort,
            "--inputs",
            &nobody,
            "--count",
            "7",
            "--seconds",
            "2",
            "--every",
            "2",
        ]);
        assert_eq!(output.status.code(), Some(0), "{cohort}: {}", err(&output));
        assert_eq!(out(&output).lines().count(), 1 + 2 * people, "{cohort}");
    }
    let rates = folder.file("more.csv", &format!("{RATES}eleveld-adult#002,0,1,0.1,\n"));
    let drawn = |more: &[&str]| {
        let arguments = ["--cohort", "eleveld-adults", "--inputs", &rates, "--minutes", "20"];
        let output = simulate(&[&arguments[..], &["--every", "10"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    let plain = drawn(&[]);
    assert!(plain == drawn(&["--count", "300", "--seed", "1"]));
    for other in [&["--seed", "2"][..], &["--opioids"], &["--stimulus", "random"]] {
        assert!(plain != drawn(other), "{other:?}");
    }
}

#[test]
fn limits_are_refused_by_name_or_overridden_and_said() {
    let folder = Folder::new("propofol-limits");
    let cohort = folder.file(
        "cohort.csv",
        "subject,age_y,sex,height_cm,weight_kg,propofol_model\nheavy,40,female,160,100,schnider\n",
    );
    let rates = folder.file("rates.csv", "subject,second\n");
    let arguments = ["--cohort", &cohort, "--inputs", &rates, "--seconds", "1"];
    let refused = simulate(&arguments);
    assert_eq!(refused.status.code(), Some(3));
    let words = err(&refused);
    let says = "line 2: schnider is valid for body mass index 0 to 36.1";
    assert!(words.contains(says) && out(&refused).is_empty(), "{words}");
    let kept = simulate(&[&arguments[..], &["--override-limits"]].concat());
    assert_eq!(kept.status.code(), Some(0));
    let words = err(&kept);
    assert!(words.starts_with("heavy: limit overridden: schnider is valid for"), "{words}");
}

#[test]
fn what_cannot_be_is_one_line_with_its_place() {
    let folder = Folder::new("propofol-wrong");
    let rates = folder.file("rates.csv", &format!("{RATES}ionescu#01,0,1e300,,\n"));
    let output = simulate(&["--inputs", &rates]);
    assert_eq!(output.status.code(), Some(3));
    let words = err(&output);
    let says = "rates.csv, line 2, column propofol_mg_per_s: expected a number from 0 to 50 mg/s, or \
                nothing, found \"1e300\"";
    assert!(words.contains(says) && words.trim_end().lines().count() == 1, "{words}");
    let late = folder.file("late.csv", "subject,second,propofol_mg_per_s\nionescu#01,600,1\n");
    let output = simulate(&["--inputs", &late, "--seconds", "10"]);
    assert!(
        err(&output).contains("1 seconds with rows lie behind the end, 10"),
        "{}",
        err(&output)
    );
    for wrong in [
        &["--seconds", "0"][..],
        &["--seconds", "604801"],
        &["--minutes", "10081"],
        &["--minutes", "1", "--seconds", "1"],
        &["--stimulus", "loud"],
        &["--opioids"],
        &["--every", "0"],
    ] {
        let output = simulate(&[&["--inputs", &late][..], wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", err(&output));
    }
    // What only anaesthesia has is not silently ignored elsewhere.
    let output = Command::new(env!("CARGO_BIN_EXE_homeostat"))
        .args(["simulate", "--inputs", &late, "--monitor"])
        .output()
        .expect("the command starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("--monitor is for --therapy propofol"));
}
