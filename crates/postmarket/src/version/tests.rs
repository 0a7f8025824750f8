mod laws;

use super::*;
use std::path::{Path, PathBuf};

#[test]
fn the_tables_of_ecosystems_and_purl_types_are_ordered_by_name() {
    for table in [&ECOSYSTEMS[..], &PURL_TYPES[..]] {
        assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}

/// Every list under `testdata/versions`, named after its scheme, and more of the same form where
/// `HOMEOSTAT_VERSION_LISTS` names a folder. `?` stands for: this has no order.
#[test]
fn pmk_version_lists_of_the_ecosystems_own_tools_hold() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/versions");
    let folders = std::iter::once(own)
        .chain(std::env::var("HOMEOSTAT_VERSION_LISTS").ok().map(PathBuf::from));
    let mut failures = Vec::new();
    let mut checked = 0;
    for folder in folders {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "txt")) {
            checked += check_list(file, &mut failures);
        }
    }
    assert!(failures.is_empty(), "{} of {checked}:\n{}", failures.len(), failures.join("\n"));
    assert!(checked > 0);
}

fn check_list(file: &Path, failures: &mut Vec<String>) -> usize {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let name = name.split('.').next().unwrap();
    let scheme: Scheme = serde_json::from_value(name.into()).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut checked = 0;
    for line in lines {
        checked += 1;
        let (left, relation, right) = split_line(line);
        let found = match compare(scheme, left, right) {
            Some(Ordering::Less) => "<",
            Some(Ordering::Equal) => "=",
            Some(Ordering::Greater) => ">",
            None => "?",
        };
        if found != relation {
            failures.push(format!("{scheme:?}: {line} (found {found})"));
        }
    }
    checked
}

fn split_line(line: &str) -> (&str, &str, &str) {
    for relation in ["<", "=", ">", "?"] {
        if let Some((left, right)) = line.split_once(&format!(" {relation} ")) {
            return (left.trim(), relation, right.trim());
        }
    }
    panic!("no relation in {line:?}");
}
