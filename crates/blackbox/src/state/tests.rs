use super::*;
use crate::entry::{Body, Header, Milliseconds, Times};
use crate::hash::Hash;
use crate::note::{NoteSigner, Strict};

fn signer(seed: u8) -> NoteSigner {
    NoteSigner::new(Name::new("example.org/state").unwrap(), &[seed; 32])
}

/// An entry that may come next in `state`.
fn next(state: &LogState, kind: Kind) -> Header {
    let boot = state.last_time.boot + u32::from(kind == Kind::OPEN);
    let monotonic = Monotonic { boot, elapsed: state.last_time.elapsed };
    let times = Times { monotonic, wall: None };
    Header { kind, schema: 1, sequence: state.size(), times, epoch: state.epoch }
}

fn bytes(header: Header, body: &[u8]) -> Vec<u8> {
    let mut space = vec![0; 1024];
    let length = Entry { header, body: Body::Plain(body) }.encode(&mut space).unwrap();
    space.truncate(length);
    space
}

fn opening(root: &VerifierKey) -> Vec<u8> {
    let opened = Opened {
        origin: root.name.as_str(),
        root_key: root.key,
        software: "test",
        configuration: Hash::ZERO,
        recovered_unsigned: 0,
        torn_bytes: 0,
    };
    let mut space = vec![0; 512];
    let length = opened.encode(&mut space).unwrap();
    space.truncate(length);
    space
}

fn opened() -> LogState {
    let root = *signer(1).verifier();
    let mut state = LogState::new(&root);
    let entry = bytes(next(&state, Kind::OPEN), &opening(&root));
    state.accept(&entry, &mut Strict).unwrap();
    state
}

fn refused(state: &LogState, entry: &[u8]) -> FaultKind {
    let mut tried = state.clone();
    let kind = tried.accept(entry, &mut Strict).unwrap_err();
    assert_eq!(&tried, state, "a refused entry changes nothing");
    kind
}

#[test]
fn log_03_an_accepted_entry_moves_the_state_exactly() {
    let mut state = opened();
    let before = state.clone();
    let mut header = next(&state, Kind(20));
    header.times.monotonic.elapsed = Milliseconds(5);
    let entry = bytes(header, b"body");
    let read = state.accept(&entry, &mut Strict).unwrap();
    assert_eq!((read.header, read.body), (header, Body::Plain(b"body")));
    let mut want = before;
    want.frontier.push(leaf_hash(&entry));
    want.last_time = header.times.monotonic;
    assert_eq!(state, want);
    assert_eq!(state.head(), TreeHead { size: 2, root: state.frontier.root() });
    assert_eq!(state.verifier(), *signer(1).verifier());
}

#[test]
fn log_03_sequence_epoch_and_form_must_fit() {
    let state = opened();
    let header = next(&state, Kind(20));
    let with = |change: &dyn Fn(&mut Header)| {
        let mut header = header;
        change(&mut header);
        bytes(header, b"")
    };
    assert_eq!(refused(&state, &with(&|h| h.sequence = 0)), FaultKind::EntryRepeated);
    assert_eq!(refused(&state, &with(&|h| h.sequence = 2)), FaultKind::EntryMissing);
    assert_eq!(refused(&state, &with(&|h| h.epoch = 1)), FaultKind::EpochChain);
    assert_eq!(refused(&state, b"no entry"), FaultKind::EntryMalformed);
}

#[test]
fn log_03_time_does_not_go_back_and_openings_count_by_one() {
    let mut state = opened();
    let mut header = next(&state, Kind(20));
    header.times.monotonic.elapsed = Milliseconds(10);
    state.accept(&bytes(header, b""), &mut Strict).unwrap();
    let mut back = next(&state, Kind(20));
    back.times.monotonic.elapsed = Milliseconds(9);
    assert_eq!(refused(&state, &bytes(back, b"")), FaultKind::TimeOrder);
    for boot in [0, 2] {
        let mut other = next(&state, Kind(20));
        other.times.monotonic.boot = boot;
        assert_eq!(refused(&state, &bytes(other, b"")), FaultKind::TimeOrder);
    }
    let root = *signer(1).verifier();
    for boot in [0, 1, 3] {
        let mut open = next(&state, Kind::OPEN);
        open.times.monotonic.boot = boot;
        assert_eq!(refused(&state, &bytes(open, &opening(&root))), FaultKind::TimeOrder);
    }
    let mut open = next(&state, Kind::OPEN);
    open.times.monotonic.elapsed = Milliseconds(0);
    state.accept(&bytes(open, &opening(&root)), &mut Strict).unwrap();
    assert_eq!(state.last_time, Monotonic { boot: 2, elapsed: Milliseconds(0) });
}

#[test]
fn log_03_after_a_close_comes_an_opening() {
    let mut state = opened();
    state.accept(&bytes(next(&state, Kind::CLOSE), &CLOSE_BODY), &mut Strict).unwrap();
    assert!(state.closed);
    assert_eq!(refused(&state, &bytes(next(&state, Kind(20)), b"")), FaultKind::TimeOrder);
    let close_again = bytes(next(&state, Kind::CLOSE), &CLOSE_BODY);
    assert_eq!(refused(&state, &close_again), FaultKind::TimeOrder);
    let open = bytes(next(&state, Kind::OPEN), &opening(signer(1).verifier()));
    state.accept(&open, &mut Strict).unwrap();
    assert!(!state.closed);
}

#[test]
fn log_03_the_logs_own_entries_must_be_true() {
    let state = opened();
    let root = *signer(1).verifier();
    let other_key = VerifierKey { key: [9; 32], ..root };
    let other_name = VerifierKey { name: Name::new("example.org/other").unwrap(), ..root };
    for (kind, body) in [
        (Kind::OPEN, opening(&other_key)),
        (Kind::OPEN, opening(&other_name)),
        (Kind::OPEN, vec![]),
        (Kind::EPOCH, vec![0x80]),
        (Kind::LOSS, vec![0x80]),
        (Kind::CLOSE, vec![]),
        (Kind::CLOSE, vec![0x81, 0]),
        (Kind(0), vec![]),
        (Kind(5), vec![]),
        (Kind(15), vec![]),
    ] {
        let entry = bytes(next(&state, kind), &body);
        assert_eq!(refused(&state, &entry), FaultKind::OwnEntry, "{kind:?}");
    }
    let mut state = state;
    let loss = bytes(next(&state, Kind::LOSS), &[0x81, 0x05]);
    state.accept(&loss, &mut Strict).unwrap();
}

#[test]
fn log_03_a_key_changes_only_by_the_word_of_the_key_before() {
    let state = opened();
    let (old, new) = (signer(1), signer(2));
    let handover = |epoch: u32, signer: &NoteSigner, head: TreeHead| {
        let text = handover_text(head, epoch, new.verifier()).unwrap();
        let signature = signer.sign(text.as_str());
        let key = new.verifier().key;
        let mut space = vec![0; 512];
        let next_epoch = Epoch { epoch, key, root: head.root, signature };
        let length = next_epoch.encode(&mut space).unwrap();
        bytes(next(&state, Kind::EPOCH), &space[..length])
    };
    let head = state.head();
    assert_eq!(refused(&state, &handover(2, &old, head)), FaultKind::EpochChain);
    assert_eq!(refused(&state, &handover(0, &old, head)), FaultKind::EpochChain);
    assert_eq!(refused(&state, &handover(1, &new, head)), FaultKind::EpochChain);
    let elsewhere = TreeHead { size: 5, ..head };
    assert_eq!(refused(&state, &handover(1, &old, elsewhere)), FaultKind::EpochChain);
    let other = TreeHead { root: Hash::ZERO, ..head };
    assert_eq!(refused(&state, &handover(1, &old, other)), FaultKind::RootMismatch);
    let mut changed = state.clone();
    changed.accept(&handover(1, &old, head), &mut Strict).unwrap();
    assert_eq!((changed.epoch, changed.epoch_start), (1, 2));
    assert_eq!(changed.verifier(), *new.verifier());
    assert_eq!(changed.root_key, old.verifier().key);
}
