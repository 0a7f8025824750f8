//! Runs the schema and the numbered tests of csaf-rs over CSAF documents, 2.0 or 2.1 as each says. Prints what fails;
//! exit code 1 if the schema or a mandatory test does.

use csaf_rs::csaf2_0::loader::load_document as load_2_0;
use csaf_rs::csaf2_1::loader::load_document as load_2_1;
use csaf_rs::validation::{CsafError, TestResultStatus, Validatable, ValidationResult, validate_by_preset};
use std::path::Path;

fn main() {
    let mut failed = 0;
    for path in std::env::args().skip(1) {
        match check(&path) {
            Ok(mandatory) => failed += mandatory,
            Err(error) => {
                println!("{path}: {error}");
                failed += 1;
            }
        }
    }
    std::process::exit(i32::from(failed > 0));
}

/// How many mandatory tests fail.
fn check(path: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let version = csaf_rs::csaf::loader::detect_version(Path::new(path))?;
    if version == "2.1" {
        presets(path, &version, &load_2_1(Path::new(path))?)
    } else {
        presets(path, &version, &load_2_0(Path::new(path))?)
    }
}

fn presets<V: Validatable>(path: &str, version: &str, document: &V) -> Result<usize, Box<dyn std::error::Error>> {
    let mut mandatory = 0;
    // What 2.0 calls optional, 2.1 calls recommended.
    let optional = if version == "2.1" { "recommended" } else { "optional" };
    for preset in ["basic", optional, "informative"] {
        let result = validate_by_preset(document, version, preset).map_err(|error: CsafError| error.to_string())?;
        let failing = show(&result);
        println!("{path} {version} {preset}: {} tests, {failing} failing", result.test_results.len());
        if preset == "basic" {
            mandatory += failing;
        }
    }
    Ok(mandatory)
}

/// Prints what fails, and how many tests did.
fn show(result: &ValidationResult) -> usize {
    let mut failing = 0;
    for test in &result.test_results {
        if let TestResultStatus::Failure { errors, warnings, infos } = &test.status {
            failing += 1;
            for finding in errors.iter().chain(warnings).chain(infos) {
                println!("  {}: {finding}", test.test_id);
            }
        }
    }
    failing
}
