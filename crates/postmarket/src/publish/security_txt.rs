//! `security.txt` (RFC 9116): written and checked.

use jiff::{Span, Timestamp};

/// What the file says. Lists are in order of preference.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SecurityTxt {
    /// `mailto:`, `https:` or `tel:`; at least one.
    pub contact: Vec<String>,
    /// When it is no longer to be believed, RFC 3339; best within a year.
    pub expires: String,
    /// Keys.
    pub encryption: Vec<String>,
    /// Where the file stands.
    pub canonical: Vec<String>,
    /// The disclosure policy.
    pub policy: Vec<String>,
    /// CSAF provider metadata.
    pub csaf: Vec<String>,
    /// Languages, `en, de`.
    pub preferred_languages: Option<String>,
}

impl SecurityTxt {
    /// The file.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::new();
        let many = [
            ("Contact", &self.contact),
            ("Encryption", &self.encryption),
            ("Canonical", &self.canonical),
            ("Policy", &self.policy),
            ("CSAF", &self.csaf),
        ];
        for (name, values) in many {
            for value in values {
                out.push_str(&format!("{name}: {value}\n"));
            }
        }
        if let Some(languages) = &self.preferred_languages {
            out.push_str(&format!("Preferred-Languages: {languages}\n"));
        }
        out.push_str(&format!("Expires: {}\n", self.expires));
        out
    }
}

/// Checks a file at a time: what is wrong, by line. Empty: nothing.
#[must_use]
pub fn check(text: &str, now: Timestamp) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut contacts, mut expires, mut languages) = (0, 0, 0);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        let number = index + 1;
        if line.is_empty()
            || line.starts_with('#')
            || line.starts_with("-----")
            || line.starts_with("Hash:")
        {
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            problems.push(format!("line {number}: found \"{line}\"; expected \"Field: value\""));
            continue;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "contact" => {
                contacts += 1;
                if !["mailto:", "https:", "tel:"].iter().any(|scheme| value.starts_with(scheme)) {
                    problems.push(format!(
                        "line {number}: Contact \"{value}\"; expected mailto:, https: or tel:"
                    ));
                }
            }
            "expires" => {
                expires += 1;
                problems
                    .extend(expiry(value, now).map(|problem| format!("line {number}: {problem}")));
            }
            "preferred-languages" => languages += 1,
            "encryption" | "canonical" | "policy" | "acknowledgments" | "hiring" | "csaf"
                if value.starts_with("http:") =>
            {
                problems.push(format!("line {number}: {name} \"{value}\"; expected https:"));
            }
            // Unknown fields are to be ignored.
            _ => {}
        }
    }
    if contacts == 0 {
        problems.push("no Contact; expected at least one".to_owned());
    }
    if expires != 1 {
        problems.push(format!("{expires} fields Expires; expected exactly one"));
    }
    if languages > 1 {
        problems.push(format!("{languages} fields Preferred-Languages; expected at most one"));
    }
    problems
}

fn expiry(value: &str, now: Timestamp) -> Option<String> {
    let Ok(end) = value.parse::<Timestamp>() else {
        return Some(format!("Expires \"{value}\"; expected a time, RFC 3339"));
    };
    let year = now.checked_add(Span::new().hours(366 * 24));
    if end <= now {
        Some(format!("Expires {value} is past; expected a time to come, renew the file"))
    } else if year.is_ok_and(|year| end > year) {
        Some(format!("Expires {value} is more than a year away; expected less"))
    } else {
        None
    }
}
