//! Writes one CSAF document for every version, profile and status into a folder, out of decisions made for the purpose:
//! what `bench/peers/csaf` gives to another implementation's tests.
//!
//! ```text
//! cargo run -p homeostat-postmarket --example publish_csaf -- FOLDER
//! ```

use homeostat_postmarket::harm::assess::{
    Applicability, ComponentFact, Inputs, Justification, ReleaseFact, TableReference,
};
use homeostat_postmarket::harm::decision::{Approval, Record};
use homeostat_postmarket::harm::function_map;
use homeostat_postmarket::harm::matrix::InForce;
use homeostat_postmarket::harm::rubric::Answers;
use homeostat_postmarket::publish::csaf::{Profile, Version, file_name, write};
use homeostat_postmarket::publish::{Notice, Publisher, Revision};
use std::error::Error;
use std::path::Path;

const RISK: &str = include_str!("../testdata/harm/risk.toml");

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder")?;
    let not_affected = Applicability::NotAffected {
        justification: Justification::VulnerableCodeNotInExecutePath,
        evidence: "call graph, SHA-256 12ab".to_owned(),
    };
    for (name, applicability, decided, fix) in [
        ("affected-fixed", Applicability::Affected, true, true),
        ("affected", Applicability::Affected, true, false),
        ("not-affected", not_affected, true, false),
        ("investigating", Applicability::Unknown, false, false),
    ] {
        let record = record(applicability, decided)?;
        for (version, number) in [(Version::V2_0, "2-0"), (Version::V2_1, "2-1")] {
            for (profile, word) in [(Profile::Advisory, "advisory"), (Profile::Vex, "vex")] {
                // Of what is not known to be affected only VEX can speak.
                if profile == Profile::Advisory && !name.starts_with("affected") {
                    continue;
                }
                let mut notice = notice(&record, format!("ACME-{number}-{word}-{name}"));
                notice.fixed_in = fix.then(|| "1.4.1".to_owned());
                let document = write(&notice, version, profile, "2026-11-22T09:00:00Z".parse()?)?;
                let path = Path::new(&folder).join(file_name(&notice.id));
                std::fs::write(path, serde_json::to_string_pretty(&document)?)?;
            }
        }
    }
    Ok(())
}

fn record(applicability: Applicability, decided: bool) -> Result<Record, Box<dyn Error>> {
    let table = InForce::shipped();
    let file = function_map::read("risk.toml", RISK.as_bytes())?;
    let purl = "pkg:cargo/trouble-host@0.2.0";
    let inputs = Inputs {
        vulnerability: "CVE-2026-0001".to_owned(),
        aliases: vec!["GHSA-aaaa-bbbb-cccc".to_owned()],
        component: ComponentFact {
            name: "trouble-host".to_owned(),
            version: Some("0.2.0".to_owned()),
            purl: Some(purl.to_owned()),
        },
        release: ReleaseFact {
            product: "Loop-A".to_owned(),
            version: "1.4.0".to_owned(),
            bill: "ab".repeat(32),
        },
        applicability,
        path: file.path(Some(purl), "trouble-host"),
        life_supporting: file.life_supporting,
        answers: Answers::default(),
        published_vector: Some("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N".to_owned()),
        automatable: None,
        signs: Vec::new(),
        facts: Vec::new(),
        tables: vec![TableReference {
            name: "matrix".to_owned(),
            version: table.matrix().version.clone(),
            digest: table.digest().to_owned(),
        }],
    };
    let proposal = Record::propose(inputs, &table, None)?;
    let person = Approval {
        name: "A. First".to_owned(),
        role: "security lead".to_owned(),
        time: "2026-11-21T09:00:00Z".to_owned(),
    };
    Ok(if decided { proposal.decide(person, None)? } else { proposal })
}

fn notice(record: &Record, id: String) -> Notice<'_> {
    Notice {
        record,
        id,
        title: "Bluetooth stack of Loop-A".to_owned(),
        publisher: Publisher {
            name: "ACME Medical".to_owned(),
            namespace: "https://psirt.example.com".to_owned(),
            contact: "psirt@example.com".to_owned(),
        },
        revisions: vec![Revision {
            time: "2026-11-21T10:00:00Z".to_owned(),
            summary: "First".to_owned(),
        }],
        product_purl: "pkg:generic/acme/loop-a@1.4.0".to_owned(),
        description: "A frame that is too long overwrites memory.".to_owned(),
        action: "Update as soon as a fix is there; until then switch the radio off.".to_owned(),
        fixed_in: None,
    }
}
