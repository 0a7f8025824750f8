//! Which adapter reads a file, told by its content; names of files do not count.

use super::event::{Intake, Sink};
use super::json::{Collector, Fault, LARGEST_FILE, text_of};
use super::{csaf, cve5, nvd, osv, rustsec, signals, vex};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::io::Read as _;

/// The forms that feeds come in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// OSV, GitHub's and RustSec's export included.
    Osv,
    /// RustSec's Markdown.
    RustSec,
    /// CVE records, format 5.
    Cve5,
    /// NVD, API 2.0.
    Nvd,
    /// CISA's catalogue as JSON.
    Kev,
    /// CISA's catalogue as CSV.
    KevCsv,
    /// EPSS.
    Epss,
    /// CSAF, its VEX profile included.
    Csaf,
    /// OpenVEX.
    OpenVex,
    /// CycloneDX with vulnerabilities.
    CycloneDxVex,
}

/// Reads a file in whichever form it is, gzip'ed or not. A file in no known form is one rejected record.
pub fn read(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    let plain = match plain(bytes) {
        Ok(plain) => plain,
        Err(fault) => return refused(file, to, fault),
    };
    let bytes = &*plain;
    match detect(bytes) {
        Some(Form::Osv) => osv::read(bytes, file, to),
        Some(Form::RustSec) => rustsec::read(bytes, file, to),
        Some(Form::Cve5) => cve5::read(bytes, file, to),
        Some(Form::Nvd) => nvd::read(bytes, file, to),
        Some(Form::Kev) => signals::read_kev(bytes, file, to),
        Some(Form::KevCsv) => signals::read_kev_csv(bytes, file, to),
        Some(Form::Epss) => signals::read_epss(bytes, file, to),
        Some(Form::Csaf) => csaf::read(bytes, file, to),
        Some(Form::OpenVex) => vex::read_openvex(bytes, file, to),
        Some(Form::CycloneDxVex) => vex::read_cyclonedx(bytes, file, to),
        None => refused(file, to, unknown(bytes)),
    }
}

fn refused(file: &str, to: &mut Sink<'_>, fault: Fault) -> Intake {
    let mut collector = Collector::new(file, to);
    collector.record(Err(fault));
    collector.finish()
}

fn unknown(bytes: &[u8]) -> Fault {
    match text_of(bytes) {
        Err(fault) => fault,
        Ok(text) => {
            let begin: String = text.trim_start().chars().take(40).collect();
            let forms = "OSV, RustSec, CVE 5, NVD 2.0, KEV, EPSS, CSAF, OpenVEX or CycloneDX";
            let reason = format!("expected {forms}, found {begin:?}: is the file complete?");
            // A file beside the feeds, a page or a licence, is no loss; half a document may be one.
            let whole = || serde_json::from_str::<IgnoredAny>(text).is_ok();
            let half = begin.is_empty() || (begin.starts_with(['{', '[']) && !whole());
            Fault { breaks_off: half, ..Fault::new("", reason) }
        }
    }
}

/// The bytes, unpacked if they are gzip'ed, and never more than an adapter reads.
fn plain(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut out = Vec::new();
    let bound = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX);
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(bound.saturating_add(1));
    match reader.read_to_end(&mut out) {
        Ok(_) => Ok(Cow::Owned(out)),
        Err(error) => {
            let reason = format!("expected gzip, found: {error}; fetch it again");
            Err(Fault::break_off("", reason))
        }
    }
}

/// The form of a file, or `None` if it is in none that is known.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Form> {
    let text = text_of(bytes).ok()?.trim_start();
    match text.as_bytes().first()? {
        b'{' | b'[' => detect_json(text),
        _ if text.starts_with("```toml") => Some(Form::RustSec),
        _ => detect_table(text),
    }
}

fn detect_table(text: &str) -> Option<Form> {
    let header = text.lines().find(|line| !line.starts_with('#'))?;
    let has = |name: &str| header.split(',').any(|cell| cell.trim().trim_matches('"') == name);
    if has("cve") && has("epss") {
        Some(Form::Epss)
    } else if has("cveID") && has("dateAdded") {
        Some(Form::KevCsv)
    } else {
        None
    }
}

fn detect_json(text: &str) -> Option<Form> {
    let mut keys = Keys::default();
    // An error further on (a second line, a truncated end) leaves the keys that came before it.
    let mut reader = serde_json::Deserializer::from_str(text);
    let _ = Shape { keys: &mut keys, outermost: true }.deserialize(&mut reader);
    keys.form()
}

/// Top-level keys of the document, or of the first item of an array.
#[derive(Default)]
struct Keys(Vec<String>);

impl Keys {
    fn form(&self) -> Option<Form> {
        let has = |key: &str| self.0.iter().any(|known| known == key);
        if has("document") {
            Some(Form::Csaf)
        } else if has("bomFormat") {
            Some(Form::CycloneDxVex)
        } else if has("statements") {
            Some(Form::OpenVex)
        } else if has("cveMetadata") || has("containers") || has("cveRecords") {
            Some(Form::Cve5)
        } else if has("catalogVersion") || has("cveID") {
            Some(Form::Kev)
        } else if has("totalResults") || has("cve_items") || has("sourceIdentifier") || has("cve") {
            Some(Form::Nvd)
        } else if has("vulns") || (has("id") && (has("affected") || has("modified"))) {
            Some(Form::Osv)
        } else {
            None
        }
    }
}

/// Looks at keys alone: nothing is built of what stands behind them.
struct Shape<'k> {
    keys: &'k mut Keys,
    outermost: bool,
}

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or an array of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            // A document has a score of keys; a hostile one gets no more of our memory.
            if self.keys.0.len() < 64 {
                self.keys.0.push(key);
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.outermost {
            list.next_element_seed(Shape { keys: self.keys, outermost: false })?;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
