use proptest::prelude::*;

use super::*;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("homeostat-twice-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn body(twice: &Twice) -> Option<Vec<u8>> {
    twice.read(&key()).expect("readable").map(|value| value.body)
}

#[test]
fn pwr_03_a_flipped_bit_in_either_copy_leaves_the_other_and_is_said() {
    let folder = Folder::new("flip");
    let twice = Twice::new(&folder.0, "state");
    assert_eq!(body(&twice), None);
    twice.write(&key(), b"first").expect("written");
    twice.write(&key(), b"second").expect("written");
    for end in ["a", "b"] {
        let path = folder.0.join(format!("state.{end}"));
        let good = fs::read(&path).expect("there");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(&path, &bad).expect("written");
            let value = twice.read(&key()).expect("readable").expect("there");
            assert_eq!((value.body.as_slice(), value.number), (&b"second"[..], 2));
            assert_eq!(value.copies.iter().filter(|copy| **copy == Copy::Bad).count(), 1);
        }
        fs::write(&path, &good).expect("written");
    }
}

#[test]
fn pwr_03_a_loss_of_power_between_the_copies_leaves_one_of_the_two_values() {
    let folder = Folder::new("between");
    let twice = Twice::new(&folder.0, "state");
    let copy = |end: &str| folder.0.join(format!("state.{end}"));
    twice.write(&key(), b"old").expect("written");
    let old = fs::read(copy("a")).expect("there");
    twice.write(&key(), b"new").expect("written");
    for end in ["a", "b"] {
        let new = fs::read(copy(end)).expect("there");
        fs::write(copy(end), &old).expect("written");
        assert_eq!(body(&twice).as_deref(), Some(&b"new"[..]), "the newer one stands");
        twice.write(&key(), b"newer").expect("written");
        assert_eq!(body(&twice).as_deref(), Some(&b"newer"[..]));
        fs::write(copy("a"), &new).expect("written");
        fs::write(copy("b"), &new).expect("written");
    }
}

#[test]
fn pwr_03_two_bad_copies_and_another_devices_are_refused_by_name() {
    let folder = Folder::new("bad");
    let twice = Twice::new(&folder.0, "profile");
    twice.write(&SigningKey::from_bytes(&[8; 32]), b"of another device").expect("written");
    let words = twice.read(&key()).expect_err("neither is good").to_string();
    assert!(words.starts_with("profile: neither of its two copies"), "{words}");
    fs::remove_file(folder.0.join("profile.a")).expect("there");
    assert!(twice.read(&key()).is_err());
    assert!(twice.write(&key(), &vec![0; BODY_LIMIT + 1]).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_no_copy(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(decode(&bytes, &key()), None);
    }

    #[test]
    fn what_is_kept_is_what_is_read(number: u64, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = encode(number, &body, &key());
        prop_assert_eq!(decode(&bytes, &key()), Some((number, body.as_slice())));
        prop_assert_eq!(decode(&bytes[..bytes.len() - 1], &key()), None);
    }
}
