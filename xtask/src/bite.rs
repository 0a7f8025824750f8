//! Does the second opinion bite? Mutates the lines of kernel and therapy that bear on the dose,
//! one at a time, runs one small trial corpus with each mutant, and counts on which share of those
//! that change the dose the second opinion speaks up more often than it did without the mutant.
//!
//! Two shares are told. The strict one is over every mutant that changed any order at all. The one
//! that decides is over the relevant ones: in some cell the dose of the whole run changed by
//! [`RELEVANT`], or that of some shorter time by as much of a longer one's (a [`Therapy`] says of
//! which). A smaller change is within what an honest controller may choose, and nobody could call it
//! wrong from outside.
//!
//! `homeostat trial` keeps its orders and opinions in black boxes. A therapy's probe runs the same cells
//! and prints them; it is built into the copied tree only.

mod therapy;

pub(crate) use therapy::Therapy;

use crate::shell::{self, Outcome};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What is exchanged for what. Besides these, each plain condition is negated once.
const EXCHANGES: &[(&str, &str)] = &[
    (" + ", " - "),
    (" - ", " + "),
    (" * ", " / "),
    (" / ", " * "),
    (" < ", " > "),
    (" > ", " < "),
    (" <= ", " > "),
    (" >= ", " < "),
    (" && ", " || "),
    (" || ", " && "),
    (" += ", " -= "),
    (" -= ", " += "),
    (".saturating_add(", ".saturating_sub("),
    (".saturating_sub(", ".saturating_add("),
    ("min(", "max("),
    ("max(", "min("),
];

/// Its place in the copied tree.
const PROBE_FILE: &str = "crates/trial/src/bin/bite_probe.rs";

/// A change of the dose from which a mutant is relevant, as a part of the dose.
const RELEVANT: f64 = 0.05;

const MUTANTS_MAX: usize = 120;

/// The corpus takes a second or two; a mutant that takes a minute does not end.
const LOOKS_MAX: u32 = 3_000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

struct Mutant {
    file: PathBuf,
    line: usize,
    before: String,
    after: String,
}

/// What a cell showed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    dose: f64,
    objected: u64,
    differed: u64,
    alarms: u64,
    /// How long the person was where nobody should be; a [`Therapy`] says what that is.
    low: u64,
    /// Steps ordered in each cycle, `None` where there was no order.
    orders: Vec<Option<u32>>,
}

impl Shown {
    fn spoken(&self) -> u64 {
        self.objected + self.differed
    }

    /// By which part of the dose this differs from `before`: that of the whole run, or, if that is more,
    /// the orders of some `short` cycles against those of `long` ones.
    fn change_from(&self, before: &Self, (short, long): (usize, usize)) -> f64 {
        let whole = (self.dose - before.dose) / before.dose;
        let steps = |order: Option<&Option<u32>>| f64::from(order.copied().flatten().unwrap_or(0));
        let cycles = self.orders.len().max(before.orders.len());
        let apart: Vec<f64> = (0..cycles)
            .map(|cycle| steps(self.orders.get(cycle)) - steps(before.orders.get(cycle)))
            .collect();
        let all: f64 = before.orders.iter().map(|order| steps(Some(order))).sum();
        let of_long = all * long as f64 / cycles as f64;
        apart
            .windows(short)
            .map(|window| window.iter().sum::<f64>() / of_long)
            .fold(whole, |most, part| if part.abs() > most.abs() { part } else { most })
    }
}

/// Every cell by its name.
type Corpus = BTreeMap<String, Shown>;

#[derive(Default)]
struct Score {
    unbuildable: usize,
    unrunnable: usize,
    without_effect: usize,
    /// Caught, of all that changed an order.
    changed: (usize, usize),
    /// Caught, of those that changed the dose relevantly.
    relevant: (usize, usize),
    /// Relevant ones that made it louder over the whole corpus, not only in some cell.
    louder_in_all: usize,
    missed: Vec<String>,
}

/// What came of a mutant.
enum Ran {
    NotBuilt,
    NotRun(String),
    Shown(Corpus),
}

pub(crate) fn run(therapy: &Therapy, most: Option<usize>) -> Outcome {
    let folder = folder();
    let tree = folder.join("tree");
    copy_tree(&tree, therapy)?;
    let baseline = match ran(&folder)? {
        Ran::Shown(corpus) => corpus,
        Ran::NotBuilt => return Err(format!("{} does not build", tree.display())),
        Ran::NotRun(why) => return Err(format!("the corpus does not run: {why}")),
    };
    let spoken: u64 = baseline.values().map(Shown::spoken).sum();
    eprintln!("bite: {} cells, {spoken} times objected or differed before", baseline.len());
    let mutants = choose(all_mutants(&tree, therapy)?, most.unwrap_or(MUTANTS_MAX));
    let total = mutants.len();
    let mut score = Score::default();
    for (number, mutant) in mutants.into_iter().enumerate() {
        let place = tree.join(&mutant.file);
        let original = shell::read(&place)?;
        std::fs::write(&place, with_line(&original, &mutant)).map_err(|e| e.to_string())?;
        let words = format!(
            "{}:{} `{}` became `{}`",
            mutant.file.display(),
            mutant.line + 1,
            mutant.before.trim(),
            mutant.after.trim()
        );
        let verdict = judge(therapy, &baseline, &ran(&folder)?, &words, &mut score);
        eprintln!("bite {}/{total}: {verdict}: {words}", number + 1);
        std::fs::write(&place, original).map_err(|e| e.to_string())?;
    }
    report(&score, total)
}

/// Where the copy stands: below the folder that cargo builds in.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| shell::root().join("target"), PathBuf::from);
    target.join("bite")
}

fn judge(
    therapy: &Therapy,
    baseline: &Corpus,
    ran: &Ran,
    words: &str,
    score: &mut Score,
) -> String {
    let shown = match ran {
        Ran::NotBuilt => {
            score.unbuildable += 1;
            return "does not build".to_owned();
        }
        Ran::NotRun(why) => {
            score.unrunnable += 1;
            return format!("does not run ({why})");
        }
        Ran::Shown(shown) => shown,
    };
    let pairs = || shown.iter().filter_map(|(cell, now)| Some((cell, now, baseline.get(cell)?)));
    if pairs().all(|(_, now, before)| now.orders == before.orders) {
        score.without_effect += 1;
        return "no effect on any order".to_owned();
    }
    let caught = pairs().any(|(_, now, before)| now.spoken() > before.spoken());
    let (change, cell) = pairs()
        .map(|(cell, now, before)| (now.change_from(before, therapy.cycles), cell.as_str()))
        .fold(
            (0.0, ""),
            |most: (f64, &str), one| if one.0.abs() > most.0.abs() { one } else { most },
        );
    let sum = |corpus: &Corpus, of: fn(&Shown) -> u64| corpus.values().map(of).sum::<u64>();
    let both = |of| (sum(baseline, of), sum(shown, of));
    let (spoken, alarms, low) = (both(Shown::spoken), both(|s| s.alarms), both(|s| s.low));
    let told = format!(
        "{:+.1} % in {cell}, spoke {} -> {}, alarms {} -> {}, {} {} -> {}",
        change * 100.0,
        spoken.0,
        spoken.1,
        alarms.0,
        alarms.1,
        therapy.low,
        low.0,
        low.1
    );
    count(&mut score.changed, caught);
    if change.abs() < RELEVANT {
        return format!("{} (not relevant: {told})", if caught { "caught" } else { "silent" });
    }
    count(&mut score.relevant, caught);
    score.louder_in_all += usize::from(spoken.1 > spoken.0);
    if caught {
        return format!("caught ({told})");
    }
    score.missed.push(format!("{words}: {told}"));
    format!("MISSED ({told})")
}

fn count((caught, all): &mut (usize, usize), is_caught: bool) {
    *caught += usize::from(is_caught);
    *all += 1;
}

fn report(score: &Score, total: usize) -> Outcome {
    let part = |(caught, all): (usize, usize)| {
        let share = (caught * 1_000).checked_div(all).unwrap_or(0);
        format!("{caught} of {all}: {}.{} %", share / 10, share % 10)
    };
    let mut text = format!(
        "mutants {total}: {} do not build, {} do not run, {} without effect on any order\n\
         caught of all that changed an order       {}\n\
         caught of those relevant to the dose      {}\n\
         the same, louder over the whole corpus    {}\n",
        score.unbuildable,
        score.unrunnable,
        score.without_effect,
        part(score.changed),
        part(score.relevant),
        part((score.louder_in_all, score.relevant.1)),
    );
    for missed in &score.missed {
        let _ = writeln!(text, "missed {missed}");
    }
    println!("{text}");
    let (caught, relevant) = score.relevant;
    if caught * 10 < relevant * 8 {
        return Err("the second opinion caught less than 80 % of the dose-relevant mutants".into());
    }
    Ok(())
}

fn all_mutants(tree: &Path, therapy: &Therapy) -> Outcome<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for source in therapy.sources {
        let path = tree.join(source);
        let files = if path.is_dir() { shell::files(&path, ".rs") } else { vec![path] };
        for file in files {
            let name = file.strip_prefix(tree).unwrap_or(&file).to_path_buf();
            if !name.iter().any(|part| part == "tests" || part == "tests.rs") {
                mutants.extend(mutants_of(&name, &shell::read(&file)?));
            }
        }
    }
    Ok(mutants)
}

fn mutants_of(file: &Path, text: &str) -> Vec<Mutant> {
    let shipped = text.split("#[cfg(test)]").next().unwrap_or(text);
    let mut mutants = Vec::new();
    for (line, before) in shipped.lines().enumerate() {
        let code = before.trim_start();
        if ["//", "#", "use ", "impl", "pub trait", "where", "type "]
            .iter()
            .any(|start| code.starts_with(start))
        {
            continue;
        }
        let exchanged = EXCHANGES
            .iter()
            .filter(|(from, _)| before.contains(from))
            .map(|(from, to)| before.replacen(from, to, 1));
        for after in exchanged.chain(negated(before)) {
            let before = before.to_owned();
            mutants.push(Mutant { file: file.to_path_buf(), line, before, after });
        }
    }
    mutants
}

/// A line that begins a plain `if`, with its condition negated.
fn negated(line: &str) -> Option<String> {
    let (head, rest) = line.split_once("if ")?;
    let condition = rest.strip_suffix(" {")?;
    let plain = matches!(head.trim(), "" | "} else") && !condition.contains("let ");
    plain.then(|| format!("{head}if !({condition}) {{"))
}

/// An even sample, so that every file has its share.
fn choose(mutants: Vec<Mutant>, most: usize) -> Vec<Mutant> {
    let stride = mutants.len().div_ceil(most.max(1)).max(1);
    mutants.into_iter().step_by(stride).collect()
}

fn with_line(text: &str, mutant: &Mutant) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (number, line) in text.lines().enumerate() {
        out.push_str(if number == mutant.line { &mutant.after } else { line });
        out.push('\n');
    }
    out
}

fn copy_tree(tree: &Path, therapy: &Therapy) -> Outcome {
    let _ = std::fs::remove_dir_all(tree);
    std::fs::create_dir_all(tree).map_err(|error| error.to_string())?;
    let target = tree.display().to_string();
    let copy = ["-r", "crates", "xtask", "Cargo.toml", "Cargo.lock", "clippy.toml", &target];
    shell::run("cp", &copy)?;
    let probe = tree.join(PROBE_FILE);
    let bin = probe.parent().unwrap_or(tree);
    std::fs::create_dir_all(bin).map_err(|error| format!("{}: {error}", bin.display()))?;
    std::fs::write(&probe, therapy.probe).map_err(|error| format!("{}: {error}", probe.display()))
}

/// Builds the tree and runs the corpus.
fn ran(folder: &Path) -> Outcome<Ran> {
    let target = folder.join("build");
    let built = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--offline"])
        .args(["-p", "homeostat-trial", "--bin", "bite_probe"])
        .env("CARGO_TARGET_DIR", &target)
        // The mutants are many and the corpus is small: a quick build beats a quick program.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")
        .current_dir(folder.join("tree"))
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !built.status.success() {
        return Ok(Ran::NotBuilt);
    }
    let (shown, complaints) = (folder.join("shown"), folder.join("complaints"));
    let file = |path: &Path| std::fs::File::create(path).map_err(|error| error.to_string());
    let child = Command::new(target.join("release/bite_probe"))
        .stdin(Stdio::null())
        .stdout(file(&shown)?)
        .stderr(file(&complaints)?)
        .spawn()
        .map_err(|error| format!("bite_probe: {error}"))?;
    if ended_well(child)? {
        return corpus(&shell::read(&shown)?).map(Ran::Shown);
    }
    let complaints = shell::read(&complaints)?;
    Ok(Ran::NotRun(complaints.lines().last().unwrap_or("did not end").to_owned()))
}

/// Waits for the program, but not for ever.
fn ended_well(mut child: Child) -> Outcome<bool> {
    for _ in 0..LOOKS_MAX {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status.success());
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
    Ok(false)
}

/// Reads what the probe printed.
fn corpus(text: &str) -> Outcome<Corpus> {
    let cell = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next()?.to_owned();
        let shown = Shown {
            dose: words.next()?.parse().ok()?,
            objected: words.next()?.parse().ok()?,
            differed: words.next()?.parse().ok()?,
            alarms: words.next()?.parse().ok()?,
            low: words.next()?.parse().ok()?,
            orders: words.map(|word| word.parse().ok()).collect(),
        };
        Some((name, shown))
    };
    let read = |line: &str| cell(line).ok_or_else(|| format!("the probe printed `{line}`"));
    text.lines().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(dose: f64, order: u32, spoken: u64) -> Corpus {
        let orders = vec![Some(order); 576];
        let shown = Shown { dose, objected: spoken, orders, ..Shown::default() };
        BTreeMap::from([("rules/adult#003".to_owned(), shown)])
    }

    #[test]
    fn bite_mutants_are_made_of_shipped_code_only() {
        let text = "// a + b\nlet c = a + b;\nif c > 0 {\n#[cfg(test)]\nlet d = a + b;\n";
        let made: Vec<String> =
            mutants_of(Path::new("x.rs"), text).into_iter().map(|mutant| mutant.after).collect();
        assert_eq!(made, ["let c = a - b;", "if c < 0 {", "if !(c > 0) {"]);
    }

    #[test]
    fn bite_only_a_relevant_change_of_the_dose_decides() {
        let baseline = shown(40.0, 100, 3);
        let mut score = Score::default();
        for corpus in [
            shown(40.0, 100, 9), // no order changed
            shown(41.0, 101, 3), // 2.5 %: no matter
            shown(44.0, 110, 3), // 10 %, and not a word
            shown(44.0, 110, 4), // 10 %, and one word more
        ] {
            judge(&therapy::INSULIN, &baseline, &Ran::Shown(corpus), "mutant", &mut score);
        }
        assert_eq!(score.without_effect, 1);
        assert_eq!((score.changed, score.relevant), ((1, 3), (1, 2)));
        assert_eq!(score.missed.len(), 1);
        assert!(report(&score, 4).is_err());
    }

    #[test]
    fn bite_two_hours_count_even_if_the_day_ends_even() {
        let before = shown(40.0, 10, 0).remove("rules/adult#003").unwrap_or_default();
        let mut now = before.clone();
        for (cycle, order) in now.orders.iter_mut().enumerate().take(48) {
            *order = Some(if cycle < 24 { 20 } else { 0 });
        }
        // 240 of a day's 2880 steps.
        assert!((now.change_from(&before, therapy::INSULIN.cycles) - 240.0 / 2_880.0).abs() < 1e-9);
    }

    #[test]
    fn bite_the_probe_is_read_back() {
        let corpus = corpus("mpc/child#009 12.5 1 2 5 6 3 - 4\n").unwrap_or_default();
        let orders = vec![Some(3), None, Some(4)];
        let shown = Shown { dose: 12.5, objected: 1, differed: 2, alarms: 5, low: 6, orders };
        assert_eq!(corpus.get("mpc/child#009"), Some(&shown));
        assert!(super::corpus("mpc/child#009 much\n").is_err());
    }
}
