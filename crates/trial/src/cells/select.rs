//! Who of a cohort takes part, and the files that a cohort comes from.

use std::io::Read;
use std::path::Path;

use homeostat_patients::wording::nearest;

use super::TrialError;

/// No cohort file is larger: 64 MiB.
const MOST_READ: u64 = 64 * 1024 * 1024;

/// Places of those who take part: the named ones, or the first `count`, or all.
///
/// # Errors
/// Nobody is there, somebody is named that is not there or twice, or more are wanted than there are.
pub(crate) fn chosen(
    names: &[String],
    subjects: &[String],
    count: Option<u32>,
) -> Result<Vec<usize>, TrialError> {
    if names.is_empty() {
        return Err(TrialError::Nobody);
    }
    if subjects.is_empty() {
        let wanted = count.map_or(names.len(), |count| count as usize);
        return match count {
            Some(count) if wanted > names.len() => {
                Err(TrialError::Count { count, subjects: names.len() })
            }
            _ => Ok((0..wanted).collect()),
        };
    }
    let places: Vec<usize> =
        subjects.iter().map(|name| place_of(names, name)).collect::<Result<_, _>>()?;
    match (1..places.len()).find(|at| places[..*at].contains(&places[*at])) {
        Some(at) => Err(TrialError::Twice { name: names[places[at]].clone() }),
        None => Ok(places),
    }
}

fn place_of(names: &[String], name: &str) -> Result<usize, TrialError> {
    names.iter().position(|known| known == name).ok_or_else(|| {
        let known = nearest(name, names.iter().map(String::as_str));
        TrialError::Subject { name: name.to_owned(), known }
    })
}

/// Fails on a deciding criterion that binds none of the subjects. `criteria` gives the first letters that
/// each binds and whether it is only an aim.
///
/// # Errors
/// The first such criterion.
pub(crate) fn binding<'c>(
    criteria: impl Iterator<Item = (&'c str, bool)>,
    names: &[String],
) -> Result<(), TrialError> {
    let binds = |letters: &str| names.iter().any(|name| name.starts_with(letters));
    match criteria.enumerate().find(|(_, (subjects, aim))| !aim && !binds(subjects)) {
        None => Ok(()),
        Some((place, (subjects, _))) => {
            let known = nearest(subjects, names.iter().map(String::as_str));
            Err(TrialError::Criterion { place, subjects: subjects.to_owned(), known })
        }
    }
}

/// Where a folder of results keeps the files of people that it was made with.
const PEOPLE: &str = "people";

/// A file of people as it was read. Results keep it: their scenario names it there, so that they can be
/// repeated without anything outside their folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleFile {
    /// Its path within a folder of results.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl PeopleFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is far too long.
    pub(crate) fn read(path: &Path) -> Result<Self, TrialError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        Ok(Self { name: format!("{PEOPLE}/{name}"), text: read_text(path)? })
    }
}

/// The text of a cohort file.
///
/// # Errors
/// It cannot be read, or is far too long.
fn read_text(path: &Path) -> Result<String, TrialError> {
    let mut text = String::new();
    let opened = std::fs::File::open(path);
    let read = opened.and_then(|open| open.take(MOST_READ + 1).read_to_string(&mut text));
    let reason = match read {
        Ok(length) if length as u64 <= MOST_READ => return Ok(text),
        Ok(_) => "more than 64 MiB; expected a table with a row for each subject".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(TrialError::File { file: path.display().to_string(), reason })
}
