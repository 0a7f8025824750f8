use proptest::prelude::*;

use super::*;
use homeostat_record::{Bytes, Cycle, Instant, Steps};

fn question() -> Question {
    let now = Instant { boot: 3, millis: 77 };
    let input = Box::new(Input { cycle: Cycle(9), now, ..Input::default() });
    Question::Ask { token: 9, state: vec![1, 2, 3], input }
}

fn round(question: &Question) -> Question {
    let mut pipe = Vec::new();
    question.write(&mut pipe).expect("memory takes it");
    let (kind, payload) = read_frame(&mut pipe.as_slice()).expect("whole").expect("one");
    Question::of(kind, &payload).expect("a question")
}

#[test]
fn what_is_said_is_what_is_heard() {
    assert_eq!(round(&question()), question());
    let controller = Bytes::copy_of(b"insulin/mpc").expect("it fits");
    let identity = SoftwareIdentity { controller, ..SoftwareIdentity::default() };
    let begin = Question::Begin { identity, profile: vec![7; 700] };
    assert_eq!(round(&begin), begin);
    let proposal = Proposal { steps: [Some(Steps(4)), None], ..Proposal::default() };
    for reply in [
        Reply::Ready { confinement: 3, words: "no files".to_owned() },
        Reply::Answer { token: 9, state: vec![5; 4_000], proposal },
        Reply::Refuse("unknown".to_owned()),
    ] {
        let mut pipe = Vec::new();
        reply.write(&mut pipe).expect("memory takes it");
        let (kind, payload) = read_frame(&mut pipe.as_slice()).expect("whole").expect("one");
        assert_eq!(Reply::of(kind, &payload), Ok(reply));
    }
}

#[test]
fn com_05_a_frame_that_claims_too_much_is_refused_before_memory_is_taken() {
    for length in [0_u32, 60_001, u32::MAX] {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend([2; 100]);
        assert!(read_frame(&mut bytes.as_slice()).is_err(), "{length}");
    }
    let long = Question::Ask { token: 1, state: vec![0; FRAME_LIMIT], input: Box::default() };
    assert!(long.write(&mut Vec::new()).is_err());
}

#[test]
fn com_05_a_frame_cut_anywhere_is_no_frame() {
    let mut pipe = Vec::new();
    question().write(&mut pipe).expect("memory takes it");
    assert_eq!(read_frame(&mut &pipe[..0]).expect("an end"), None);
    for cut in 1..pipe.len() {
        assert!(read_frame(&mut &pipe[..cut]).is_err(), "{cut}");
    }
}

proptest! {
    #[test]
    fn com_05_any_bytes_are_a_message_or_refused(kind: u8, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_frame(&mut bytes.as_slice());
        if let Ok(question) = Question::of(kind, &bytes) {
            prop_assert_eq!(round(&question), question);
        }
        if let Ok(Reply::Answer { state, .. }) = Reply::of(kind, &bytes) {
            prop_assert!(state.len() <= bytes.len());
        }
    }
}
