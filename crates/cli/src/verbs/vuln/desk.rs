//! The store of the post-market office, as the verbs open it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::clock::{Deadline, Stop};
use homeostat_postmarket::matching::Answer;
use homeostat_postmarket::office::{FindingId, Notice, Office, Standing};
use homeostat_postmarket::report::{Due, class_word, one_line};
use homeostat_postmarket::store::Store;

use crate::failure::Failure;

/// Which store.
#[derive(Debug, Args)]
pub(super) struct Desk {
    /// The store: one file, made by `homeostat vuln watch`.
    #[arg(long, value_name = "FILE")]
    store: PathBuf,
}

impl Desk {
    /// Opens the office to look and to decide; the store must be there.
    pub(super) fn look(&self) -> Result<Office, Failure> {
        look(&self.store)
    }

    /// Opens the store, or makes an empty one.
    pub(super) fn store(&self) -> Result<Store, Failure> {
        Store::open(&self.store).map_err(Failure::environment)
    }

    /// Holds off other watches as long as it is held.
    pub(super) fn lock(&self) -> Result<File, Failure> {
        let mut path = self.store.clone().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let file = File::create(&path).map_err(|error| Failure::file(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                let words = "another watch is at work on this store";
                Err(Failure::environment(format!("{}: {words}", self.store.display())))
            }
            Err(TryLockError::Error(error)) => Err(Failure::file(&path, &error)),
        }
    }
}

/// Opens the office to look; the store must be there.
pub(super) fn look(path: &Path) -> Result<Office, Failure> {
    if !path.is_file() {
        let words = "no such store; make one with `homeostat vuln watch --store FILE`";
        return Err(Failure::environment(format!("{}: {words}", path.display())));
    }
    let store = Store::open_existing(path).map_err(Failure::environment)?;
    Office::look(store).map_err(Failure::environment)
}

/// A finding as a person types it.
pub(super) fn finding(text: &str) -> Result<FindingId, String> {
    text.parse()
}

/// When and how a clock was stopped, who said so, and when.
pub(super) fn stopped(stop: &Stop) -> String {
    let Stop { time, evidence, by, recorded } = stop;
    format!("{time} by {evidence}; said by {by}, {recorded}")
}

/// What a due date rests on beyond the law's own count: the plain count, to which plans hold, and holidays not known.
pub(super) fn counted(deadline: &Deadline) -> Option<String> {
    let Deadline { plain, due, without_holidays } = deadline;
    let mut words = Vec::new();
    if plain != due {
        words.push(format!("counted plainly: {plain}, to which plans hold"));
    }
    if *without_holidays {
        words.push("no holidays are known for that year: counted as if it had none".to_owned());
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// A clock as a report shows it.
pub(super) fn due(clock: &Standing) -> Option<Due> {
    let row = &clock.running.clock.row;
    Some(Due {
        at: clock.due()?.to_string(),
        clock: format!("{} ({}): {}", row.title, row.id, clock.running.clock.subject),
        state: clock.word().to_owned(),
    })
}

/// A notice in a line.
pub(super) fn notice(notice: &Notice) -> String {
    let told = &notice.told;
    let sure = if told.answer == Answer::Unknown { "? " } else { "" };
    let line = format!(
        "{:<6} {:<9}{:<13} {sure}{} in {} of {}: {} releases, {} devices; {}",
        notice.finding,
        notice.change,
        class_word(told.class),
        notice.vulnerability,
        notice.component,
        notice.product,
        told.releases,
        told.devices,
        notice.reason
    );
    one_line(&line).into_owned()
}
