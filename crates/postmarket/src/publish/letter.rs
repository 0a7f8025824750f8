//! The letter to customers, and the lint that holds it to its minimum (PMK-05, and PMK-11 for a field safety notice).

use std::fmt::Write as _;

/// What a letter says. An empty text is a missing one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Letter {
    /// The notice's id.
    pub notice: String,
    /// The day of the notice.
    pub date: String,
    /// The vulnerability by all its names.
    pub vulnerability: String,
    /// What is to be done about it.
    pub action: String,
    /// The device and its releases.
    pub device: String,
    /// Its UDI-DI.
    pub udi: String,
    /// The maker's single registration number, for a field safety notice.
    pub registration: String,
    /// The vulnerability in words, with what it can do to a patient.
    pub description_and_impact: String,
    /// What the maker does about it, and until when.
    pub efforts: String,
    /// What customers can do until then.
    pub compensating_controls: String,
    /// That a fix comes and when, or how the device is defended in depth.
    pub coming_fix: String,
    /// What a user must do.
    pub user_actions: String,
    /// Whom to ask.
    pub contact: String,
    /// It is a field safety notice.
    pub field_safety_notice: bool,
}

/// Something that a letter lacks.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("letter: {field} is {problem}; {requirement} wants {expected}")]
pub struct Missing {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
    /// Which requirement.
    pub requirement: &'static str,
    /// What is wanted.
    pub expected: &'static str,
}

/// Words that play a risk down; a field safety notice must not.
const PLAYED_DOWN: [&str; 6] = [
    "no need to worry",
    "extremely unlikely",
    "very unlikely",
    "minor issue",
    "purely theoretical",
    "precautionary only",
];

impl Letter {
    /// What is missing. A letter with nothing missing may be sent, after a person has read it.
    #[must_use]
    pub fn lint(&self) -> Vec<Missing> {
        let mut wanted = vec![
            ("device", &self.device, "PMK-05", "the device and its releases"),
            (
                "description_and_impact",
                &self.description_and_impact,
                "PMK-05",
                "the vulnerability and its impact",
            ),
            ("efforts", &self.efforts, "PMK-05", "the efforts under way"),
            (
                "compensating_controls",
                &self.compensating_controls,
                "PMK-05",
                "compensating controls",
            ),
            ("coming_fix", &self.coming_fix, "PMK-05", "the coming fix or the defence in depth"),
            ("contact", &self.contact, "PMK-05", "whom to ask"),
        ];
        if self.field_safety_notice {
            wanted.extend([
                ("udi", &self.udi, "PMK-11", "the UDI"),
                ("registration", &self.registration, "PMK-11", "the single registration number"),
                ("user_actions", &self.user_actions, "PMK-11", "what users must do"),
            ]);
        }
        let mut missing: Vec<Missing> = wanted
            .into_iter()
            .filter(|(_, text, ..)| text.trim().is_empty())
            .map(|(field, _, requirement, expected)| Missing {
                field,
                problem: "missing".to_owned(),
                requirement,
                expected,
            })
            .collect();
        if self.field_safety_notice {
            let text = self.description_and_impact.to_lowercase();
            missing.extend(PLAYED_DOWN.iter().filter(|words| text.contains(**words)).map(
                |words| Missing {
                    field: "description_and_impact",
                    problem: format!("played down by \"{words}\""),
                    requirement: "PMK-11",
                    expected: "the risk as it is",
                },
            ));
        }
        missing
    }

    /// The letter as Markdown, if nothing is missing.
    ///
    /// # Errors
    /// What is missing.
    pub fn write(&self) -> Result<String, Vec<Missing>> {
        let missing = self.lint();
        if !missing.is_empty() {
            return Err(missing);
        }
        let title =
            if self.field_safety_notice { "Field safety notice" } else { "Security notice" };
        let mut out = format!("# {title}: {}\n", self.device);
        let Self { notice, date, vulnerability, .. } = self;
        if !notice.trim().is_empty() {
            // Writing to a text cannot fail.
            let _ = write!(out, "\nNotice {notice} of {date}, about {vulnerability}\n");
        }
        for (heading, text) in [
            ("UDI-DI", &self.udi),
            ("Single registration number", &self.registration),
            ("What it is and what it can do", &self.description_and_impact),
            ("What to do", &self.action),
            ("What we are doing", &self.efforts),
            ("What you can do until then", &self.compensating_controls),
            ("What comes", &self.coming_fix),
            ("What you must do", &self.user_actions),
            ("Contact", &self.contact),
        ] {
            if !text.trim().is_empty() {
                // Writing to a text cannot fail.
                let _ = write!(out, "\n## {heading}\n\n{}\n", text.trim());
            }
        }
        Ok(out)
    }
}
