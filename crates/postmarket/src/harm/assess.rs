//! From facts to a class: one total function, and the facts that would have changed its answer.

mod nearest;

use super::exploitability::{Sign, impact, level};
use super::function_map::{Failure, Fallback, FunctionKind, Path, Severity};
use super::matrix::{Class, Exploitability, InForce};
use super::rubric::{Answers, Recovery, SafetyFacts};
use super::vectors;
use serde::{Deserialize, Serialize};

pub use nearest::{Nearest, nearest};

/// A fact with its origin.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// What it says.
    pub value: String,
    /// Who says so: a feed with file and pointer, a tool, a person.
    pub source: String,
    /// When it was said or read, RFC 3339.
    pub time: String,
}

/// The component of the finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComponentFact {
    /// Its name.
    pub name: String,
    /// Its version, as written.
    pub version: Option<String>,
    /// Its package URL.
    pub purl: Option<String>,
}

/// The release of the finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReleaseFact {
    /// The product.
    pub product: String,
    /// Its release.
    pub version: String,
    /// SHA-256 of its bill of materials.
    pub bill: String,
}

/// Why a product is not affected: the five justifications that all forms of VEX know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    /// The component is not in the product.
    ComponentNotPresent,
    /// The code is not in the product.
    VulnerableCodeNotPresent,
    /// An attacker does not control what the code needs.
    VulnerableCodeCannotBeControlledByAdversary,
    /// The code is never run.
    VulnerableCodeNotInExecutePath,
    /// The product itself prevents it.
    InlineMitigationsAlreadyExist,
}

/// Whether the vulnerability concerns this release.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// It does.
    Affected,
    /// Nobody knows: taken as affected.
    Unknown,
    /// It does not.
    NotAffected {
        /// Why.
        justification: Justification,
        /// The evidence's id and digest; not empty.
        evidence: String,
    },
}

/// A table or file that a decision rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TableReference {
    /// What it is.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of it.
    pub digest: String,
}

/// Everything that a decision rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Inputs {
    /// The vulnerability's id.
    pub vulnerability: String,
    /// Other ids of the same.
    pub aliases: Vec<String>,
    /// The component.
    pub component: ComponentFact,
    /// The release.
    pub release: ReleaseFact,
    /// Whether it concerns the release.
    pub applicability: Applicability,
    /// What the component means for the device.
    pub path: Path,
    /// The device sustains or supports life.
    pub life_supporting: bool,
    /// Answers to the medical rubric.
    pub answers: Answers,
    /// A published vector; used only where no question of the rubric is answered.
    pub published_vector: Option<String>,
    /// Whether an attack can be automated.
    pub automatable: Option<bool>,
    /// Signs of exploitation.
    pub signs: Vec<Sign>,
    /// All other facts, and the origin of those above.
    pub facts: Vec<Fact>,
    /// Tables: the matrix first, then the risk file and others.
    pub tables: Vec<TableReference>,
}

/// The edition of the rubric that the questions follow.
pub const RUBRIC_EDITION: &str = "MITRE medical device rubric 0.12.04";

/// Which rule gave the class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Evidence and a justification say that the release is not affected.
    NotAffected,
    /// It is exploited, and the path reaches therapy, diagnosis or alarms.
    ExploitedOnPatientPath,
    /// Data can be read and nothing else: no harm to the body by itself; the privacy clocks run.
    ConfidentialityOnly,
    /// Nobody has linked the component: the device's worst hazard stands for it.
    UnlinkedWorstHazard,
    /// The cell of exploitability and severity.
    Matrix,
}

/// What the function says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The class.
    pub class: Class,
    /// The rule that fired.
    pub rule: Rule,
    /// How easily exploited.
    pub exploitability: Exploitability,
    /// How bad the worst harm is.
    pub severity: Severity,
    /// The hazard that is that bad.
    pub hazard: String,
    /// The vector that was used.
    pub vector: String,
    /// Its base score in tenths.
    pub score_tenths: u8,
    /// The vector in CVSS 4.0 with safety metrics, where the rubric is answered.
    pub vector_4: Option<String>,
    /// Data of patients can be read: privacy clocks start when it happens.
    pub privacy: bool,
}

/// Says what a finding is for patients.
///
/// Total: what is not known takes the worse branch, and a published vector that cannot be read counts as none.
#[must_use]
pub fn assess(inputs: &Inputs, table: &InForce) -> Outcome {
    let (vector, score) = vector(inputs);
    let exploitability =
        level(table.matrix(), &vector, &inputs.path.exposure, &inputs.path.controls, &inputs.signs);
    let can = impact(&vector);
    let (severity, hazard) = worst(&inputs.path, can);
    let patient_path = inputs.path.link.is_none()
        || inputs.path.functions.iter().any(|function| function.kind != FunctionKind::Support);
    let exploited = inputs.signs.iter().any(Sign::exploited);
    let (class, rule) = if matches!(inputs.applicability, Applicability::NotAffected { .. }) {
        (Class::NotAffected, Rule::NotAffected)
    } else if exploited && patient_path {
        (Class::Uncontrolled, Rule::ExploitedOnPatientPath)
    } else if !can.integrity && !can.availability {
        (Class::Controlled, Rule::ConfidentialityOnly)
    } else {
        let rule =
            if inputs.path.link.is_none() { Rule::UnlinkedWorstHazard } else { Rule::Matrix };
        (table.matrix().class(exploitability, severity), rule)
    };
    let vector_4 = (inputs.answers != Answers::default()).then(|| {
        inputs.answers.vector_4_0(&SafetyFacts {
            harm_possible: severity >= Severity::Serious,
            automatable: inputs.automatable,
            recovery: recovery(&inputs.path),
        })
    });
    Outcome {
        class,
        rule,
        exploitability,
        severity,
        hazard,
        score_tenths: score,
        vector,
        vector_4,
        privacy: can.confidentiality,
    }
}

/// The rubric's vector if a question is answered, else the published one, else the worst.
fn vector(inputs: &Inputs) -> (String, u8) {
    let tenths = |vector: &str| vectors::score(vector).ok().map(|scored| scored.base.tenths());
    if inputs.answers == Answers::default()
        && let Some(vector) = &inputs.published_vector
        && let Some(score) = tenths(vector)
    {
        return (vector.clone(), score);
    }
    let vector = inputs.answers.vector_3_1();
    let score = tenths(&vector).unwrap_or(100);
    (vector, score)
}

/// The worst severity on the path, and the hazard that has it.
fn worst(path: &Path, can: super::function_map::Impact) -> (Severity, String) {
    let linked = path.link.is_some();
    let defeated =
        path.functions.iter().flat_map(|function| &function.hazards).any(|hazard| {
            hazard.failure == Failure::FallbackDefeated && hazard.failure.possible(can)
        });
    let all = || path.functions.iter().flat_map(|f| f.hazards.iter().map(move |h| (f, h)));
    let credible = all().any(|(_, hazard)| hazard.failure.possible(can));
    let counted = all().filter(|(_, hazard)| !linked || !credible || hazard.failure.possible(can));
    let severities = counted.map(|(function, hazard)| {
        let credit = linked
            && !defeated
            && function.fallback == Fallback::Unaided
            && hazard.failure.has_fallback();
        let severity = match hazard.severity_with_fallback {
            Some(with) if credit => with,
            _ => hazard.severity,
        };
        (severity, &hazard.id)
    });
    let worst = severities.max_by(|(a, left), (b, right)| a.cmp(b).then(right.cmp(left)));
    // No function at all is no statement about harm.
    worst.map_or((Severity::Catastrophic, "not named".to_owned()), |(s, id)| (s, id.clone()))
}

fn recovery(path: &Path) -> Recovery {
    let fallbacks = path.functions.iter().map(|function| function.fallback);
    let worst = fallbacks.map(|fallback| match fallback {
        Fallback::Unaided => 0,
        Fallback::NeedsPerson => 1,
        Fallback::Unknown => 2,
        Fallback::None => 3,
    });
    match worst.max() {
        Some(0) => Recovery::Unaided,
        Some(1) => Recovery::ByUser,
        Some(3) => Recovery::Irrecoverable,
        _ => Recovery::Unknown,
    }
}

#[cfg(test)]
pub(crate) mod tests;
