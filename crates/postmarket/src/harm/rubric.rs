//! The MITRE rubric for applying CVSS to medical devices: thirty-one questions, one vector.
//!
//! The questions are those of the rubric's qualified edition of October 2020. A question that is not answered is
//! unknown, and unknown takes the worse branch, always. Public spreadsheets of the rubric have defects that
//! are tested for here: a low loss of therapy availability counts, scores end at 10.0, no impact scores 0.0, the number
//! of patients (XCPM) counts, and a wireless link of unknown range has an attack vector.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

macro_rules! questions {
    ($($id:ident $kind:ident $text:literal,)*) => {
        /// A question of the rubric, by its id there.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum Question { $(#[doc = $text] $id,)* }

        impl Question {
            /// All questions, in the order in which they are asked.
            pub const ALL: [Self; 31] = [$(Self::$id,)*];

            /// The id.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$id => stringify!($id),)* }
            }

            /// The question in our words.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$id => $text,)* }
            }

            /// Which answers it takes.
            #[must_use]
            pub fn kind(self) -> Kind {
                match self { $(Self::$id => Kind::$kind,)* }
            }
        }
    };
}

/// Which answers a question takes; unknown is always one of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Yes or no.
    YesNo,
    /// High, low or none.
    Extent,
}

questions! {
    XAVN YesNo "Can it be attacked over any network or communication protocol?",
    XAVT YesNo "Is that protocol routed (network or transport layer)?",
    XAVW YesNo "Is the link wireless?",
    XAVR YesNo "Is the range of the wireless link about 10 feet (3 m) or less?",
    XAVP YesNo "Must the attacker touch the device?",
    XAVPA YesNo "Is it attacked through the human interface? (recorded; without effect on the vector)",
    XACL YesNo "Can the attacker succeed at will, without conditions beyond his control?",
    XPRL YesNo "Does the device know several roles or levels of authority?",
    XPRZ YesNo "Must the attacker be authorised before the attack?",
    XPRS YesNo "Must he be an administrator or service technician?",
    XUI YesNo "Must a person other than the attacker do something?",
    XS YesNo "Are parts affected that are under another security authority?",
    XCP YesNo "Can patient data be read?",
    XCPM YesNo "Of about 500 patients or more?",
    XCD Extent "How far can data of diagnosis or monitoring be read?",
    XCT Extent "How far can data of therapy be read?",
    XCW Extent "How far can data of the clinical workflow be read?",
    XCS Extent "How far can secrets of the system be read?",
    XCO Extent "How far can other critical data be read?",
    XIP Extent "How far can patient data be changed?",
    XID Extent "How far can data of diagnosis or monitoring be changed?",
    XIT Extent "How far can data or commands of therapy be changed?",
    XIW Extent "How far can data of the clinical workflow be changed?",
    XIS Extent "How far can secrets or settings of the system be changed?",
    XIO Extent "How far can other critical data be changed?",
    XAP Extent "How far can patient data become unavailable?",
    XAD Extent "How far can diagnosis or monitoring become unavailable?",
    XAT Extent "How far can therapy become unavailable?",
    XAW Extent "How far can the clinical workflow become unavailable?",
    XAS Extent "How far can the system itself become unavailable?",
    XAO Extent "How far can other critical functions become unavailable?",
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// An answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// To a high extent.
    High,
    /// To a low extent.
    Low,
    /// Not at all.
    None,
    /// Nobody knows: the worse branch is taken.
    Unknown,
}

impl Kind {
    /// The answers it takes, unknown last.
    #[must_use]
    pub fn answers(self) -> &'static [Answer] {
        match self {
            Self::YesNo => &[Answer::Yes, Answer::No, Answer::Unknown],
            Self::Extent => &[Answer::High, Answer::Low, Answer::None, Answer::Unknown],
        }
    }
}

/// An answer that its question does not take.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("question {question}: {given:?} is no answer to it; expected one of {expected:?}")]
pub struct AnswerError {
    /// The question.
    pub question: Question,
    /// What was given.
    pub given: Answer,
    /// What it takes.
    pub expected: &'static [Answer],
}

/// Answers to the rubric. What is not answered is unknown.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Question, Answer>", into = "BTreeMap<Question, Answer>")]
pub struct Answers(BTreeMap<Question, Answer>);

impl TryFrom<BTreeMap<Question, Answer>> for Answers {
    type Error = AnswerError;

    fn try_from(given: BTreeMap<Question, Answer>) -> Result<Self, AnswerError> {
        let mut answers = Self::default();
        for (question, answer) in given {
            answers = answers.with(question, answer)?;
        }
        Ok(answers)
    }
}

impl From<Answers> for BTreeMap<Question, Answer> {
    fn from(answers: Answers) -> Self {
        answers.0
    }
}

impl Answers {
    /// The same answers with this one given (or taken back, if it is unknown).
    ///
    /// # Errors
    /// If the question does not take that answer.
    pub fn with(mut self, question: Question, answer: Answer) -> Result<Self, AnswerError> {
        let expected = question.kind().answers();
        if !expected.contains(&answer) {
            return Err(AnswerError { question, given: answer, expected });
        }
        if answer == Answer::Unknown {
            self.0.remove(&question);
        } else {
            self.0.insert(question, answer);
        }
        Ok(self)
    }

    /// The answer to a question.
    #[must_use]
    pub fn get(&self, question: Question) -> Answer {
        self.0.get(&question).copied().unwrap_or(Answer::Unknown)
    }

    /// The worst extent over some questions: `H`, `L` or `N`.
    fn worst(&self, questions: &[Question]) -> char {
        let given = |wanted: &[Answer]| questions.iter().any(|q| wanted.contains(&self.get(*q)));
        if given(&[Answer::High, Answer::Unknown]) {
            'H'
        } else if given(&[Answer::Low]) {
            'L'
        } else {
            'N'
        }
    }

    fn attack_vector(&self) -> char {
        use Answer::{No, Yes};
        use Question::{XAVN, XAVP, XAVR, XAVT, XAVW};
        let asked = |q| self.get(q);
        if asked(XAVN) == No {
            return if asked(XAVP) == Yes { 'P' } else { 'L' };
        }
        if asked(XAVN) != Yes || asked(XAVT) != No {
            return 'N';
        }
        if asked(XAVW) == Yes && asked(XAVR) == Yes { 'L' } else { 'A' }
    }

    fn privileges(&self) -> char {
        use Question::{XPRL, XPRS, XPRZ};
        if self.get(XPRL) != Answer::Yes || self.get(XPRZ) != Answer::Yes {
            return 'N';
        }
        match self.get(XPRS) {
            Answer::Yes => 'H',
            Answer::No => 'L',
            _ => 'N',
        }
    }

    fn confidentiality(&self) -> char {
        use Question::{XCD, XCO, XCP, XCPM, XCS, XCT, XCW};
        let patients = match (self.get(XCP), self.get(XCPM)) {
            (Answer::No, _) => 'N',
            (_, Answer::No) => 'L',
            _ => 'H',
        };
        worse(patients, self.worst(&[XCD, XCT, XCW, XCS, XCO]))
    }

    fn integrity(&self) -> char {
        use Question::{XID, XIO, XIP, XIS, XIT, XIW};
        self.worst(&[XIP, XID, XIT, XIW, XIS, XIO])
    }

    fn availability(&self) -> char {
        use Question::{XAD, XAO, XAP, XAS, XAT, XAW};
        self.worst(&[XAP, XAD, XAT, XAW, XAS, XAO])
    }

    /// The base metrics of CVSS 3 in their order.
    fn base(&self) -> [char; 8] {
        [
            self.attack_vector(),
            if self.get(Question::XACL) == Answer::No { 'H' } else { 'L' },
            self.privileges(),
            if self.get(Question::XUI) == Answer::Yes { 'R' } else { 'N' },
            if self.get(Question::XS) == Answer::No { 'U' } else { 'C' },
            self.confidentiality(),
            self.integrity(),
            self.availability(),
        ]
    }

    fn version_3(&self, version: &str) -> String {
        let [av, ac, pr, ui, s, c, i, a] = self.base();
        format!("CVSS:{version}/AV:{av}/AC:{ac}/PR:{pr}/UI:{ui}/S:{s}/C:{c}/I:{i}/A:{a}")
    }

    /// The vector in CVSS 3.0, for which the rubric was qualified.
    #[must_use]
    pub fn vector_3_0(&self) -> String {
        self.version_3("3.0")
    }

    /// The vector in CVSS 3.1: the same metrics.
    #[must_use]
    pub fn vector_3_1(&self) -> String {
        self.version_3("3.1")
    }

    /// A vector in CVSS 4.0 with its safety metrics. Where 4.0 asks more finely than the rubric, the worse is
    /// taken: attack requirements none, interaction passive, and what is hit under another authority is hit as hard.
    #[must_use]
    pub fn vector_4_0(&self, safety: &SafetyFacts) -> String {
        let [av, ac, pr, ui, s, c, i, a] = self.base();
        let ui = if ui == 'R' { 'P' } else { 'N' };
        let [sc, si, sa] = if s == 'C' { [c, i, a] } else { ['N'; 3] };
        let mut vector = format!(
            "CVSS:4.0/AV:{av}/AC:{ac}/AT:N/PR:{pr}/UI:{ui}/VC:{c}/VI:{i}/VA:{a}/SC:{sc}/SI:{si}/SA:{sa}"
        );
        if safety.harm_possible {
            use Question::{XAD, XAT, XID, XIT};
            if self.worst(&[XIT, XID]) != 'N' {
                vector.push_str("/MSI:S");
            }
            if self.worst(&[XAT, XAD]) != 'N' {
                vector.push_str("/MSA:S");
            }
        }
        vector.push_str(if safety.harm_possible { "/S:P" } else { "/S:N" });
        match safety.automatable {
            Some(true) => vector.push_str("/AU:Y"),
            Some(false) => vector.push_str("/AU:N"),
            None => {}
        }
        match safety.recovery {
            Recovery::Unaided => vector.push_str("/R:A"),
            Recovery::ByUser => vector.push_str("/R:U"),
            Recovery::Irrecoverable => vector.push_str("/R:I"),
            Recovery::Unknown => {}
        }
        vector
    }

    /// Whether anything but the reading of data is possible.
    #[must_use]
    pub fn only_confidentiality(&self) -> bool {
        self.integrity() == 'N' && self.availability() == 'N'
    }
}

fn worse(a: char, b: char) -> char {
    let rank = |letter| ['N', 'L', 'H'].iter().position(|l| *l == letter);
    if rank(a) >= rank(b) { a } else { b }
}

/// What CVSS 4.0 asks beyond the rubric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SafetyFacts {
    /// A person can come to serious harm (IEC 61508 "marginal" or worse); true where nobody knows.
    pub harm_possible: bool,
    /// Whether an attacker can automate it against many devices.
    pub automatable: Option<bool>,
    /// How the device comes back.
    pub recovery: Recovery,
}

/// How a device recovers from the attack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recovery {
    /// By itself.
    Unaided,
    /// With a person's help.
    ByUser,
    /// Not at all.
    Irrecoverable,
    /// Nobody knows; the vector then says nothing.
    Unknown,
}

#[cfg(test)]
mod tests;
