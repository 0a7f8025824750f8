//! `homeostat device export`: the records for an investigation. The device is read and not changed
//! (LOG-08); what was taken, from where, by whom and when stands in a record of custody.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_blackbox::store::verify_folder;
use homeostat_blackbox::verdict::{Options, Verdict};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, Outcome};
use crate::{clock, files, output};

/// The record of custody in an export.
pub(crate) const CUSTODY: &str = "custody.json";

/// Copy the black boxes for an investigation.
#[derive(Debug, Args)]
#[command(
    after_help = "The copies can be read with `homeostat log verify|replay|show|explain`. Secret \
    keys are left where they are.\n\nExample:\n  homeostat device export --by \"J. Doe, quality\" --out \
    incident-17"
)]
pub(crate) struct Export {
    /// The device's folder. It may be running.
    #[arg(long, value_name = "DIR", default_value = "homeostat-device")]
    dir: PathBuf,
    /// Who takes the records.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// A new folder.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Export {
    pub(crate) fn run(&self) -> Outcome {
        let boxes = self.dir.join("box");
        if self.out.exists() {
            let words = "is there already; name a new folder with --out";
            return Err(Failure::environment(format!("{}: {words}", self.out.display())));
        }
        let place = files::NewFolder::begin(&self.out)?;
        let mut taken = Vec::new();
        let mut all_good = true;
        for folder in folders(&boxes)? {
            let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
            let name = name.unwrap_or_default();
            let to = place.path().join(&name);
            fs::create_dir_all(&to).map_err(|error| Failure::file(&to, &error))?;
            let copied = copy(&folder, &to)?;
            let verdict = verify_folder(&to, &Options::default());
            all_good &= verdict.as_ref().is_ok_and(Verdict::is_good);
            taken.push(match verdict {
                Ok(verdict) => json!({
                    "box": name,
                    "files": copied,
                    "entries": verdict.entries,
                    "signed": verdict.signed,
                    "openings": verdict.openings,
                    "lost_records": verdict.lost_records,
                    "good": verdict.is_good(),
                    "fault": verdict.fault.as_ref().map(ToString::to_string),
                }),
                // Power was lost while it was made, for example. It is taken along as it is.
                Err(error) => json!({
                    "box": name,
                    "files": copied,
                    "good": false,
                    "fault": error.to_string(),
                }),
            });
        }
        if taken.is_empty() {
            let words = "there is no black box; name the device's folder with --dir";
            return Err(Failure::environment(format!("{}: {words}", boxes.display())));
        }
        let custody = json!({
            "kind": "homeostat-custody/v1",
            "taken_by": self.by,
            "taken_at": clock::now()?.to_string(),
            "software": concat!("homeostat ", env!("CARGO_PKG_VERSION")),
            "boxes": taken,
        });
        let text = serde_json::to_string_pretty(&custody).map_err(Failure::environment)?;
        place.write(CUSTODY, &(text + "\n"))?;
        place.keep()?;
        output::say(&format!("{} black boxes in {}", taken.len(), self.out.display()));
        if all_good {
            Ok(())
        } else {
            Err(Failure::negative("a black box is damaged: see custody.json"))
        }
    }
}

fn folders(boxes: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(boxes).map_err(|error| Failure::file(boxes, &error))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Failure::file(boxes, &error))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Copies a box's files, its secret keys apart, and says what each was.
fn copy(from: &Path, to: &Path) -> Result<Vec<Value>, Failure> {
    let entries = fs::read_dir(from).map_err(|error| Failure::file(from, &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| Failure::file(from, &error))?.file_name();
        if let Some(name) = name.to_str()
            && (name.starts_with("segment") || name.starts_with("checkpoint"))
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    let mut copied = Vec::new();
    for name in names {
        let path = from.join(&name);
        let bytes = fs::read(&path).map_err(|error| Failure::file(&path, &error))?;
        let target = to.join(&name);
        fs::write(&target, &bytes).map_err(|error| Failure::file(&target, &error))?;
        let digest: String =
            Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        copied.push(json!({ "name": name, "bytes": bytes.len(), "sha256": digest }));
    }
    Ok(copied)
}
