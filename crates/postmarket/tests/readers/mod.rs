//! What the readers of the maker's files and of decision records must withstand: any bytes. Called by the fuzz targets,
//! and over their corpus by a plain test.

use homeostat_postmarket::clock::{Calendar, Table};
use homeostat_postmarket::harm::decision::replay;
use homeostat_postmarket::harm::function_map;
use homeostat_postmarket::harm::matrix::{InForce, Matrix};
use homeostat_postmarket::office::{AnswersFile, Field};
use homeostat_postmarket::publish::{Words, security_txt};
use homeostat_postmarket::sbom::{Limits, compiled_sources};

/// Field, risks, notices, answers, tables of clocks, holidays and exploitability, `security.txt`: the first byte says
/// which.
pub(crate) fn office_files(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match choice % 8 {
        0 => drop(Field::read("fuzz", text)),
        1 => drop(function_map::read("fuzz", bytes)),
        2 => drop(Words::read("fuzz", text)),
        3 => drop(AnswersFile::read("fuzz", text)),
        4 => drop(Table::read(text)),
        5 => drop(Calendar::read("Europe/Berlin", "made", text)),
        6 => drop(Matrix::read("fuzz", text)),
        _ => drop(security_txt::check(text, "2026-11-22T08:00:00Z".parse().expect("a time"))),
    }
}

/// A record that anybody may have changed replays to its own bytes, or is refused.
pub(crate) fn decision_record(bytes: &[u8]) {
    if let Ok(again) = replay(bytes, &InForce::shipped()) {
        assert_eq!(again, bytes);
    }
}

/// What is taken of a list of compiled sources is sorted and names something.
pub(crate) fn sources(bytes: &[u8]) {
    let limits = Limits { bytes: 1 << 20, values: 100_000, ..Limits::default() };
    if let Ok(sources) = compiled_sources("fuzz", bytes, &limits) {
        assert!(!sources.is_empty() && sources.is_sorted());
    }
}
