//! The files that a maker writes for the office: field, risks, notices, answers, tables of clocks, holidays and
//! exploitability. The first byte says which.
#![no_main]

use homeostat_postmarket::clock::{Calendar, Table};
use homeostat_postmarket::harm::function_map;
use homeostat_postmarket::harm::matrix::Matrix;
use homeostat_postmarket::office::{AnswersFile, Field};
use homeostat_postmarket::publish::Words;
use homeostat_postmarket::publish::security_txt;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
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
        _ => {
            let now = "2026-11-22T08:00:00Z".parse().expect("a time");
            drop(security_txt::check(text, now));
        }
    }
});
