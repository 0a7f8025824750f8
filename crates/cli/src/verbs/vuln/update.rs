//! `homeostat vuln update`.

use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::feed::mirror::{self, FeedFile, Trust};
use homeostat_postmarket::matching::ProductTable;
use homeostat_postmarket::report;

use super::{compared, feeds, sign};
use crate::failure::{Failure, Outcome};
use crate::{clock, fetch, files, output};

/// Make an offline mirror: one file from feed files, folders of them, and addresses.
///
/// Reads OSV, RustSec, GitHub advisories, CVE 5, NVD 2.0, KEV, EPSS, CSAF and VEX; the form is recognised by the content.
/// What cannot be read is named and left in the mirror as it is; exit 3 if a file is damaged or cut off. The same files give
/// the same bytes.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat vuln update advisory-db/ kev.json --mirror feeds.mirror\n  \
    homeostat vuln update --from https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json \
    --mirror feeds.mirror"
)]
pub(crate) struct Update {
    /// Feed files, and folders of them.
    #[arg(required_unless_present = "from")]
    feeds: Vec<PathBuf>,
    /// Addresses to fetch from, https://. What is fetched stays in the folder `MIRROR.parts`: a broken transfer goes on
    /// where it stood, and what did not change is not fetched again. Whom the system trusts is heard, or who the
    /// authorities in the file SSL_CERT_FILE vouch for.
    #[arg(long, value_name = "URL", num_args = 1..)]
    from: Vec<String>,
    /// The largest file that is fetched, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    most: u64,
    /// The mirror to write; `feeds.mirror` in the folder HOMEOSTAT_FEEDS if not given.
    #[arg(long, value_name = "FILE")]
    mirror: Option<PathBuf>,
    /// When the feeds were fetched (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// A file with an Ed25519 signing key, 64 hexadecimal digits; without it the mirror is not signed. The public half of the
    /// key, which --keys of the reading verbs wants, is printed.
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
}

impl Update {
    pub(crate) fn run(&self) -> Outcome {
        let fetched = clock::at(self.at.as_deref())?.to_string();
        let key = self.sign.as_deref().map(sign::signing_key).transpose()?;
        let Some(place) = self.mirror.clone().or_else(compared::standing) else {
            return Err(Failure::usage("give --mirror FILE, or set HOMEOSTAT_FEEDS to a folder"));
        };
        let mut gathered = feeds::gather(&self.feeds, &fetched)?;
        if !self.from.is_empty() {
            let mut folder = place.clone().into_os_string();
            folder.push(".parts");
            let all =
                fetch::all(&self.from, Path::new(&folder), self.most.saturating_mul(1 << 20))?;
            gathered.extend(all.into_iter().map(|one| FeedFile {
                name: one.name,
                origin: one.address,
                fetched: fetched.clone(),
                bytes: one.bytes,
            }));
        }
        let bytes = mirror::write(&gathered, key.as_ref()).map_err(Failure::environment)?;
        drop(gathered);
        let name = place.display().to_string();
        let opened = feeds::open(&name, &bytes, &Trust::Anyone)?;
        let (_, facts, rejected) = feeds::take_all(&[opened], ProductTable::default());
        files::write_whole(&place, &bytes)?;
        for fact in &facts {
            output::line(&format!("{:<40} {:>8} records", fact.name, fact.records))?;
        }
        for one in rejected.iter().take(10) {
            output::say(&format!("not read: {}", report::rejected_words(one)));
        }
        let signed = key.as_ref().map_or_else(|| "not signed".to_owned(), sign::public_half);
        let count = rejected.len();
        output::say(&format!("{name}: {} bytes, {signed}; {count} records not read", bytes.len()));
        match report::broken_off(&rejected) {
            Some(words) => Err(Failure::environment(format!("{name} is written, but {words}"))),
            None => Ok(()),
        }
    }
}
