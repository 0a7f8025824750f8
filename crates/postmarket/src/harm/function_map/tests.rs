use super::*;
use proptest::prelude::*;

const FILE: &str = include_str!("../../../testdata/harm/risk.toml");

fn complaint(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    read("risk.toml", FILE.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
}

#[test]
fn pmk_03_a_component_leads_to_functions_and_hazards() {
    let file = read("risk.toml", FILE.as_bytes()).unwrap();
    assert!(file.life_supporting);
    let path = file.path(Some("pkg:cargo/trouble-host@0.2.0"), "trouble-host");
    assert_eq!(path.link.as_deref(), Some("pkg:cargo/trouble-*"));
    let ids: Vec<&str> = path.functions.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["dose", "alarm"]);
    assert_eq!(path.functions[0].hazards[1].time_to_harm, Some(Minutes(240)));
    assert_eq!(path.functions[1].fallback, Fallback::Unknown);
    assert_eq!(path.exposure.wireless, Some(true));
    assert_eq!(file.path(None, "openssl").functions[0].id, "upload");
}

#[test]
fn pmk_03_a_component_without_a_link_stands_for_every_function() {
    let file = read("risk.toml", FILE.as_bytes()).unwrap();
    let path = file.path(Some("pkg:cargo/serde@1.0.0"), "serde");
    assert_eq!(path.link, None);
    assert_eq!(path.functions.len(), file.functions.len());
    assert!(path.controls.is_empty());
}

#[test]
fn pmk_03_complaints_name_file_key_and_what_was_expected() {
    assert_eq!(
        complaint("functions = [\"upload\"]", "functions = [\"uplaod\"]"),
        "risk.toml: component[1].functions[0]: found \"uplaod\"; expected one of alarm, dose, upload"
    );
    assert_eq!(
        complaint("functions = [\"upload\"]", "functions = []"),
        "risk.toml: component[1].functions: found none; expected at least one function that it serves"
    );
    assert_eq!(
        complaint("id = \"alarm\"", "id = \"dose\""),
        "risk.toml: function[1].id: found \"dose\"; expected an id that no other function has"
    );
    assert_eq!(
        complaint("severity-with-fallback = \"minor\"", "severity-with-fallback = \"critical\""),
        "risk.toml: function[0].hazard[1].severity-with-fallback: found Some(Critical); expected no more than severity"
    );
    let unknown = complaint("severity = \"catastrophic\"", "severity = \"terrible\"");
    assert!(
        unknown.starts_with("risk.toml: line 15: found unknown variant `terrible`"),
        "{unknown}"
    );
    assert!(complaint("minutes-to-harm = 45", "minutes = 45").contains("unknown field `minutes`"));
    assert!(read("x", &[0xff]).unwrap_err().to_string().starts_with("x: byte 0: found no UTF-8"));
}

#[test]
fn pmk_03_what_an_attacker_can_do_bounds_what_can_fail() {
    let can = |c, i, a| Impact { confidentiality: c, integrity: i, availability: a };
    assert!(!Failure::OverDelivery.possible(can(true, false, true)));
    assert!(Failure::OverDelivery.possible(can(false, true, false)));
    assert!(Failure::LossOfLoop.possible(can(false, false, true)));
    assert!(!Failure::LossOfLoop.possible(can(true, false, false)));
    assert!(Failure::DataRead.possible(can(true, false, false)));
}

proptest! {
    #[test]
    fn tst_03_no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read("x", &bytes);
    }
}
