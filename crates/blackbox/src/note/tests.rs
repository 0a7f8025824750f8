use super::*;

// The keys, text and signatures of Go's sumdb/note tests (golang.org/x/mod, BSD-3-Clause).
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n";
const PETER_LINE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGU\
    gYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str = "\u{2014} EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOH\
    p+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
/// The seed in Go's `PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz`.
const PETER_SEED: [u8; 32] = [
    0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40, 0x80,
    0xeb, 0xf9, 0x8e, 0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31, 0x73,
];

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn opened(note: &str, known: &[VerifierKey]) -> Result<usize, NoteError> {
    Note::parse(note.as_bytes())?.verify(known, &mut Strict)
}

#[test]
fn log_14_published_keys_read_and_write_and_their_manglings_are_refused() {
    for text in [PETER, ENOCH] {
        assert_eq!(key(text).to_string(), text);
        for start in 0..=text.len() {
            for end in start..=text.len() {
                if (start, end) != (0, text.len()) {
                    assert!(text[start..end].parse::<VerifierKey>().is_err(), "{start} {end}");
                }
            }
        }
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] += 1;
            let mangled = String::from_utf8(bytes).unwrap();
            assert!(mangled.parse::<VerifierKey>().is_err(), "{mangled}");
        }
    }
    for wrong in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(wrong.parse::<VerifierKey>(), Err(NoteError::MalformedKey));
    }
    assert_eq!(key(PETER).id(), [0xc7, 0x4f, 0x20, 0xa3]);
}

#[test]
fn log_14_signing_gives_the_published_note() {
    let signer = NoteSigner::new(Name::new("PeterNeumann").unwrap(), &PETER_SEED);
    assert_eq!(signer.verifier(), &key(PETER));
    assert_eq!(signer.seed(), PETER_SEED);
    let signature = signer.sign(TEXT);
    let mut line = Text::<300>::new();
    write_signature(&mut line, signer.verifier(), &signature).unwrap();
    assert_eq!(line.as_str(), PETER_LINE);
    let shown = format!("{signer:?}");
    assert_eq!(shown, format!("NoteSigner({PETER}, secret not shown)"));
    let note = format!("{TEXT}\n{PETER_LINE}");
    let parsed = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(parsed.text(), TEXT);
    assert_eq!(parsed.signature_by(&key(PETER)), Some(signature));
    assert_eq!(parsed.signature_by(&key(ENOCH)), None);
    assert!(!Strict.check(&key(ENOCH).key, TEXT.as_bytes(), &signature));
}

#[test]
fn log_14_known_keys_must_verify_and_unknown_ones_are_ignored() {
    let (peter, enoch) = (key(PETER), key(ENOCH));
    let both = format!("{TEXT}\n{PETER_LINE}{ENOCH_LINE}");
    assert_eq!(opened(&both, &[peter]), Ok(1));
    assert_eq!(opened(&both, &[enoch]), Ok(1));
    assert_eq!(opened(&both, &[peter, enoch]), Ok(2));
    assert_eq!(opened(&both, &[]), Err(NoteError::NoKnownKey));
    let twice = format!("{TEXT}\n{PETER_LINE}{PETER_LINE}");
    assert_eq!(opened(&twice, &[peter]), Ok(2));
    // The same name with another key, and the same key id under another name, are other keys.
    let other = VerifierKey { key: enoch.key, ..peter };
    assert_eq!(opened(&both, &[other]), Err(NoteError::NoKnownKey));
    let renamed = both.replace("PeterNeumann", "CarmenSandiego");
    assert_eq!(opened(&renamed, &[peter]), Err(NoteError::NoKnownKey));
    // A known key's wrong signature spoils the note, whatever else is right.
    let changed = both.replace("cryptography", "Cryptography");
    assert_eq!(opened(&changed, &[peter]), Err(NoteError::BadSignature));
    let bent = both.replace("x08go/ZJ", "x08go/ZK");
    assert_eq!(opened(&bent, &[peter, enoch]), Err(NoteError::BadSignature));
    assert_eq!(opened(&bent, &[enoch]), Ok(1));
    let longer = both.replace("x08go/ZJ", "x08go/ZJABCD");
    assert_eq!(opened(&longer, &[peter]), Err(NoteError::BadSignature));
}

#[test]
fn log_14_sixteen_and_more_signatures_are_accepted_and_a_flood_is_not() {
    let others: String = (0..63).map(|n| PETER_LINE.replace("Peter", &format!("P{n}"))).collect();
    let note = format!("{TEXT}\n{others}{PETER_LINE}");
    assert_eq!(opened(&note, &[key(PETER)]), Ok(1));
    assert_eq!(Note::parse(note.as_bytes()).unwrap().signatures().count(), 64);
    let flood = format!("{TEXT}\n{others}{PETER_LINE}{PETER_LINE}");
    assert_eq!(opened(&flood, &[key(PETER)]), Err(NoteError::Malformed));
    // A post-quantum cosignature is long, and none of our business.
    let long = Base64::encode_string(&[7; 2432]);
    let note = format!("{TEXT}\n\u{2014} witness.example {long}\n{PETER_LINE}");
    assert_eq!(opened(&note, &[key(PETER)]), Ok(1));
}

#[test]
fn log_14_malformed_notes_are_refused() {
    let long = Base64::encode_string(&[7; 100]);
    for note in [
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}{PETER_LINE}"),
        format!("{TEXT}\n{}", &PETER_LINE[..PETER_LINE.len() - 1]),
        format!("\u{1}{TEXT}\n{PETER_LINE}"),
        format!("{TEXT}\r\n{PETER_LINE}"),
        format!("{TEXT}\n{}", PETER_LINE.replace("PeterNeumann", "Bad Name")),
        format!("{TEXT}\n{}", PETER_LINE.replace("PeterNeumann", "Bad+Name")),
        format!("{TEXT}\n{}", PETER_LINE.replace("PeterNeumann", "")),
        format!("{TEXT}\n{PETER_LINE}Unexpected line.\n"),
        format!("{TEXT}\n{PETER_LINE}\n"),
        format!("{TEXT}\n- PeterNeumann x08go/ZJ\n"),
        format!("{TEXT}\n\u{2014} PeterNeumann x08goA==\n"),
        format!("{TEXT}\n\u{2014} PeterNeumann x08g\n"),
        format!("{TEXT}\n\u{2014} PeterNeumann x08go/Z\n"),
        format!("{TEXT}\n\u{2014} PeterNeumann {}\n", &long[..long.len() - 1]),
        format!("{TEXT}\n\u{2014} PeterNeumann {}=={}\n", &long[..62], &long[64..]),
        String::new(),
    ] {
        assert_eq!(Note::parse(note.as_bytes()), Err(NoteError::Malformed), "{note:?}");
    }
    let invalid = [TEXT.as_bytes(), b"\xff\n\n", PETER_LINE.as_bytes()].concat();
    assert_eq!(Note::parse(&invalid), Err(NoteError::Malformed));
    // The text may hold empty lines: the last one counts.
    let note = format!("one\n\ntwo\n\n{PETER_LINE}");
    assert_eq!(Note::parse(note.as_bytes()).unwrap().text(), "one\n\ntwo\n");
    let shortest = "\n\n\u{2014} PeterNeumann x08goAA=\n";
    assert_eq!(Note::parse(shortest.as_bytes()).unwrap().text(), "\n");
}

#[test]
fn names_have_no_spaces_plus_signs_or_controls() {
    for good in ["a", "homeostat.example/device/7f3a", "é", &"n".repeat(NAME_LIMIT)] {
        assert_eq!(Name::new(good).unwrap().as_str(), good);
        assert_eq!(Name::new(good).unwrap().to_string(), good);
    }
    for bad in ["", "a b", "a+b", "a\u{a0}b", "a\u{2003}b", "a\nb", "a\u{7f}", &"n".repeat(201)] {
        assert_eq!(Name::new(bad), Err(NoteError::BadName), "{bad:?}");
    }
}
