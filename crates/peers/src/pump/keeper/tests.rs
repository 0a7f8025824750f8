use super::*;
use std::fs;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("homeostat-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sample(seed: u64) -> Remembered {
    Remembered {
        session: 3,
        accepted: OrderId(seed),
        halt: Halt::ByPerson,
        accepted_total: [seed, 2],
        delivered_total: [seed + 1, 4],
        left_needle: [seed + 2, 6],
        filled_at: [7, 8],
        recent: [Steps(9), Steps(10)],
    }
}

#[test]
fn what_was_kept_is_recalled_and_has_one_spelling() {
    let bytes = encode(9, &sample(5));
    assert_eq!(bytes.len(), LENGTH);
    assert_eq!(decode(&bytes), Some((9, sample(5))));
    for place in 0..bytes.len() {
        let mut other = bytes.clone();
        other[place] ^= 1;
        assert_eq!(decode(&other), None, "byte {place}");
    }
    let folder = Folder::new("keeper-one");
    let mut keeper = FileKeeper::open(&folder.0).unwrap();
    assert_eq!(keeper.recall().unwrap(), None);
    for number in 1..=5 {
        keeper.keep(&sample(number)).unwrap();
        let mut again = FileKeeper::open(&folder.0).unwrap();
        assert_eq!(again.recall().unwrap(), Some(sample(number)));
    }
}

#[test]
fn pwr_03_amounts_never_touch_the_durable_copy() {
    let folder = Folder::new("keeper-two");
    let mut keeper = FileKeeper::open(&folder.0).unwrap();
    keeper.keep_durably(&sample(1)).unwrap();
    for round in 0..4 {
        let durable = folder.0.join(if keeper.durable == 0 { "pump.a" } else { "pump.b" });
        let before = fs::read(&durable).unwrap();
        keeper.keep(&sample(10 + round)).unwrap();
        keeper.keep(&sample(20 + round)).unwrap();
        assert_eq!(fs::read(&durable).unwrap(), before);
        // The other copy is lost, as in a loss of power: the durable one still stands.
        let other = folder.0.join(if keeper.durable == 0 { "pump.b" } else { "pump.a" });
        let kept = fs::read(&other).unwrap();
        fs::write(&other, &kept[..kept.len() / 2]).unwrap();
        let mut again = FileKeeper::open(&folder.0).unwrap();
        assert_eq!(again.recall().unwrap(), decode(&before).map(|(_, remembered)| remembered));
        keeper.keep_durably(&sample(30 + round)).unwrap();
    }
}

#[test]
fn a_memory_that_cannot_be_believed_is_no_new_pump() {
    let folder = Folder::new("keeper-three");
    for name in ["pump.a", "pump.b"] {
        fs::write(folder.0.join(name), b"homeopu2 and so on").unwrap();
    }
    let mut keeper = FileKeeper::open(&folder.0).unwrap();
    assert!(matches!(keeper.recall(), Err(KeeperError::Lost { .. })));
}
