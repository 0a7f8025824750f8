//! Feed files from disk, and mirrors of them.

use std::fs;
use std::path::{Path, PathBuf};

use homeostat_postmarket::feed::mirror::{self, FeedFile, Mirror, Trust};
use homeostat_postmarket::feed::{Rejected, read};
use homeostat_postmarket::matching::{ProductTable, Watch};
use homeostat_postmarket::report::{FeedFacts, feed_facts};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::{clock, files, output};

/// Folders are not followed deeper than this.
const DEEPEST: usize = 8;

/// The feed files at `paths`, folders walked in the order of names. `fetched` stands for all of them.
pub(super) fn gather(paths: &[PathBuf], fetched: &str) -> Result<Vec<FeedFile>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| "feeds".to_owned());
        walk(path, &name, DEEPEST, &mut found)?;
    }
    let read_one = |(path, name): &(PathBuf, String)| {
        let bytes = files::read_bytes(path)?;
        let (name, fetched) = (name.clone(), fetched.to_owned());
        Ok(FeedFile { origin: name.clone(), name, fetched, bytes })
    };
    found.iter().map(read_one).collect()
}

fn walk(
    path: &Path,
    name: &str,
    deeper: usize,
    found: &mut Vec<(PathBuf, String)>,
) -> Result<(), Failure> {
    if !path.is_dir() {
        found.push((path.to_owned(), name.to_owned()));
        return Ok(());
    }
    if deeper == 0 {
        let words = "folders within folders are followed 8 deep; name this one by itself";
        return Err(Failure::environment(format!("{}: {words}", path.display())));
    }
    let failed = |error: std::io::Error| Failure::file(path, &error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for entry in entries {
        let last = entry.file_name().map(|name| name.to_string_lossy().into_owned());
        let last = last.unwrap_or_default();
        if !last.starts_with('.') {
            walk(&entry, &format!("{name}/{last}"), deeper - 1, found)?;
        }
    }
    Ok(())
}

/// Takes every file of the mirrors: what matching knows then, the feeds, and what could not be read. The present is when
/// the newest of the files was fetched, whatever time a report is to say, and not after the clock of the machine.
pub(super) fn take_all(
    mirrors: &[Mirror<'_>],
    table: ProductTable,
) -> (Watch, Vec<FeedFacts>, Vec<Rejected>) {
    let mut watch = Watch::new(table);
    let listed = mirrors.iter().flat_map(|mirror| &mirror.listed);
    let times = listed.filter_map(|one| one.fetched.parse::<Timestamp>().ok());
    if let Some(newest) = times.max() {
        watch.set_now(&newest.min(clock::present()).to_string());
    }
    let mut rejected = Vec::new();
    let mut counted = Vec::new();
    let bar = progress(mirrors.iter().map(|mirror| mirror.listed.len()).sum());
    for (listed, bytes) in mirrors.iter().flat_map(Mirror::files) {
        let taken = watch.take(|to| read(bytes, &listed.name, to), &listed.fetched);
        counted.push((listed, taken.records));
        rejected.extend(taken.rejected);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let facts = feed_facts(counted);
    (watch, facts, rejected)
}

fn progress(files: usize) -> ProgressBar {
    if files < 200 || !output::is_watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("reading feeds {bar:32} {pos} of {len} files")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(files as u64).with_style(style)
}

/// Opens a mirror's bytes, and says what stands in the way in words with the file's name.
pub(super) fn open<'b>(
    file: &str,
    bytes: &'b [u8],
    trust: &Trust<'_>,
) -> Result<Mirror<'b>, Failure> {
    mirror::open(bytes, trust).map_err(|error| Failure::environment(format!("{file}: {error}")))
}
