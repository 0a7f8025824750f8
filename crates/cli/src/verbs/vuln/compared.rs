//! What a bill or a field is compared with: mirrors, loose feed files, names of products.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::feed::mirror::{self, Mirror, Trust, VerifyingKey};
use homeostat_postmarket::matching::ProductTable;

use super::feeds;
use crate::failure::Failure;
use crate::{files, output};

/// The environment variable with the folder of mirrors.
const FOLDER: &str = "HOMEOSTAT_FEEDS";
/// What `vuln update` writes in that folder.
const MIRROR: &str = "feeds.mirror";

/// Where advisories come from.
#[derive(Debug, Args)]
pub(super) struct Compared {
    /// An offline mirror made by `homeostat vuln update`; `feeds.mirror` in the folder HOMEOSTAT_FEEDS if neither this
    /// nor --feeds is given.
    #[arg(long, value_name = "FILE")]
    mirror: Option<PathBuf>,
    /// A feed file or a folder of them, instead of or besides a mirror; may be given several times.
    #[arg(long, value_name = "PATH")]
    feeds: Vec<PathBuf>,
    /// A file with the keys that a mirror must be signed by, 64 hexadecimal digits a line.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    names: Names,
}

/// Names of products.
#[derive(Debug, Args)]
pub(super) struct Names {
    /// More names of products (TOML), besides those built in.
    #[arg(long, value_name = "FILE")]
    products: Option<PathBuf>,
}

/// A mirror's bytes.
pub(super) struct Named {
    name: String,
    bytes: Vec<u8>,
    /// Made on the spot of loose files: there is nobody to have signed it.
    made_here: bool,
}

/// The mirror in the folder of HOMEOSTAT_FEEDS.
pub(super) fn standing() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(|folder| PathBuf::from(folder).join(MIRROR))
}

impl Compared {
    /// Mirrors as bytes: the one named, and one made on the spot of loose feed files.
    pub(super) fn bytes(&self, at: &str) -> Result<Vec<Named>, Failure> {
        let standing = if self.feeds.is_empty() { standing() } else { None };
        let mirror = self.mirror.clone().or(standing);
        if mirror.is_none() && self.feeds.is_empty() {
            let words = "nothing to compare with: give --mirror FILE or --feeds PATH, or set HOMEOSTAT_FEEDS to the \
                         folder with feeds.mirror";
            return Err(Failure::usage(words));
        }
        let mut all = Vec::new();
        if let Some(mirror) = &mirror {
            let (name, bytes) = (mirror.display().to_string(), files::read_bytes(mirror)?);
            all.push(Named { name, bytes, made_here: false });
        }
        if !self.feeds.is_empty() {
            let gathered = feeds::gather(&self.feeds, at)?;
            let bytes = mirror::write(&gathered, None).map_err(Failure::environment)?;
            all.push(Named { name: "--feeds".to_owned(), bytes, made_here: true });
        }
        Ok(all)
    }

    /// The mirrors, every byte checked.
    pub(super) fn open<'b>(&self, all: &'b [Named]) -> Result<Vec<Mirror<'b>>, Failure> {
        let keys = self.keys.as_deref().map(verifying_keys).transpose()?;
        let trust = keys.as_deref().map_or(Trust::Anyone, Trust::Keys);
        let mut opened = Vec::new();
        for Named { name, bytes, made_here } in all {
            let trust = if *made_here { &Trust::Anyone } else { &trust };
            if !made_here && keys.is_none() {
                output::say(&format!("note: nobody's signature was asked for on {name} (--keys)"));
            }
            opened.push(feeds::open(name, bytes, trust)?);
        }
        Ok(opened)
    }

    /// The names of products.
    pub(super) fn table(&self) -> Result<ProductTable, Failure> {
        self.names.table()
    }

    /// Names this program and the names of products: when it is another, everything is asked again.
    pub(super) fn mark(&self) -> Result<String, Failure> {
        self.names.mark()
    }
}

impl Names {
    /// The table that is built in, with these.
    pub(super) fn table(&self) -> Result<ProductTable, Failure> {
        let mut table = ProductTable::built_in().map_err(Failure::environment)?;
        if let Some(path) = &self.products {
            let text = files::read_text(path)?;
            table.add(&text, &path.display().to_string()).map_err(Failure::environment)?;
        }
        Ok(table)
    }

    fn mark(&self) -> Result<String, Failure> {
        let more = match &self.products {
            Some(path) => homeostat_postmarket::harm::canonical::digest(&files::read_bytes(path)?),
            None => "none".to_owned(),
        };
        Ok(format!("homeostat {}, more names {more}", env!("CARGO_PKG_VERSION")))
    }
}

fn verifying_keys(path: &Path) -> Result<Vec<VerifyingKey>, Failure> {
    let text = files::read_text(path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let key = |(number, line): (usize, &str)| {
        mirror::of_hexadecimal(line.as_bytes())
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            .ok_or_else(|| {
                let words = "expected 64 hexadecimal digits, an Ed25519 verifying key";
                Failure::environment(format!("{}:{}: {words}", path.display(), number + 1))
            })
    };
    lines.map(key).collect()
}
