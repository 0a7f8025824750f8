//! What the office file says of the maker: laws by product, own limits, own table.

use super::*;
use crate::clock::Limit;
use crate::feed::mirror::SigningKey;
use crate::harm::matrix::InForce;

const OFFICE: &str = r#"
[maker]
name = "A maker"
namespace = "https://maker.example"
contact = "psirt@maker.example"
[[product]]
name = "pump"
risks = "pump.toml"
package = "pkg:generic/maker/pump"
[[product]]
name = "hub"
scopes = ["cra", "own-policy"]
[[release]]
product = "pump"
version = "1.0"
bill = "Cargo.lock"
devices = 7
"#;

fn field(text: &str) -> Field {
    Field::read("office.toml", text).unwrap()
}

#[test]
fn pmk_18_the_cyber_resilience_act_holds_for_the_product_that_is_no_device_and_for_no_other() {
    let mut office = office();
    office.put_maker(&field(OFFICE)).unwrap();
    let hub = [release("hub", "1.0", &[("time", "0.1.43")])];
    office.put_releases(hub, "2026-01-01T00:00:00Z").unwrap();
    take(&mut office, "kev.json", KEV, "2026-11-21T06:00:00Z");
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    settle(&mut office, "2026-11-22T08:00:00Z");
    let office = reopened(office).unwrap();
    let rows = |product: &str| -> Vec<String> {
        let finding = office.findings().unwrap().into_iter().find(|one| one.product == product);
        let clocks = office.clocks(Some(finding.unwrap().id), now()).unwrap().into_iter();
        let mut rows: Vec<String> = clocks.map(|one| one.running.clock.row.id).collect();
        rows.sort();
        rows
    };
    assert_eq!(rows("pump"), ["fda-postmarket-30", "fda-postmarket-60", "own-triage"]);
    assert_eq!(rows("hub"), ["cra-14-24h", "cra-14-72h", "own-triage"]);
}

#[test]
fn pmk_18_where_another_law_comes_to_hold_its_clocks_run_from_when_the_finding_was_known() {
    let mut office = office();
    take(&mut office, "kev.json", KEV, "2026-11-21T06:00:00Z");
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    assert_eq!(settle(&mut office, "2026-11-21T08:00:00Z").started, 3);
    let cra = |office: &Office| {
        let clocks = office.clocks(None, now()).unwrap().into_iter();
        let of_cra = clocks.filter(|one| one.running.clock.row.scope == "cra");
        of_cra.map(|one| one.running.clock.history()[0].time).collect::<Vec<_>>()
    };
    assert_eq!(cra(&office), []);
    let other = OFFICE
        .replace("package = ", "scopes = [\"cra\", \"us-device\", \"own-policy\"]\npackage = ");
    office.put_maker(&field(&other)).unwrap();
    let mut office = reopened(office).unwrap();
    let settled = settle(&mut office, "2026-11-22T08:00:00Z");
    assert_eq!((settled.started, settled.notices.len()), (2, 0), "{settled:?}");
    assert_eq!(cra(&office), [time("2026-11-21T06:00:00Z"); 2]);
    office.put_maker(&field(&other)).unwrap();
    assert_eq!(settle(&mut office, "2026-11-22T09:00:00Z"), Settled::default());
}

#[test]
fn pmk_01_an_office_file_that_cannot_be_right_is_refused_by_key() {
    let refused = |from: &str, to: &str| {
        assert!(OFFICE.contains(from), "{from}");
        Field::read("office.toml", &OFFICE.replace(from, to)).unwrap_err().to_string()
    };
    let both = refused("\"cra\", \"own-policy\"", "\"cra\", \"mdr\"");
    assert!(both.contains("[[product]] \"hub\" scopes: mdr and cra"), "{both}");
    assert!(both.contains("2024/2847 (CRA), Article 2(2)(a)"), "{both}");
    let many = refused("devices = 7", "devices = 9223372036854775807");
    assert!(many.contains("[[release]] 1 devices: 9223372036854775807"), "{many}");
    assert!(refused("maker/pump\"", "maker/pump@1.0\"").contains("package"));
    assert!(refused("\"hub\"", "\"pump\"").contains("every product once"));
    for (policy, words) in [
        ("fda-postmarket-30 = { days = 90 }", "fda-postmarket-30"),
        ("own-triage = { before = true }", "own-triage"),
    ] {
        let words_of = refused(
            "[[product]]\nname = \"hub\"",
            &format!("[maker.policy]\n{policy}\n[[product]]\nname = \"hub\""),
        );
        assert!(words_of.contains(words), "{words_of}");
    }
    let said = field(&OFFICE.replace("product = \"pump\"", "product = \"pmup\"")).odd_names();
    assert!(said.len() == 3 && said[0].contains("\"pmup\": the worst is taken"), "{said:?}");
    assert!(said[1].contains("no [[release]] is of the product \"pump\""), "{said:?}");
}

#[test]
fn pmk_02_the_makers_own_limit_holds_where_the_clock_is_policy() {
    let mut office = office();
    let mut own = field(OFFICE);
    own.maker.policy.insert("own-triage".into(), Limit::Hours(6));
    office.put_maker(&own).unwrap();
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    settle(&mut office, "2026-11-22T08:00:00Z");
    let clocks = office.clocks(None, now()).unwrap();
    let triage = clocks.iter().find(|one| one.running.clock.row.id == "own-triage").unwrap();
    assert_eq!(triage.due(), Some(time("2026-11-21T12:00:00Z")));
}

#[test]
fn pmk_03_the_makers_own_stricter_table_decides_and_what_was_decided_by_another_replays() {
    let mut office = office();
    with_risks(&mut office);
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
    assert_eq!(
        settle(&mut office, "2026-11-22T08:00:00Z").notices[0].told.class,
        Class::Controlled
    );
    let given = Given { person: Some(person()), ..Given::default() };
    office.decide(FindingId(1), &given, (now(), now())).unwrap();
    let shipped = include_str!("../../harm/matrix.toml");
    let stricter = shipped.replace("\"controlled\"", "\"uncontrolled\"");
    let key = SigningKey::from_bytes(&[7; 32]);
    let (_, signature) = InForce::signed("own.toml", &stricter, &key).unwrap();
    let public = key.verifying_key().to_bytes();
    let signed =
        |text| SignedMatrix { file: "own.toml", text, signature: &signature, key: &public };
    let forged = stricter.replacen("\"uncontrolled\"", "\"controlled\"", 1);
    assert!(office.put_matrix(Some(signed(&forged)), "2026-11-23T00:00:00Z").is_err());
    office.put_matrix(Some(signed(&stricter)), "2026-11-23T00:00:00Z").unwrap();
    let mut office = reopened(office).unwrap();
    let settled = settle(&mut office, "2026-11-23T08:00:00Z");
    assert_eq!(settled.notices[0].told.class, Class::Uncontrolled);
    let late = time("2026-11-23T09:00:00Z");
    let given = Given { person: Some(Approval { time: late.to_string(), ..person() }), ..given };
    let decided = office.decide(FindingId(1), &given, (late, late)).unwrap();
    assert_eq!(decided.record.inputs.tables[0].digest, office.matrix().digest());
    // The shipped table again: both still come out the same.
    office.put_matrix(None, "2026-11-24T00:00:00Z").unwrap();
    let office = reopened(office).unwrap();
    assert_eq!(office.matrix(), &InForce::shipped());
    let all = office.decisions(FindingId(1)).unwrap();
    assert!(all.len() == 2 && all.iter().all(|one| one.differs.is_none()), "{all:?}");
}
