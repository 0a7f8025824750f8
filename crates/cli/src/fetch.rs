//! Feeds over the network: into a folder beside the mirror, going on where a broken transfer stood.
//!
//! A file that is not whole yet has the ending `.part`; beside it stands what the server said of it, so that the rest is
//! asked for only while the server still has the same bytes (`ETag` with `If-Range`), and a whole file is fetched again
//! only when it changed (`If-None-Match`).

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, http};

use crate::failure::Failure;
use crate::output;

/// Attempts at one file, each going on where the one before broke off.
const ATTEMPTS: u32 = 5;
/// A server that says nothing for so long is taken for gone.
const SILENCE: Duration = Duration::from_secs(60);

/// A file as it was fetched.
pub(crate) struct Fetched {
    /// Its name: the last part of the address.
    pub(crate) name: String,
    /// The address.
    pub(crate) address: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// What the server said of a file.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Said {
    address: String,
    etag: Option<String>,
}

/// One file on its way.
struct Transfer<'t> {
    address: &'t str,
    whole: PathBuf,
    part: PathBuf,
    said: PathBuf,
    most: u64,
}

/// How an attempt ended short of the whole file.
enum Break {
    /// Another attempt may go on.
    Again(String),
    /// No attempt can help.
    Never(String),
}

/// Fetches every address into `folder`, one after the other. No file is larger than `most` bytes.
pub(crate) fn all(addresses: &[String], folder: &Path, most: u64) -> Result<Vec<Fetched>, Failure> {
    let names: Vec<String> = addresses.iter().map(|one| name(one)).collect::<Result<_, _>>()?;
    for (index, one) in names.iter().enumerate() {
        if names.iter().take(index).any(|other| other == one) {
            let words = "expected every file name once; fetch them into separate mirrors";
            return Err(Failure::usage(format!("--from: {one} twice; {words}")));
        }
    }
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    let mut found = Vec::new();
    for (address, name) in addresses.iter().zip(names) {
        let transfer = Transfer {
            address,
            whole: folder.join(&name),
            part: folder.join(format!("{name}.part")),
            said: folder.join(format!("{name}.said")),
            most,
        };
        transfer.run(&agent(address))?;
        let bytes =
            fs::read(&transfer.whole).map_err(|error| Failure::file(&transfer.whole, &error))?;
        found.push(Fetched { name, address: address.clone(), bytes });
    }
    Ok(found)
}

/// The file's name, from an address that may be asked: HTTPS, or this machine itself.
fn name(address: &str) -> Result<String, Failure> {
    let refuse = |words: &str| Err(Failure::usage(format!("--from: found {address:?}; {words}")));
    let Ok(uri) = address.parse::<http::Uri>() else {
        return refuse("expected an address, like https://example.org/advisories.json");
    };
    if uri.scheme_str() != Some("https") && !is_here(&uri) {
        return refuse("expected https://: what comes over plain http may be anybody's");
    }
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    let fine = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if last.is_empty() || last.starts_with('.') || !last.chars().all(fine) {
        return refuse("expected an address that ends in a file name of letters, digits, . _ -");
    }
    Ok(last.to_owned())
}

fn is_here(uri: &http::Uri) -> bool {
    uri.scheme_str() == Some("http")
        && matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

fn agent(address: &str) -> Agent {
    let secure = address.starts_with("https:");
    let mut tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    if secure {
        // What the system trusts, and SSL_CERT_FILE where it is set.
        let roots = rustls_native_certs::load_native_certs();
        let roots = roots.certs.iter().map(|one| Certificate::from_der(one).to_owned());
        tls = tls.root_certs(RootCerts::from(roots.collect::<Vec<_>>()));
    }
    Agent::config_builder()
        .tls_config(tls.build())
        .https_only(secure)
        .http_status_as_error(false)
        .user_agent(concat!("homeostat/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .timeout_connect(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .build()
        .new_agent()
}

impl Transfer<'_> {
    fn run(&self, agent: &Agent) -> Result<(), Failure> {
        let refuse = |words: &str| Failure::environment(format!("{}: {words}", self.address));
        let mut last = String::new();
        for _ in 0..ATTEMPTS {
            match self.attempt(agent) {
                Ok(()) => return Ok(()),
                Err(Break::Never(words)) => return Err(refuse(&words)),
                Err(Break::Again(words)) => last = words,
            }
        }
        let there = fs::metadata(&self.part).map_or(0, |found| found.len());
        Err(refuse(&format!("{last}; {there} bytes are there, the next run goes on from them")))
    }

    /// What the server said of the bytes that are there; nothing if they are of another address.
    fn before(&self) -> Said {
        let read = fs::read(&self.said).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.filter(|said: &Said| said.address == self.address).unwrap_or_default()
    }

    fn attempt(&self, agent: &Agent) -> Result<(), Break> {
        let before = self.before();
        let there = fs::metadata(&self.part).map_or(0, |found| found.len());
        let mut request = agent.get(self.address);
        if let Some(etag) = &before.etag {
            if there > 0 {
                request =
                    request.header("range", format!("bytes={there}-")).header("if-range", etag);
            } else if self.whole.is_file() {
                request = request.header("if-none-match", etag);
            }
        }
        let answer = request.call().map_err(|error| Break::Again(error.to_string()))?;
        let start = match answer.status().as_u16() {
            200 => 0,
            206 if begin_of(&answer) == Some(there) => there,
            304 => return Ok(()),
            // The part is longer than the file, or something else than was asked for came.
            206 | 416 => {
                let _ = fs::remove_file(&self.part);
                return Err(Break::Again("the server has other bytes now".to_owned()));
            }
            status @ (408 | 429 | 500..) => return Err(Break::Again(format!("status {status}"))),
            status => {
                return Err(Break::Never(format!(
                    "expected the file, found status {status}; correct the address"
                )));
            }
        };
        self.take(answer, start)
    }

    fn take(&self, answer: http::Response<Body>, start: u64) -> Result<(), Break> {
        let length = answer.body().content_length();
        let total = length.map(|length| start + length);
        let large = || {
            Break::Never(format!("larger than {} bytes; raise --most if it is meant", self.most))
        };
        if total.is_some_and(|total| total > self.most) {
            return Err(large());
        }
        let etag = answer.headers().get("etag").and_then(|value| value.to_str().ok());
        // A weak tag does not name bytes.
        let etag = etag.filter(|tag| !tag.starts_with("W/")).map(str::to_owned);
        let said = Said { address: self.address.to_owned(), etag };
        let disk =
            |error: std::io::Error| Break::Never(format!("{}: {error}", self.part.display()));
        let text = serde_json::to_vec(&said).map_err(|error| Break::Never(error.to_string()))?;
        let mut file = File::options().create(true).append(true).open(&self.part).map_err(disk)?;
        file.set_len(start).and_then(|()| fs::write(&self.said, text)).map_err(disk)?;
        let bar = progress(&self.whole, total, start);
        let mut from = answer.into_body().into_reader();
        let mut buffer = vec![0; 1 << 16];
        let mut there = start;
        loop {
            let count = from.read(&mut buffer).map_err(|error| Break::Again(error.to_string()))?;
            if count == 0 {
                break;
            }
            there += count as u64;
            if there > self.most {
                let _ = fs::remove_file(&self.part);
                return Err(large());
            }
            file.write_all(buffer.get(..count).unwrap_or_default()).map_err(disk)?;
            bar.set_position(there);
        }
        bar.finish_and_clear();
        if total.is_some_and(|total| total != there) {
            return Err(Break::Again("the transfer broke off".to_owned()));
        }
        file.sync_all().and_then(|()| fs::rename(&self.part, &self.whole)).map_err(disk)
    }
}

/// Where the part that was sent begins in the whole.
fn begin_of(answer: &http::Response<Body>) -> Option<u64> {
    let range = answer.headers().get("content-range")?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

fn progress(file: &Path, total: Option<u64>, start: u64) -> ProgressBar {
    if !output::is_watched() {
        return ProgressBar::hidden();
    }
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let style = ProgressStyle::with_template("{msg} {bar:32} {bytes} of {total_bytes}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let bar = bar.with_style(style).with_message(name.unwrap_or_default());
    bar.set_position(start);
    bar
}
