//! Everything that is told about one decision, from the maker's words around it: all files, or none and what is missing.

use super::incident::{self, Form};
use super::letter::Letter;
use super::notice::{Known, Notice, PublishError, Revision, VexStatus};
use super::reuse::ReuseWords;
use super::security_txt::{self, SecurityTxt};
use super::{csaf, cyclonedx_vex, openvex};
use crate::harm::canonical::digest;
use crate::harm::decision::Record;
use crate::identity::Purl;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The maker's words around a decision: the notice file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Words {
    /// The document's id: `ACME-2026-001`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The package URL of the product's release; it follows from the office file, and is checked where it is given.
    pub product_purl: Option<String>,
    /// What the vulnerability is.
    pub description: String,
    /// What customers do, or what was done.
    pub action: String,
    /// The release that holds the fix.
    pub fixed_in: Option<String>,
    /// Revisions of the document, the first first.
    #[serde(rename = "revision")]
    pub revisions: Vec<Revision>,
    /// The letter, if customers get one.
    pub letter: Option<LetterWords>,
    /// `security.txt`, if it is to be written.
    pub security_txt: Option<SecurityWords>,
    /// Facts of an incident, if there was one.
    pub incident: Option<BTreeMap<String, String>>,
    /// The decision was made for an earlier release and is used again for this one.
    pub reuse: Option<ReuseWords>,
}

/// What the letter says beyond the notice.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LetterWords {
    /// The device's UDI-DI.
    pub udi: String,
    /// The maker's single registration number.
    pub registration: String,
    /// What the maker does about it.
    pub efforts: String,
    /// What customers can do until then.
    pub compensating_controls: String,
    /// What comes.
    pub coming_fix: String,
    /// What a user must do.
    pub user_actions: String,
    /// It is a field safety notice.
    pub field_safety_notice: bool,
}

/// What `security.txt` says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SecurityWords {
    /// `mailto:`, `https:` or `tel:`; at least one.
    pub contact: Vec<String>,
    /// When it is no longer to be believed.
    pub expires: String,
    /// Keys.
    pub encryption: Vec<String>,
    /// Where the file stands.
    pub canonical: Vec<String>,
    /// The disclosure policy.
    pub policy: Vec<String>,
    /// CSAF provider metadata.
    pub csaf: Vec<String>,
    /// Languages.
    pub preferred_languages: Option<String>,
}

/// What is missing for a whole bundle.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Incomplete(pub Vec<String>);

impl Words {
    /// Reads a notice file.
    ///
    /// # Errors
    /// Naming the line.
    pub fn read(file: &str, text: &str) -> Result<Self, Incomplete> {
        toml::from_str(text).map_err(|error| {
            let line = crate::lines::toml_line(text, &error);
            let expected = "expected a notice file, as docs/book/post-market.md says";
            Incomplete(vec![format!("{file}:{line}: {}; {expected}", error.message())])
        })
    }

    /// All files by their names in the folder, the index `published.json` among them.
    ///
    /// # Errors
    /// Everything that is missing, at once.
    pub fn bundle(
        &self,
        record: &Record,
        known: &Known,
        now: Timestamp,
    ) -> Result<BTreeMap<String, Vec<u8>>, Incomplete> {
        let notice = self.notice(record, known);
        let mut missing: Vec<String> =
            notice.missing(now).iter().map(ToString::to_string).collect();
        if let Err(words) = self.purl(record, known) {
            missing.push(words);
        }
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut add = |name: String, made: Result<Value, PublishError>| match made {
            Ok(value) => {
                files.insert(name, pretty(&value));
            }
            Err(error) => {
                let words = error.to_string();
                if !missing.contains(&words) {
                    missing.push(words);
                }
            }
        };
        add("openvex.json".to_owned(), openvex::write(&notice, now));
        let cyclonedx = cyclonedx_vex::write(&notice, cyclonedx_vex::Version::V1_7, now);
        add("cyclonedx-vex.json".to_owned(), cyclonedx);
        let mut profiles = vec![("vex", csaf::Profile::Vex)];
        if notice.status(now) == VexStatus::Affected {
            profiles.push(("advisory", csaf::Profile::Advisory));
        }
        let file = csaf::file_name(&self.id);
        for (number, version) in [("2.0", csaf::Version::V2_0), ("2.1", csaf::Version::V2_1)] {
            for (name, profile) in &profiles {
                let made = csaf::write(&notice, version, *profile, now);
                add(format!("csaf-{number}/{name}/{file}"), made);
            }
        }
        self.words((&notice, known), now, &mut files, &mut missing);
        match record.bytes() {
            Ok(bytes) => drop(files.insert("decision.json".to_owned(), bytes)),
            Err(error) => missing.push(error.to_string()),
        }
        if !missing.is_empty() {
            return Err(Incomplete(missing));
        }
        let index = index(&self.id, &files, now);
        files.insert("published.json".to_owned(), index);
        Ok(files)
    }

    /// What is said of the decision, in the maker's words.
    #[must_use]
    pub fn notice<'r>(&self, record: &'r Record, known: &Known) -> Notice<'r> {
        let given = || self.product_purl.clone().unwrap_or_default();
        Notice {
            record,
            id: self.id.clone(),
            title: self.title.clone(),
            publisher: known.publisher.clone(),
            revisions: self.revisions.clone(),
            release: self.release(record).to_owned(),
            product_purl: self.purl(record, known).unwrap_or_else(|_| given()),
            description: self.description.clone(),
            action: self.action.clone(),
            fixed_in: self.fixed_in.clone(),
        }
    }

    /// The release that is told about: the decision's, or the later one for which it is used again.
    fn release<'a>(&'a self, record: &'a Record) -> &'a str {
        self.reuse.as_ref().map_or(&record.inputs.release.version, |reuse| &reuse.release)
    }

    /// The package URL of that release of the decision's product, and of no other.
    fn purl(&self, record: &Record, known: &Known) -> Result<String, String> {
        let Some(package) = &known.package else {
            let product = &record.inputs.release.product;
            return Err(format!(
                "the office file names no package of {product:?}; expected package = \"pkg:...\" in its [[product]]"
            ));
        };
        let ours = Purl::parse(&format!("{package}@{}", self.release(record)));
        let ours = ours.map_err(|error| format!("the package of the product: {error}"))?;
        match &self.product_purl {
            Some(given) if Purl::parse(given).as_ref() != Ok(&ours) => Err(format!(
                "product-purl: found {given}; expected {ours}, of the decision's product and release"
            )),
            _ => Ok(ours.to_string()),
        }
    }

    /// Letter, `security.txt` and fact sheets.
    fn words(
        &self,
        (notice, known): (&Notice<'_>, &Known),
        now: Timestamp,
        files: &mut BTreeMap<String, Vec<u8>>,
        missing: &mut Vec<String>,
    ) {
        if let Some(words) = &self.letter {
            let letter = self.letter_of(words, notice);
            match letter.write() {
                Ok(text) => drop(files.insert("letter.md".to_owned(), text.into_bytes())),
                Err(lacks) => missing.extend(lacks.iter().map(ToString::to_string)),
            }
        }
        if let Some(words) = &self.security_txt {
            let words = words.clone();
            let text = SecurityTxt {
                contact: words.contact,
                expires: words.expires,
                encryption: words.encryption,
                canonical: words.canonical,
                policy: words.policy,
                csaf: words.csaf,
                preferred_languages: words.preferred_languages,
            }
            .write();
            let wrong = security_txt::check(&text, now);
            missing.extend(wrong.iter().map(|words| format!("security.txt: {words}")));
            files.insert("security.txt".to_owned(), text.into_bytes());
        }
        if let Some(given) = &self.incident {
            let asked = incident::facts_asked();
            let unknown = given.keys().filter(|name| !asked.contains(&name.as_str()));
            missing.extend(unknown.map(|name| {
                format!(
                    "[incident] {name}: no form asks for it; expected one of {}",
                    asked.join(", ")
                )
            }));
            let facts = facts(given, self.letter.as_ref(), (notice, known));
            let forms = [("mir", Form::Mir), ("medwatch-3500a", Form::MedWatch3500A)];
            for (name, form) in forms {
                let table = incident::table(&incident::sheet(form, &facts));
                files.insert(format!("incident-{name}.md"), table.into_bytes());
            }
        }
    }

    fn letter_of(&self, words: &LetterWords, notice: &Notice<'_>) -> Letter {
        let product = &notice.record.inputs.release.product;
        let words = words.clone();
        Letter {
            notice: self.id.clone(),
            date: notice.changed().get(..10).unwrap_or_default().to_owned(),
            vulnerability: notice.vulnerability(),
            action: self.action.clone(),
            device: format!("{product} {}", notice.release),
            udi: words.udi,
            registration: words.registration,
            description_and_impact: format!("{}\n\n{}", self.description, notice.impact()),
            efforts: words.efforts,
            compensating_controls: words.compensating_controls,
            coming_fix: words.coming_fix,
            user_actions: words.user_actions,
            contact: notice.publisher.contact.clone(),
            field_safety_notice: words.field_safety_notice,
        }
    }
}

/// What the decision says already, unless the maker says otherwise.
fn facts(
    given: &BTreeMap<String, String>,
    letter: Option<&LetterWords>,
    (notice, known): (&Notice<'_>, &Known),
) -> BTreeMap<String, String> {
    let report = if notice.revisions.len() > 1 { "follow-up" } else { "initial" };
    let aware = known.aware.map_or(String::new(), |time| time.to_string());
    let product = &notice.record.inputs.release.product;
    let evidence = notice.record.digest().map(|digest| format!("decision record SHA-256 {digest}"));
    let mut facts: BTreeMap<String, String> = [
        ("maker.name", notice.publisher.name.clone()),
        ("maker.contact", notice.publisher.contact.clone()),
        ("device.name", product.clone()),
        ("device.release", format!("{product} {}", notice.release)),
        ("aware.date", aware),
        ("fleet.affected", format!("{} releases, {} devices", known.releases, known.devices)),
        ("report.type", report.to_owned()),
        ("report.period", known.us_report.unwrap_or_default().to_owned()),
        ("action", notice.action.clone()),
        ("evidence", evidence.unwrap_or_default()),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text))
    .collect();
    if let Some(letter) = letter {
        facts.insert("device.udi".to_owned(), letter.udi.clone());
        facts.insert("maker.registration".to_owned(), letter.registration.clone());
    }
    facts.extend(given.clone());
    facts
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

fn index(id: &str, files: &BTreeMap<String, Vec<u8>>, now: Timestamp) -> Vec<u8> {
    let list: Vec<Value> = files
        .iter()
        .map(|(name, bytes)| json!({ "file": name, "sha256": digest(bytes) }))
        .collect();
    pretty(&json!({ "id": id, "published": now.to_string(), "files": list }))
}
