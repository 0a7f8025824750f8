use super::*;
use ed25519_dalek::{Signer, SigningKey};

fn signed(text: &str) -> Result<InForce, MatrixError> {
    let key = SigningKey::from_bytes(&[7; 32]);
    let matrix = Matrix::read("own.toml", text)?;
    let signature = key.sign(&matrix.canonical()).to_bytes();
    InForce::of_maker("own.toml", text, &signature, key.verifying_key().as_bytes())
}

fn changed(from: &str, to: &str) -> String {
    assert!(SHIPPED.contains(from), "{from}");
    SHIPPED.replacen(from, to, 1)
}

#[test]
fn pmk_03_the_shipped_table_is_sound_and_its_digest_known() {
    let table = InForce::shipped();
    assert_eq!(table.matrix().class(Exploitability::High, Severity::Serious), Class::Uncontrolled);
    assert_eq!(table.matrix().class(Exploitability::Low, Severity::Critical), Class::Controlled);
    assert_eq!(table.digest().len(), 64);
    // The same table with other spacing and comments is the same table.
    assert_eq!(signed(&SHIPPED.replace(" = ", "=")).unwrap().digest(), table.digest());
}

#[test]
fn pmk_03_a_maker_can_only_tighten() {
    let stricter = changed(
        "controlled\", \"controlled\", \"controlled\", \"controlled\"",
        "controlled\", \"controlled\", \"controlled\", \"uncontrolled\"",
    );
    assert!(signed(&stricter).is_ok());
    assert!(signed(&changed("physical = 3", "physical = 2")).is_ok());
    assert!(signed(&changed("low-from = 4", "low-from = 5")).is_ok());
    for (from, to, key) in [
        ("physical = 3", "physical = 4", "hurdles.physical"),
        ("medium-from = 2", "medium-from = 1", "levels.medium-from"),
        ("low-from = 4", "low-from = 3", "levels.low-from"),
        ("high-from = 300000", "high-from = 300001", "predicted.high-from"),
        ("medium-from = 50000", "medium-from = 50001", "predicted.medium-from"),
        ("controls-at-most = 1", "controls-at-most = 2", "hurdles.controls-at-most"),
        (
            "high = [\"controlled\", \"controlled\", \"uncontrolled\"",
            "high = [\"controlled\", \"controlled\", \"controlled\"",
            "matrix.high",
        ),
    ] {
        let error = signed(&changed(from, to)).unwrap_err();
        assert_eq!(error.key, key);
        assert_eq!(error.reason, "laxer than the shipped table");
    }
}

#[test]
fn pmk_03_a_table_of_another_signer_or_changed_afterwards_is_refused() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = key.sign(&Matrix::read("a", SHIPPED).unwrap().canonical()).to_bytes();
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
    assert_eq!(
        InForce::of_maker("own.toml", SHIPPED, &signature, &other).unwrap_err().key,
        "signature"
    );
    let later = changed("physical = 3", "physical = 2");
    let ours = key.verifying_key().to_bytes();
    assert_eq!(
        InForce::of_maker("own.toml", &later, &signature, &ours).unwrap_err().key,
        "signature"
    );
}

#[test]
fn pmk_03_a_table_in_which_a_class_sinks_is_refused() {
    let error = |from, to| Matrix::read("own.toml", &changed(from, to)).unwrap_err().to_string();
    assert_eq!(
        error(
            "\"uncontrolled\", \"uncontrolled\"]\nhigh",
            "\"uncontrolled\", \"controlled\"]\nhigh"
        ),
        "own.toml: matrix.medium: a class sinks while severity rises; expected a class that never sinks"
    );
    assert_eq!(
        error(
            "high = [\"controlled\", \"controlled\", \"uncontrolled\", \"uncontrolled\"",
            "high = [\"controlled\", \"controlled\", \"controlled\", \"controlled\""
        ),
        "own.toml: matrix.high: a class sinks while exploitability rises; expected a class that never sinks"
    );
    assert!(
        error("low = [\"controlled\"", "low = [\"not-affected\"")
            .contains("not-affected stands in a cell")
    );
    assert!(error("version", "edition").starts_with("own.toml: line "));
    assert!(error("medium-from = 2", "medium-from = 9").contains("medium begins after low"));
}
