use super::shelf::FolderShelf;
use super::*;
use crate::retention::{Held, Shelf as _};
use homeostat_link::{NoEntropy, PublicKey};

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        self.0 += 1;
        bytes.fill(self.0);
        Ok(())
    }
}

#[test]
fn a_folder_keeps_its_keys_its_peers_and_its_life() {
    let path = std::env::temp_dir().join(format!("homeostat-folder-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    let open = || DeviceFolder::open(&path, Durability::Process, &mut Counting(0));
    let mut folder = open().expect("a new one");
    let therapy = Therapy::named("insulin").expect("a name");
    let party = |identity| Party { part: Part::Sensor, identity };
    let paired =
        |identity, key| Paired { peer: party(identity), key: PublicKey([key; 32]), therapy };
    assert_eq!(folder.life().expect("none yet"), Life::default());
    folder.keep_life(Life::default().begun()).expect("kept");
    folder.keep_peer(paired(7, 1)).expect("kept");
    folder.keep_peer(paired(3, 2)).expect("kept");
    folder.keep_peer(paired(7, 4)).expect("kept");
    folder.keep_profile(b"signed").expect("kept");
    let key = *folder.link_key().secret_bytes();
    let mut again = open().expect("the same");
    assert_eq!(*again.link_key().secret_bytes(), key);
    assert_eq!(again.life().expect("kept").boot, 1);
    assert_eq!(again.peers().expect("kept"), [paired(3, 2), paired(7, 4)]);
    assert_eq!(again.profile().expect("kept").as_deref(), Some(&b"signed"[..]));
    assert!(again.worn().is_empty());
    again.hold().expect("nobody runs");
    assert!(matches!(folder.hold(), Err(FolderError::Runs { .. })));
    fs::write(path.join("peers.a"), b"nonsense").expect("written");
    assert_eq!(again.peers().expect("one copy").len(), 2);
    assert_eq!(again.worn(), ["peers"]);
    let mut mended = open().expect("the same");
    assert_eq!(mended.peers().expect("both copies").len(), 2);
    assert!(mended.worn().is_empty(), "{:?}", mended.worn());
    fs::write(path.join("link.key"), b"short").expect("written");
    let words = open().expect_err("no key").to_string();
    assert!(words.contains("expected 32 bytes, found 5"), "{words}");
    fs::remove_dir_all(&path).expect("removed");
}

#[test]
fn a_box_whose_making_was_cut_is_put_aside_and_not_lost() {
    let path = std::env::temp_dir().join(format!("homeostat-aside-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    let boxes = FolderBoxes { path: path.clone(), durability: Durability::Process };
    for left in 1..3 {
        drop(boxes.disk(1).expect("made"));
        fs::write(boxes.folder(1).join("what"), [left]).expect("written");
        assert_eq!(boxes.newest().expect("read"), Some(1));
        boxes.set_aside(1).expect("renamed");
        assert_eq!(boxes.newest().expect("read"), None);
        let aside = path.join(format!("0001.unfinished-{left}"));
        assert_eq!(fs::read(aside.join("what")).expect("kept"), [left]);
    }
    fs::remove_dir_all(&path).expect("removed");
}

#[test]
fn log_06_a_shelf_knows_its_copies_begins_boxes_and_lets_them_go() {
    let path = std::env::temp_dir().join(format!("homeostat-shelf-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    let mut folder =
        DeviceFolder::open(&path, Durability::Process, &mut Counting(0)).expect("a new one");
    drop(folder.boxes().disk(1).expect("made"));
    let boxes = folder.boxes();
    fs::write(boxes.folder(1).join("segment-00000000"), b"evidence").expect("written");
    let life = Life { boxes: 1, ..Life::default().begun() };
    let going = boxes.folder(7).with_extension("going");
    fs::create_dir_all(&going).expect("made");
    fs::write(boxes.path.join("README"), b"no box").expect("written");
    let mut shelf = FolderShelf::new(&folder, life).expect("it opens");
    assert_eq!(shelf.held().expect("it can be read"), [Held { number: Some(1), bytes: 8 }]);
    assert!(!going.exists(), "what was on its way out is gone");
    assert_eq!(shelf.copied().expect("none yet"), []);
    let fingerprint = shelf.fingerprint(1).expect("it is there");
    let head = "2:d4ee26eae15b5a86b3a12e3b1f5f4d9c9b1e0b9f5b3d6b1f0a1b2c3d4e5f6071".parse();
    let copy = Copied {
        number: 1,
        head: head.expect("a head"),
        fingerprint,
        by: "J. Doe, quality, 2026-11-22T08:00:00Z,".to_owned(),
    };
    folder.keep_copied(std::slice::from_ref(&copy)).expect("kept");
    assert_eq!(shelf.copied().expect("kept"), std::slice::from_ref(&copy));
    assert_eq!(folder.copied().expect("kept"), [copy]);
    fs::write(boxes.folder(1).join("checkpoint-0"), b"more").expect("written");
    assert_ne!(shelf.fingerprint(1).expect("it is there"), fingerprint, "it has grown");
    let (number, disk) = shelf.begin().expect("there is room");
    drop(disk);
    assert_eq!((number, folder.life().expect("none yet").boxes), (2, 0));
    shelf.begun(number).expect("kept");
    assert_eq!(folder.life().expect("kept"), Life { boxes: 2, ..life });
    let key = |number| boxes.folder(number).join("key-0");
    fs::write(key(1), [7; 96]).expect("written");
    fs::write(key(2), [7; 96]).expect("written");
    shelf.seal(number).expect("wiped");
    assert_eq!([1, 2].map(|number| key(number).exists()), [false, true]);
    shelf.remove(1).expect("it goes");
    let held = shelf.held().expect("it can be read");
    assert_eq!(held.iter().map(|held| held.number).collect::<Vec<_>>(), [Some(2)]);
    folder.write(COPIES, b"homeostat-copies/v1\nnonsense\n").expect("kept");
    assert!(matches!(folder.copied(), Err(FolderError::Copies(2))));
    fs::remove_dir_all(&path).expect("removed");
}

#[test]
fn log_06_a_folder_whose_name_is_another_spelling_of_a_number_is_no_box() {
    let path = std::env::temp_dir().join(format!("homeostat-spelling-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    let folder =
        DeviceFolder::open(&path, Durability::Process, &mut Counting(0)).expect("a new one");
    let boxes = folder.boxes();
    let others = ["2", "00003", "+4", "+004", "0000", "0005.unfinished-1"];
    let names = [&["0001", "12345"][..], &others].concat();
    for name in &names {
        fs::create_dir_all(boxes.path.join(name)).expect("made");
        fs::write(boxes.path.join(name).join("key-0"), [7; 96]).expect("written");
    }
    assert_eq!(boxes.newest().expect("read"), Some(12_345));
    let mut shelf = FolderShelf::new(&folder, Life::default()).expect("it opens");
    let mut numbers: Vec<_> =
        shelf.held().expect("read").into_iter().map(|held| held.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [&[None; 6][..], &[Some(1), Some(12_345)]].concat());
    shelf.seal(12_345).expect("wiped");
    let has_key = |name: &&&str| boxes.path.join(name).join("key-0").exists();
    let kept: Vec<_> = names.iter().filter(has_key).copied().collect();
    assert_eq!(kept, [&["12345"][..], &others].concat());
    assert_eq!(fs::read_dir(&boxes.path).expect("read").count(), names.len(), "none is made");
    fs::remove_dir_all(&path).expect("removed");
}
