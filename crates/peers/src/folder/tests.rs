use super::*;
use crate::therapy::Therapy;
use homeostat_link::NoEntropy;

struct Ones;

impl Entropy for Ones {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        bytes.fill(1);
        Ok(())
    }
}

fn addresses() -> [std::net::SocketAddr; 2] {
    ["127.0.0.1:7401", "127.0.0.1:7402"].map(|text| text.parse().unwrap())
}

#[test]
fn the_four_parts_that_are_made_are_sound_and_read_back() {
    let [listen, tubing] = addresses();
    for therapy in Therapy::ALL {
        for settings in [
            PeerSettings::pump(therapy, 7, listen, tubing),
            PeerSettings::sensor(therapy, 8, listen, tubing),
        ] {
            let text = settings.to_text().unwrap();
            assert_eq!(PeerSettings::from_text("peer.toml", &text).unwrap(), settings, "{text}");
        }
    }
    let pump = PeerSettings::pump(Therapy::Insulin, 7, listen, tubing);
    // adult#001 has 1.27 U/h.
    assert_eq!(pump.pump.as_ref().unwrap().background, 106);
}

#[test]
fn a_folder_keeps_key_device_and_starts() {
    let path = std::env::temp_dir().join(format!("homeostat-peer-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    let [listen, tubing] = addresses();
    let mut settings = PeerSettings::pump(Therapy::Propofol, 7, listen, tubing);
    PeerFolder::create(&path, &settings).unwrap();
    let again = PeerFolder::create(&path, &settings).unwrap_err();
    assert!(matches!(again, PeerError::SetUpAlready(_)));
    let mut folder = PeerFolder::open(&path, &mut Ones).unwrap();
    assert_eq!(folder.key().secret_bytes(), &[1; 32]);
    assert!(matches!(folder.device(), Err(PeerError::NotPaired)));
    assert_eq!((folder.begin().unwrap(), folder.begin().unwrap()), (1, 2));
    settings.device =
        Some(DeviceKnown { identity: 5, address: Some(tubing), key: "00".repeat(32) });
    fs::write(path.join("peer.toml"), settings.to_text().unwrap()).unwrap();
    folder.settings.listen = tubing;
    let key = PublicKey([0xAB; 32]);
    let peer = Party { part: Part::Device, identity: 99 };
    folder
        .keep_device(&Paired { peer, key, therapy: crate::port::named(Therapy::Propofol) })
        .unwrap();
    let running = PeerFolder::open(&path, &mut Ones).unwrap_err();
    assert!(matches!(running, PeerError::Running(_)), "{running}");
    drop(folder);
    let again = PeerFolder::open(&path, &mut Ones).unwrap();
    assert_eq!(again.device().unwrap(), (peer, key));
    // What is not the device is not what the process was told this once; where the device is stays.
    assert_eq!(again.settings.listen, listen);
    assert_eq!(again.settings.device.as_ref().unwrap().address, Some(tubing));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path.join("secret.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    fs::write(path.join("secret.key"), b"short").unwrap();
    assert!(matches!(PeerFolder::open(&path, &mut Ones), Err(PeerError::Secret(_))));
    fs::write(path.join("starts"), b"many").unwrap();
    assert!(matches!(again.begin(), Err(PeerError::Starts(_))));
    fs::remove_dir_all(&path).unwrap();
}

#[test]
fn a_short_file_is_a_new_part_and_a_secret_may_be_digits() {
    let text = "part = \"pump\"\nidentity = 5\ntherapy = \"insulin\"\nlisten = \"127.0.0.1:9\"\n\
                [device]\nidentity = 3\naddress = \"127.0.0.1:8\"\nkey = \"00\"\n";
    let short = PeerSettings::from_text("x", text).unwrap();
    let [listen, tubing] = ["127.0.0.1:9", "127.0.0.1:7403"].map(|text| text.parse().unwrap());
    assert_eq!(short.pump, PeerSettings::pump(Therapy::Insulin, 5, listen, tubing).pump);
    assert_eq!((short.tubing, short.device.unwrap().address.unwrap().port()), (tubing, 8));
    let path = std::env::temp_dir().join(format!("homeostat-digits-{}", std::process::id()));
    fs::write(&path, format!("{}\n", "0f".repeat(32))).unwrap();
    assert_eq!(secret(&path, &mut Ones).unwrap().secret_bytes(), &[0x0F; 32]);
    fs::remove_file(&path).unwrap();
}

#[test]
fn what_is_wrong_is_named_with_the_file() {
    let [listen, tubing] = addresses();
    let good = PeerSettings::sensor(Therapy::Insulin, 8, listen, tubing).to_text().unwrap();
    for (from, to, words) in [
        ("adult#001", "adult#000", "adult#000"),
        ("07:00 45", "25:00 45", "07:00 45"),
        ("06:00", "6 o'clock", "time of day"),
        ("seed = 1", "seed = -1", "seed"),
        ("identity = 8", "identity = -8", "identity"),
        ("[person]", "[person]\nshoe = 3", "shoe"),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good, "{from}");
        let error = PeerSettings::from_text("a/peer.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with("a/peer.toml: ") && error.contains(words), "{error}");
    }
}
