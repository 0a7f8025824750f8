use super::*;
use proptest::prelude::*;

fn proxy(script: &str) -> Proxy {
    Proxy::new(Script::parse(script).unwrap(), 1, Memory::default())
}

fn at(millis: u64) -> Span {
    Span::from_millis(millis)
}

/// A datagram with its number where a counter stands.
fn numbered(number: u64) -> Vec<u8> {
    let mut bytes = vec![0x55, 1, 2, 3, 4];
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&[7; 30]);
    bytes
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(*bytes[5..].first_chunk().unwrap())
}

/// Sends a datagram every `every` ms and collects what comes out, with its time.
fn run(proxy: &mut Proxy, count: u64, every: u64) -> Vec<(u64, Way, Vec<u8>)> {
    let mut out = Vec::new();
    for millis in 0..count * every + 5_000 {
        if millis % every == 0 && millis / every < count {
            proxy.take(at(millis), Way::ToPeer, &numbered(millis / every));
        }
        while let Some((way, bytes)) = proxy.poll(at(millis)) {
            out.push((millis, way, bytes));
        }
    }
    out
}

fn numbers(out: &[(u64, Way, Vec<u8>)]) -> Vec<u64> {
    out.iter().map(|(_, _, bytes)| number(bytes)).collect()
}

#[test]
fn without_rules_everything_passes_at_once_in_order() {
    let mut plain = proxy("");
    let out = run(&mut plain, 100, 10);
    assert_eq!(numbers(&out), (0..100).collect::<Vec<_>>());
    assert!(
        out.iter()
            .all(|(millis, way, bytes)| { *way == Way::ToPeer && *millis == number(bytes) * 10 })
    );
    assert_eq!(plain.next_wake(), None);
    let counts = Counts { received: 100, sent: 100, ..Counts::default() };
    assert_eq!(
        (*plain.counts(Way::ToPeer), *plain.counts(Way::ToDevice)),
        (counts, Counts::default())
    );
}

#[test]
fn loss_partition_and_direction_hold_for_their_time() {
    let mut lossy =
        proxy("from 1s to 2s to-peer partition\nfrom 3s to 4s drop 1\nto-device drop 1");
    let out = numbers(&run(&mut lossy, 500, 10));
    let expected = (0..500).filter(|n| !(100..200).contains(n) && !(300..400).contains(n));
    assert_eq!(out, expected.collect::<Vec<_>>());
    let counts = lossy.counts(Way::ToPeer);
    assert_eq!((counts.partitioned, counts.dropped, counts.sent), (100, 100, 300));
}

#[test]
fn a_chance_is_a_chance_and_the_seeds() {
    let mut first = proxy("drop 0.3");
    let out = run(&mut first, 2_000, 1);
    let dropped = first.counts(Way::ToPeer).dropped;
    assert!((500..700).contains(&dropped), "{dropped}");
    assert_eq!(run(&mut proxy("drop 0.3"), 2_000, 1), out);
    let script = Script::parse("drop 0.3").unwrap();
    assert_ne!(run(&mut Proxy::new(script, 2, Memory::default()), 2_000, 1), out);
}

#[test]
fn delay_jitter_duplicates_and_disorder() {
    let out = run(&mut proxy("delay 200ms jitter 50ms"), 100, 100);
    for (millis, _, bytes) in &out {
        let late = millis - number(bytes) * 100;
        assert!((200..=250).contains(&late), "{late}");
    }
    assert_eq!(out.len(), 100);
    let twice = numbers(&run(&mut proxy("duplicate 1"), 3, 10));
    assert_eq!(twice, [0, 0, 1, 1, 2, 2]);
    // Every other one comes behind its successor; the last, which has none, after a second.
    let swapped = run(&mut proxy("reorder 1"), 5, 10);
    assert_eq!(numbers(&swapped), [1, 0, 3, 2, 4]);
    assert_eq!(swapped.last().unwrap().0, 40 + 1_000);
}

#[test]
fn what_is_corrupt_differs() {
    let mut bad = proxy("corrupt 1");
    let out = run(&mut bad, 300, 1);
    let unchanged = out
        .iter()
        .filter(|(_, _, bytes)| bytes.len() == 43 && (0..300).any(|n| *bytes == numbered(n)));
    // An even number of flips of one bit is rare and possible.
    assert!(unchanged.count() <= 6);
    assert!(out.iter().any(|(_, _, bytes)| bytes.len() < 43));
}

#[test]
fn replay_takes_from_earlier_sessions_too_and_injections_keep_their_rate() {
    let earlier = Memory::parse("to-peer aabb\nto-device cc\n").unwrap();
    let script = Script::parse("from 1s to 3s to-peer replay 50/s").unwrap();
    let mut again = Proxy::new(script, 1, earlier);
    let out = run(&mut again, 1, 10);
    assert_eq!(again.counts(Way::ToPeer).replayed, 100);
    assert_eq!(again.counts(Way::ToDevice).sent, 0);
    assert!(out.iter().any(|(_, _, bytes)| *bytes == [0xAA, 0xBB]));
    assert!(out[1..].iter().all(|(millis, _, _)| (1_000..=3_000).contains(millis)));
    let mut beside = proxy("replay 1");
    assert_eq!(run(&mut beside, 10, 10).len(), 20);
}

#[test]
fn forgeries_look_like_what_was_seen_and_are_none_of_it() {
    let mut forger = proxy("to-peer forge 1000/s structured\nto-peer forge 1000/s random");
    let out = run(&mut forger, 1, 10);
    let forged = &out[1..];
    assert!(forged.len() > 9_000, "{}", forged.len());
    assert!(forged.iter().all(|(_, _, bytes)| bytes.len() <= homeostat_link::DATAGRAM_MAX + 1));
    let like = forged.iter().filter(|(_, _, bytes)| bytes.starts_with(&numbered(0)[..5]));
    assert!(like.count() > 2_000);
    let same = forged.iter().filter(|(_, _, bytes)| *bytes == numbered(0)).count();
    // The kind may be drawn as it was.
    assert!(same < 200, "{same}");
}

#[test]
fn a_flood_is_bounded_whoever_calls_late() {
    let mut flood = proxy("to-peer flood 1000000/s");
    flood.take(at(0), Way::ToPeer, &numbered(0));
    let late: Vec<_> = core::iter::from_fn(|| flood.poll(at(3_600_000))).collect();
    assert_eq!(late.len(), 4_097);
    assert_eq!(flood.next_wake(), Some(at(3_600_001)));
    let mut held = proxy("delay 1h");
    for number in 0..70_000 {
        held.take(at(0), Way::ToDevice, &numbered(number));
    }
    assert_eq!(held.counts(Way::ToDevice).overflowed, 70_000 - 65_536);
}

#[test]
fn a_rate_wakes_when_its_next_datagram_is_due_and_no_sooner() {
    let mut slow = proxy("from 1s to 2s to-peer forge 3/s");
    assert_eq!(slow.next_wake(), Some(at(1_334)));
    for (now, next) in
        [(1_100, Some(1_334)), (1_334, Some(1_667)), (1_667, Some(2_000)), (2_000, None)]
    {
        while slow.poll(at(now)).is_some() {}
        assert_eq!(slow.next_wake(), next.map(at), "{now}");
    }
    assert_eq!(slow.counts(Way::ToPeer).forged, 3);
}

#[test]
fn a_memory_is_written_and_read_and_stays_small() {
    let mut proxy = proxy("");
    for number in 0..10_000 {
        proxy.take(at(number), Way::ToDevice, &numbered(number));
        while proxy.poll(at(number)).is_some() {}
    }
    assert_eq!(proxy.memory().len(Way::ToDevice), 4_096);
    let text = proxy.memory().to_string();
    assert_eq!(Memory::parse(&text).unwrap().to_string(), text);
    for bad in
        ["to-peer", "to-peer a", "to-peer ag", "here aa", "to-peer ", &"to-peer aa\n".repeat(4_097)]
    {
        assert!(Memory::parse(bad).is_err(), "{bad:.20}");
    }
    let long = format!("to-peer {}", "aa".repeat(513));
    assert_eq!(Memory::parse(&format!("to-peer aa\n{long}")), Err(RecordingError(2)));
}

fn rules() -> impl Strategy<Value = String> {
    let rule = prop_oneof![
        Just("drop 0.2"),
        Just("delay 30ms jitter 40ms"),
        Just("duplicate 0.3"),
        Just("reorder 0.4"),
        Just("corrupt 0.2"),
        Just("replay 0.2"),
        Just("forge 300/s"),
        Just("from 50ms to 90ms partition"),
        Just("to-device flood 500/s"),
    ];
    prop::collection::vec(rule, 0..6).prop_map(|rules| rules.join("\n"))
}

proptest! {
    #[test]
    fn every_datagram_is_accounted_for(script in rules(), count in 1_u64..100) {
        let mut proxy = proxy(&script);
        let out = run(&mut proxy, count, 2);
        let mut sent = 0;
        for way in Way::ALL {
            let c = *proxy.counts(way);
            let lost = c.dropped + c.partitioned;
            let injected = c.replayed + c.forged + c.flooded;
            prop_assert_eq!(c.received + c.duplicated + injected, c.sent + lost + c.overflowed);
            sent += c.sent;
        }
        prop_assert_eq!(sent, out.len() as u64);
    }
}
