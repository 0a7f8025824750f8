//! `homeostat device copied`: somebody has a copy of black boxes, byte for byte; when room is needed the
//! device may let the oldest of these go.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_blackbox::folder::Durability;
use homeostat_blackbox::store::verify_folder;
use homeostat_blackbox::verdict::Options;
use homeostat_device::folder::shelf::fingerprint;
use homeostat_device::folder::{DeviceFolder, FolderBoxes};
use homeostat_device::restart::Boxes as _;
use homeostat_device::retention;
use homeostat_peers::port::SystemEntropy;
use serde_json::Value;

use super::config::Config;
use super::effective::Sets;
use super::export::CUSTODY;
use crate::failure::{Failure, Outcome};
use crate::{files, output};

/// Say that somebody has a copy of black boxes.
#[derive(Debug, Args)]
#[command(
    after_help = "Each box is compared with its copy, byte for byte. The newest is still written and stays \
    in any case.\n\nExample:\n  homeostat device export --by \"J. Doe, quality\" --out taken\n  homeostat \
    device copied taken"
)]
pub(crate) struct Copied {
    /// The device's folder. It may be running.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
    /// What `homeostat device export` made, where it is kept.
    #[arg(value_name = "COPY")]
    taken: PathBuf,
}

/// Bytes in which it is said who has the boxes, or since when.
const LONGEST: usize = 200;

impl Copied {
    pub(crate) fn run(&self) -> Outcome {
        Config::read(&self.dir, &Sets::default())?;
        let by = custody(&self.taken.join(CUSTODY))?;
        let mut folder = DeviceFolder::open(&self.dir, Durability::Storage, &mut SystemEntropy)
            .map_err(Failure::environment)?;
        let boxes = folder.boxes();
        let newest = boxes.newest().map_err(Failure::environment)?.unwrap_or(0);
        let mut copies = folder.copied().map_err(Failure::environment)?;
        // What went is in the record.
        copies.retain(|copy| boxes.folder(copy.number).is_dir());
        let (mut found, mut others) = (0, 0);
        for number in 1..newest {
            let name = format!("{number:04}");
            let copy = self.taken.join(&name);
            if !copy.is_dir() || !boxes.folder(number).is_dir() {
                continue;
            }
            match compared(&boxes, number, &copy, &by) {
                Ok(copy) => {
                    copies.retain(|known| known.number != number);
                    copies.push(copy);
                    found += 1;
                }
                Err(why) => {
                    output::say(&format!("box {name} stays: {why}"));
                    others += 1;
                }
            }
        }
        copies.sort_by_key(|copy| copy.number);
        folder.keep_copied(&copies).map_err(Failure::environment)?;
        output::say(&format!(
            "{found} boxes may go when room is needed; box {newest:04} is still written"
        ));
        if others == 0 {
            Ok(())
        } else {
            Err(Failure::negative("not every box is as it was copied"))
        }
    }
}

/// Who took them and when, in one line.
fn custody(path: &Path) -> Result<String, Failure> {
    let text = files::read_text(path)?;
    let said: Option<Value> = serde_json::from_str(&text).ok();
    let of = |key: &str| {
        let text = said.as_ref()?.get(key)?.as_str()?;
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = line.len() <= LONGEST && !line.contains(char::is_control);
        fits.then_some(line)
    };
    of("taken_by").zip(of("taken_at")).map(|(by, at)| format!("{by}, {at},")).ok_or_else(|| {
        Failure::environment(format!(
            "{}: no record of custody of an export, whose taken_by and taken_at are a line of at most \
             {LONGEST} bytes each",
            path.display()
        ))
    })
}

fn compared(
    boxes: &FolderBoxes,
    number: u32,
    copy: &Path,
    by: &str,
) -> Result<retention::Copied, String> {
    let same = |path: &Path| fingerprint(path).map_err(|error| error.to_string());
    let own = boxes.folder(number);
    if fs::canonicalize(copy).ok() == fs::canonicalize(&own).ok() {
        return Err("that is the box itself, and no copy".to_owned());
    }
    files::make_durable(copy).map_err(|error| error.to_string())?;
    let fingerprint = same(copy)?;
    if same(&own)? != fingerprint {
        return Err("it is not what was copied; export it again".to_owned());
    }
    let verdict = verify_folder(copy, &Options::default()).map_err(|error| error.to_string())?;
    let head = verdict.head.filter(|_| verdict.is_good()).ok_or("it is damaged: evidence")?;
    Ok(retention::Copied { number, head, fingerprint, by: by.to_owned() })
}
