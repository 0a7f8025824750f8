use homeostat_blackbox::VerifierKey;
use homeostat_blackbox::note::{Name, NoteError, NoteSigner};
use proptest::prelude::*;

use super::{ProfileRefusal, Statement, entry_body, profile_in_entry, read_entry, verify};
use crate::{InstalledProfile, Trust};

fn signer() -> NoteSigner {
    NoteSigner::new(Name::new("clinic.example/profiles").expect("a name"), &[7; 32])
}

fn statement() -> Statement {
    Statement {
        therapy: "insulin".to_owned(),
        device: "homeostat.example/device-7".to_owned(),
        revision: 3,
        profile: vec![0x8B, 0, 255, 62, 63, 7],
    }
}

fn trust(signers: Vec<VerifierKey>) -> Trust {
    let Statement { therapy, device, .. } = statement();
    Trust { signers, therapy, device }
}

fn refused(signed: &str) -> ProfileRefusal {
    let trust = trust(vec![*signer().verifier()]);
    InstalledProfile::verify(signed.as_bytes(), trust).expect_err("it is refused")
}

/// Any text with a good signature of the trusted key under it.
fn with_good_signature(text: &str) -> String {
    let signer = signer();
    let mut note = format!("{text}\n");
    homeostat_blackbox::note::write_signature(&mut note, signer.verifier(), &signer.sign(text))
        .expect("memory takes it");
    note
}

#[test]
fn int_01_a_signed_profile_is_a_note_that_reads_back() {
    let signed = statement().signed(&signer());
    let head =
        "homeostat-profile/v1\ninsulin\nhomeostat.example/device-7\n3\niwD/Pj8H\n\n\u{2014} ";
    assert!(signed.starts_with(head), "{signed}");
    let key = *signer().verifier();
    assert_eq!(verify(signed.as_bytes(), &[key]), Ok((statement(), key)));
    let installed = InstalledProfile::verify(signed.as_bytes(), trust(vec![key]));
    let installed = installed.expect("it is good");
    assert_eq!((installed.profile(), installed.revision()), (&statement().profile[..], 3));
    assert_eq!(installed.check(signed.as_bytes()), Ok(()));
}

#[test]
fn int_01_every_single_bit_counts() {
    let signed = statement().signed(&signer()).into_bytes();
    let installed = InstalledProfile::verify(&signed, trust(vec![*signer().verifier()])).unwrap();
    for at in 0..signed.len() {
        for bit in 0..8 {
            let mut damaged = signed.clone();
            damaged[at] ^= 1 << bit;
            let refused = InstalledProfile::verify(&damaged, trust(vec![*signer().verifier()]));
            assert!(refused.is_err(), "bit {bit} of byte {at} at the start");
            assert!(installed.check(&damaged).is_err(), "bit {bit} of byte {at} in use");
        }
        assert!(verify(&signed[..at], &[*signer().verifier()]).is_err(), "cut at {at}");
    }
}

#[test]
fn f_c11_another_key_another_purpose_and_no_signature_are_refused() {
    let name = signer().verifier().name;
    let foreign = NoteSigner::new(name, &[9; 32]);
    let unknown = ProfileRefusal::Signature(NoteError::NoKnownKey);
    assert_eq!(refused(&statement().signed(&foreign)), unknown);
    let named_else = NoteSigner::new(Name::new("clinic.example/else").unwrap(), &[9; 32]);
    assert_eq!(refused(&statement().signed(&named_else)), unknown);
    // The key's own name and id over a signature of something else.
    let (other, own) = (with_good_signature("something else\n"), statement().signed(&signer()));
    let text = own.split("\n\n").next().unwrap();
    let line = other.split("\n\n").nth(1).unwrap();
    let wrong = ProfileRefusal::Signature(NoteError::BadSignature);
    assert_eq!(refused(&format!("{text}\n\n{line}")), wrong);
    assert_eq!(refused(&other), ProfileRefusal::Malformed);
    assert_eq!(refused(&format!("{text}\n")), ProfileRefusal::Malformed);
    assert_eq!(refused(""), ProfileRefusal::Missing);
    let other_kind = with_good_signature(&own.replace("/v1", "/v2")[..text.len() + 1]);
    assert_eq!(refused(&other_kind), ProfileRefusal::Malformed, "another kind of statement");
}

#[test]
fn f_u10_a_profile_for_another_person_or_therapy_is_refused_in_words() {
    let other = Statement { device: "homeostat.example/device-8".to_owned(), ..statement() };
    assert_eq!(
        refused(&other.signed(&signer())).to_string(),
        "profile refused: it was signed for homeostat.example/device-8, and this is \
         homeostat.example/device-7"
    );
    let other = Statement { therapy: "propofol".to_owned(), ..statement() };
    assert_eq!(
        refused(&other.signed(&signer())).to_string(),
        "profile refused: it is for the therapy propofol, expected insulin"
    );
}

#[test]
fn one_statement_has_one_spelling() {
    let good = statement().to_string();
    assert!(verify(with_good_signature(&good).as_bytes(), &[*signer().verifier()]).is_ok());
    for (from, to) in [
        ("\n3\n", "\n03\n"),
        ("\n3\n", "\n+3\n"),
        ("\n3\n", "\n4294967296\n"),
        ("iwD/Pj8H\n", "iwD/Pj8H\n\n"),
        ("iwD/Pj8H\n", "iwD/Pj8H\nmore\n"),
        ("iwD/Pj8H", "iwD_Pj8H"),
        ("iwD/Pj8H", "iwD/Pj8"),
        ("insulin", "two words"),
        ("insulin", ""),
        ("homeostat.example/device-7", "a+b"),
        ("homeostat-profile", "homeostat-checkpoint"),
    ] {
        let other = with_good_signature(&good.replacen(from, to, 1));
        assert_ne!(other, with_good_signature(&good));
        assert_eq!(refused(&other), ProfileRefusal::Malformed, "{to}");
    }
}

#[test]
fn a_boxs_entry_says_who_signed_and_a_known_key_is_not_talked_over() {
    let (key, signed) = (*signer().verifier(), statement().signed(&signer()));
    let body = entry_body(&key, signed.as_bytes());
    assert_eq!(read_entry(&body, None), Ok((statement(), key)));
    assert_eq!(read_entry(&body, Some(&key)), Ok((statement(), key)));
    assert_eq!(profile_in_entry(&body), Some(statement().profile));
    // Whoever rewrites the entry names a key of their own: it agrees with itself, no more.
    let foreign = NoteSigner::new(key.name, &[9; 32]);
    let forged = statement().signed(&foreign);
    let body = entry_body(foreign.verifier(), forged.as_bytes());
    assert!(read_entry(&body, None).is_ok());
    let unknown = ProfileRefusal::Signature(NoteError::NoKnownKey);
    assert_eq!(read_entry(&body, Some(&key)), Err(unknown));
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(&bytes, &[*signer().verifier()]).is_err());
        prop_assert!(read_entry(&bytes, None).is_err());
        let _ = profile_in_entry(&bytes);
    }

    #[test]
    fn what_is_signed_is_what_is_read(
        revision in any::<u32>(),
        profile in prop::collection::vec(any::<u8>(), 0..600),
        device in "[a-z0-9./#-]{1,60}",
    ) {
        let said = Statement { revision, profile, device, ..statement() };
        let key = *signer().verifier();
        prop_assert_eq!(verify(said.signed(&signer()).as_bytes(), &[key]), Ok((said, key)));
    }
}
