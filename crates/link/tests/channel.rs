//! What a channel does and refuses, step by step.

mod support;

use homeostat_link::{
    Channel, Event, Hello, Ignored, LinkState, Message, Mismatch, NotSent, PROTOCOL, Part, Party,
    Protocol, Report, Settings, Therapy, Unfit,
};
use homeostat_record::{Bytes, Instant, Span};
use support::{
    DEVICE, NoneAtAll, PUMP, Seeded, at, channels, key, order, report, settings, settle,
};

const DEVICE_END: usize = 0;
const PUMP_END: usize = 1;

fn connected() -> ([Channel; 2], Seeded) {
    let mut ends = channels();
    let mut seed = Seeded(7);
    settle(&mut ends, at(0), &mut seed);
    (ends, seed)
}

/// What the other end makes of it.
fn deliver(ends: &mut [Channel; 2], to: usize, now: Instant, bytes: &[u8]) -> Event {
    ends[to].receive(now, bytes, &mut Seeded(1))
}

fn said(event: Event) -> Message {
    match event {
        Event::Message(received) => received.message,
        other => panic!("no message: {other:?}"),
    }
}

fn send(ends: &mut [Channel; 2], from: usize, now: Instant, message: &Message) -> Vec<u8> {
    ends[from].send(now, message).unwrap().as_slice().to_vec()
}

#[test]
fn two_paired_ends_agree_on_a_session_and_greet_each_other() {
    let mut ends = channels();
    let mut seed = Seeded(7);
    assert_eq!(ends[DEVICE_END].send(at(0), &order(1)).err(), Some(NotSent::NoSession));
    let kinds: Vec<(usize, u8)> = settle(&mut ends, at(0), &mut seed)
        .into_iter()
        .map(|(end, datagram)| (end, datagram[0]))
        .collect();
    // Initiation, answer, hello, hello; and nothing more.
    assert_eq!(kinds, [(0, 0x33), (1, 0x3C), (0, 0x55), (1, 0x55)]);
    assert_eq!(ends[0].session(), ends[1].session());
    assert!(ends[0].session().is_some());
    let sealed = send(&mut ends, DEVICE_END, at(10), &order(5));
    assert_eq!(said(deliver(&mut ends, PUMP_END, at(10), &sealed)), order(5));
    let sealed = send(&mut ends, PUMP_END, at(10), &report(6));
    assert_eq!(said(deliver(&mut ends, DEVICE_END, at(10), &sealed)), report(6));
}

#[test]
fn com_03_act_05_each_message_once_in_whatever_order() {
    let (mut ends, _) = connected();
    let sealed: Vec<Vec<u8>> =
        (0..3).map(|id| send(&mut ends, DEVICE_END, at(5), &order(id))).collect();
    for index in [2, 0, 1] {
        let event = deliver(&mut ends, PUMP_END, at(6), &sealed[index]);
        assert_eq!(said(event), order(index as u64));
    }
    for datagram in &sealed {
        let event = deliver(&mut ends, PUMP_END, at(7), datagram);
        assert_eq!(event, Event::Ignored(Ignored::Replayed));
    }
    for id in 0..64 {
        let newer = send(&mut ends, DEVICE_END, at(8), &order(id));
        assert_eq!(said(deliver(&mut ends, PUMP_END, at(8), &newer)), order(id));
    }
    let event = deliver(&mut ends, PUMP_END, at(9), &sealed[0]);
    assert_eq!(event, Event::Ignored(Ignored::Late));
    assert_eq!(ends[PUMP_END].counters().of(Ignored::Replayed), 3);
    assert_eq!(ends[PUMP_END].counters().of(Ignored::Late), 1);
}

#[test]
fn com_05_a_changed_datagram_is_never_a_message() {
    let (mut ends, _) = connected();
    let sealed = send(&mut ends, DEVICE_END, at(5), &order(1));
    for place in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[place] ^= 1 << bit;
            let event = deliver(&mut ends, PUMP_END, at(5), &changed);
            assert!(matches!(event, Event::Ignored(_)), "byte {place} bit {bit}: {event:?}");
        }
    }
    for length in 0..sealed.len() {
        let event = deliver(&mut ends, PUMP_END, at(5), &sealed[..length]);
        assert!(matches!(event, Event::Ignored(_)), "cut to {length}: {event:?}");
    }
    let mut longer = sealed.clone();
    longer.push(0);
    let event = deliver(&mut ends, PUMP_END, at(5), &longer);
    assert!(matches!(event, Event::Ignored(_)));
    assert!(ends[PUMP_END].under_attack(at(5)));
    assert_eq!(said(deliver(&mut ends, PUMP_END, at(2_000), &sealed)), order(1));
}

#[test]
fn iop_10_what_is_sent_back_to_its_sender_is_a_forgery() {
    let (mut ends, _) = connected();
    let sealed = send(&mut ends, DEVICE_END, at(5), &order(1));
    let event = deliver(&mut ends, DEVICE_END, at(5), &sealed);
    assert_eq!(event, Event::Ignored(Ignored::Forged));
}

#[test]
fn com_06_what_a_peer_may_not_say_is_refused_at_both_ends() {
    let (mut ends, _) = connected();
    assert_eq!(ends[PUMP_END].send(at(1), &order(1)).err(), Some(NotSent::OutOfContract));
    assert_eq!(ends[DEVICE_END].send(at(1), &report(1)).err(), Some(NotSent::OutOfContract));
    // A pump with other software, which would say it.
    let [device, pump] = settings();
    let lax = Settings {
        outgoing: homeostat_link::Contract {
            from: Part::Actuator,
            to: Part::Device,
            ..device.outgoing
        },
        ..pump
    };
    let mut ends = [device, lax].map(|settings| Channel::new(settings, at(0)).unwrap());
    settle(&mut ends, at(0), &mut Seeded(3));
    let sealed = send(&mut ends, PUMP_END, at(1), &order(1));
    let event = deliver(&mut ends, DEVICE_END, at(1), &sealed);
    assert_eq!(event, Event::Ignored(Ignored::OutOfContract));
}

#[test]
fn com_06_com_08_a_peer_that_does_not_fit_is_refused_by_name() {
    let [device, pump] = settings();
    let other_therapy = Therapy::named("propofol").unwrap();
    let other_party = Party { identity: 0xBB, ..PUMP };
    let cases = [
        (Settings { therapy: other_therapy, ..pump.clone() }, Mismatch::Therapy),
        (Settings { me: other_party, ..pump.clone() }, Mismatch::Identity),
        (Settings { peer: Party { identity: 9, ..DEVICE }, ..pump.clone() }, Mismatch::Identity),
    ];
    for (other, mismatch) in cases {
        let mut ends = [device.clone(), other].map(|s| Channel::new(s, at(0)).unwrap());
        let initiation = ends[DEVICE_END].poll(at(0), &mut Seeded(1)).unwrap();
        let event = deliver(&mut ends, PUMP_END, at(0), initiation.as_slice());
        assert_eq!(event, Event::Ignored(Ignored::Mismatch(mismatch)));
        let answer = ends[PUMP_END].poll(at(0), &mut Seeded(2)).unwrap();
        let event = deliver(&mut ends, DEVICE_END, at(0), answer.as_slice());
        assert_eq!(event, Event::RefusedByPeer(mismatch));
        assert_eq!((ends[0].session(), ends[1].session()), (None, None));
    }
}

#[test]
fn cry_03_a_downgrade_on_the_way_is_a_forgery_or_foreign() {
    let mut ends = channels();
    let initiation = ends[DEVICE_END].poll(at(0), &mut Seeded(1)).unwrap();
    // The version, an identity, the time, the ephemeral key, the gate.
    let cases = [13, 16, 50, 70, 115].map(|place| match place {
        13 | 16 => (place, Ignored::Foreign),
        _ => (place, Ignored::Forged),
    });
    for (place, reason) in cases {
        let mut changed = initiation.as_slice().to_vec();
        changed[place] ^= 2;
        let event = deliver(&mut ends, PUMP_END, at(0), &changed);
        assert_eq!(event, Event::Ignored(reason), "byte {place}");
    }
    let event = deliver(&mut ends, PUMP_END, at(0), initiation.as_slice());
    assert_eq!(event, Event::Progress);
}

#[test]
fn com_06_a_stranger_gets_no_session() {
    let [device, pump] = settings();
    let stranger = Settings { key: key(99), ..device };
    let mut ends = [stranger, pump].map(|s| Channel::new(s, at(0)).unwrap());
    settle(&mut ends, at(0), &mut Seeded(1));
    assert_eq!((ends[0].session(), ends[1].session()), (None, None));
    assert_eq!(ends[PUMP_END].counters().of(Ignored::Forged), 1);
}

#[test]
fn f_k06_replayed_handshakes_cannot_end_a_live_session() {
    let mut ends = channels();
    let mut seed = Seeded(7);
    let mut recorded = settle(&mut ends, at(0), &mut seed);
    // The pump restarts and so there is a second session; both handshakes are recorded.
    let [_, pump] = settings();
    ends[PUMP_END] = Channel::new(pump, at(100)).unwrap();
    let knock = ends[PUMP_END].poll(at(10_000), &mut seed).unwrap();
    let _ = deliver(&mut ends, DEVICE_END, at(10_000), knock.as_slice());
    recorded.extend(settle(&mut ends, at(10_000), &mut seed));
    let session = ends[DEVICE_END].session();
    assert_eq!(ends[PUMP_END].session(), session);
    for round in 0..50 {
        let now = at(20_000 + round * 100);
        for (from, datagram) in &recorded {
            for to in [*from, 1 - *from] {
                let event = deliver(&mut ends, to, now, datagram);
                let harmless = matches!(event, Event::Ignored(_) | Event::Progress);
                assert!(harmless, "{event:?}");
            }
        }
        let sealed = send(&mut ends, DEVICE_END, now, &order(round));
        assert_eq!(said(deliver(&mut ends, PUMP_END, now, &sealed)), order(round));
        let sealed = send(&mut ends, PUMP_END, now, &report(round));
        assert_eq!(said(deliver(&mut ends, DEVICE_END, now, &sealed)), report(round));
    }
    assert_eq!((ends[0].session(), ends[1].session()), (session, session));
}

#[test]
fn the_old_session_lives_until_the_new_one_is_proved() {
    let (mut ends, mut seed) = connected();
    let old = ends[PUMP_END].session();
    let renew = ends[DEVICE_END].settings().timing.renew_after.as_millis();
    let before = send(&mut ends, PUMP_END, at(renew), &report(1));
    let initiation = ends[DEVICE_END].poll(at(renew), &mut seed).unwrap();
    let _ = deliver(&mut ends, PUMP_END, at(renew), initiation.as_slice());
    assert_eq!(ends[PUMP_END].session(), old, "an initiation alone changes nothing");
    let answer = ends[PUMP_END].poll(at(renew), &mut seed).unwrap();
    let event = deliver(&mut ends, DEVICE_END, at(renew), answer.as_slice());
    assert_eq!(event, Event::Established);
    assert_ne!(ends[DEVICE_END].session(), old);
    // What was under way in the old session still arrives, until the peer has used the new one.
    assert_eq!(said(deliver(&mut ends, DEVICE_END, at(renew), &before)), report(1));
    let during = send(&mut ends, PUMP_END, at(renew), &report(2));
    let hello = ends[DEVICE_END].poll(at(renew), &mut seed).unwrap();
    let event = deliver(&mut ends, PUMP_END, at(renew), hello.as_slice());
    assert!(matches!(event, Event::Message(received) if received.first));
    assert_eq!(ends[PUMP_END].session(), ends[DEVICE_END].session());
    let reply = ends[PUMP_END].poll(at(renew), &mut seed).unwrap();
    let event = deliver(&mut ends, DEVICE_END, at(renew), reply.as_slice());
    assert!(matches!(event, Event::Message(received) if received.first));
    let event = deliver(&mut ends, DEVICE_END, at(renew), &during);
    assert_eq!(event, Event::Ignored(Ignored::Late), "the old session is over");
}

#[test]
fn a_restart_of_either_end_leads_to_a_new_session() {
    for restarted in [DEVICE_END, PUMP_END] {
        let (mut ends, mut seed) = connected();
        let old = ends[1 - restarted].session();
        let [device, pump] = settings();
        let anew = [device, pump].into_iter().nth(restarted).unwrap();
        let later = Instant { boot: 2, millis: 0 };
        ends[restarted] =
            Channel::new(anew, if restarted == DEVICE_END { later } else { at(0) }).unwrap();
        // The other end's clock goes on; the restarted device has counted its start.
        for step in 0..80 {
            let mut nows = [at(20_000 + step * 250); 2];
            if restarted == DEVICE_END {
                nows[DEVICE_END] = Instant { boot: 2, millis: step * 250 };
            }
            for end in [0, 1, 0, 1, 0, 1] {
                while let Some(datagram) = ends[end].poll(nows[end], &mut seed) {
                    let _ = ends[1 - end].receive(nows[1 - end], datagram.as_slice(), &mut seed);
                }
            }
        }
        let sessions = ends.map(|end| end.session());
        assert_eq!(sessions[0], sessions[1]);
        assert!(sessions[0].is_some() && sessions[0] != old);
    }
}

#[test]
fn com_11_a_flood_is_refused_before_any_cryptography() {
    let (mut ends, _) = connected();
    let sealed = send(&mut ends, DEVICE_END, at(5), &order(1));
    let mut forged = sealed.clone();
    *forged.last_mut().unwrap() ^= 1;
    for _ in 0..10_000 {
        let _ = deliver(&mut ends, PUMP_END, at(5), &forged);
    }
    let rate = ends[PUMP_END].settings().incoming.rate;
    let counters = *ends[PUMP_END].counters();
    assert!(counters.of(Ignored::Forged) <= u64::from(rate.burst) + 10);
    assert_eq!(counters.of(Ignored::Forged) + counters.of(Ignored::OverRate), 10_000);
    // A second later the peer is heard again.
    assert_eq!(said(deliver(&mut ends, PUMP_END, at(1_005), &sealed)), order(1));
}

#[test]
fn com_11_a_flood_of_knocks_begins_a_session_every_few_seconds_at_most() {
    let (mut ends, mut seed) = connected();
    let knock = [&[0x5A][..], &[0; 12]].concat();
    let mut begun = 0;
    for millis in 1_000..61_000 {
        let _ = deliver(&mut ends, DEVICE_END, at(millis), &knock);
        begun += settle(&mut ends, at(millis), &mut seed)
            .iter()
            .filter(|(_, datagram)| datagram[0] == 0x33)
            .count();
    }
    assert!(
        begun <= 60 / 8 + 20 + 1,
        "{begun}: one in eight seconds, and every three that are quiet"
    );
}

#[test]
fn act_05_the_age_of_a_message_is_bounded_by_the_receivers_clock_alone() {
    // The pump's clock is hours ahead of the device's; nobody compares them.
    let ahead = 10_000_000;
    for delay in [0, 5_000] {
        let (mut ends, _) = connected();
        let heard = send(&mut ends, PUMP_END, at(ahead), &report(1));
        let _ = deliver(&mut ends, DEVICE_END, at(1_000), &heard);
        let sealed = send(&mut ends, DEVICE_END, at(31_000), &order(1));
        let event = deliver(&mut ends, PUMP_END, at(ahead + 30_000 + delay), &sealed);
        let Event::Message(received) = event else { panic!("{event:?}") };
        // Two milliseconds for the clocks' rounding, a thousandth of the time held for their drift.
        assert_eq!(received.age_at_most, Some(Span::from_millis(delay + 2 + 30)));
        assert_eq!(received.sent, at(31_000));
    }
}

#[test]
fn tim_01_an_echo_of_another_boot_bounds_nothing() {
    let (mut ends, _) = connected();
    let sealed = send(&mut ends, DEVICE_END, at(5), &order(1));
    let event = deliver(&mut ends, PUMP_END, Instant { boot: 2, millis: 5 }, &sealed);
    // The session lives in memory alone, and none is of an earlier boot.
    assert_eq!(event, Event::Ignored(Ignored::Late));
}

#[test]
fn without_randomness_nothing_is_begun_and_nothing_breaks() {
    let mut ends = channels();
    assert!(ends[DEVICE_END].poll(at(0), &mut NoneAtAll).is_none());
    assert_eq!(ends[DEVICE_END].counters().of(Ignored::NoEntropy), 1);
    let initiation = ends[DEVICE_END].poll(at(500), &mut Seeded(1)).unwrap();
    let event = ends[PUMP_END].receive(at(500), initiation.as_slice(), &mut NoneAtAll);
    assert_eq!(event, Event::Ignored(Ignored::NoEntropy));
}

#[test]
fn com_02_both_ends_see_the_silence() {
    let (mut ends, _) = connected();
    let sealed = send(&mut ends, DEVICE_END, at(100), &order(1));
    let _ = deliver(&mut ends, PUMP_END, at(100), &sealed);
    let sealed = send(&mut ends, PUMP_END, at(110), &report(1));
    let _ = deliver(&mut ends, DEVICE_END, at(110), &sealed);
    for (end, last) in [(PUMP_END, 100), (DEVICE_END, 110)] {
        assert_eq!(ends[end].state(at(1_500)), LinkState::Live);
        assert_eq!(ends[end].state(at(3_000)), LinkState::Late { since: at(last + 1_400) });
        assert_eq!(ends[end].state(at(9_000)), LinkState::Silent { since: at(last + 5_000) });
    }
}

#[test]
fn settings_that_contradict_themselves_are_refused() {
    let [device, _] = settings();
    let unfit = |settings: Settings| Channel::new(settings, at(0)).err();
    let swapped = Settings { incoming: device.outgoing, ..device.clone() };
    assert_eq!(unfit(swapped), Some(Unfit::Contract("incoming")));
    let swapped = Settings { outgoing: device.incoming, ..device.clone() };
    assert_eq!(unfit(swapped), Some(Unfit::Contract("outgoing")));
    let nameless = Settings { therapy: Therapy::default(), ..device.clone() };
    assert_eq!(unfit(nameless), Some(Unfit::Therapy));
    let software = Bytes::copy_of(&[0xFF]).unwrap();
    assert_eq!(unfit(Settings { software, ..device.clone() }), Some(Unfit::Software));
    let mut timing = device.timing;
    timing.session_max = timing.renew_after;
    assert_eq!(unfit(Settings { timing, ..device }), Some(Unfit::Timing("session")));
}

#[test]
fn f_k06_an_initiation_is_taken_once_and_in_order() {
    let (mut ends, mut seed) = connected();
    let renew = ends[DEVICE_END].settings().timing.renew_after.as_millis();
    let older = ends[DEVICE_END].poll(at(renew), &mut seed).unwrap();
    let newer = ends[DEVICE_END].poll(at(renew + 250), &mut seed).unwrap();
    let event = deliver(&mut ends, PUMP_END, at(renew + 251), newer.as_slice());
    assert_eq!(event, Event::Progress);
    let _ = ends[PUMP_END].poll(at(renew + 251), &mut seed);
    for old in [&newer, &older] {
        let event = deliver(&mut ends, PUMP_END, at(renew + 252), old.as_slice());
        assert_eq!(event, Event::Ignored(Ignored::Replayed));
        assert!(ends[PUMP_END].poll(at(renew + 252), &mut seed).is_none(), "no answer");
    }
}

#[test]
fn com_08_an_identity_that_changes_within_a_session_is_refused_by_name() {
    let (mut ends, _) = connected();
    let hello = Hello {
        protocol: PROTOCOL,
        party: PUMP,
        therapy: Therapy::named("insulin").unwrap(),
        software: Bytes::default(),
    };
    let sealed = send(&mut ends, PUMP_END, at(1), &Message::Hello(hello));
    assert_eq!(said(deliver(&mut ends, DEVICE_END, at(1), &sealed)), Message::Hello(hello));
    let cases = [
        (Hello { protocol: Protocol(2), ..hello }, Mismatch::Protocol),
        (Hello { therapy: Therapy::named("propofol").unwrap(), ..hello }, Mismatch::Therapy),
        (Hello { party: Party { part: Part::Sensor, ..PUMP }, ..hello }, Mismatch::Part),
        (Hello { party: Party { identity: 1, ..PUMP }, ..hello }, Mismatch::Identity),
    ];
    for (other, mismatch) in cases {
        let sealed = send(&mut ends, PUMP_END, at(2), &Message::Hello(other));
        let event = deliver(&mut ends, DEVICE_END, at(2), &sealed);
        assert_eq!(event, Event::Ignored(Ignored::Mismatch(mismatch)));
    }
}

#[test]
fn keys_are_renewed_while_both_ends_talk_and_not_before() {
    let (mut ends, mut seed) = connected();
    let first = ends[DEVICE_END].session();
    let renew = ends[DEVICE_END].settings().timing.renew_after.as_millis();
    for now in (1_000..renew).step_by(1_000) {
        let sealed = send(&mut ends, PUMP_END, at(now), &report(1));
        let _ = deliver(&mut ends, DEVICE_END, at(now), &sealed);
        assert!(ends[DEVICE_END].poll(at(now), &mut seed).is_none(), "at {now}");
    }
    assert_eq!(ends[DEVICE_END].next_wake(at(renew - 1_000)), at(renew));
    settle(&mut ends, at(renew), &mut seed);
    assert_ne!(ends[DEVICE_END].session(), first);
    assert_eq!(ends[DEVICE_END].session(), ends[PUMP_END].session());
}

#[test]
fn a_peer_of_which_nothing_is_heard_is_called_again_and_the_session_kept() {
    let (mut ends, mut seed) = connected();
    let quiet = ends[DEVICE_END].settings().timing.quiet.as_millis();
    assert!(ends[DEVICE_END].poll(at(quiet - 1), &mut seed).is_none());
    let initiation = ends[DEVICE_END].poll(at(quiet), &mut seed).unwrap();
    assert_eq!(initiation.as_slice()[0], 0x33);
    let sealed = send(&mut ends, DEVICE_END, at(quiet), &order(1));
    assert_eq!(said(deliver(&mut ends, PUMP_END, at(quiet), &sealed)), order(1));
}

#[test]
fn a_message_that_means_nothing_is_not_sent() {
    let (mut ends, _) = connected();
    let other_channel = Message::Report(Report { channel: 2, ..Report::default() });
    assert_eq!(ends[PUMP_END].send(at(1), &other_channel).err(), Some(NotSent::Unsound("channel")));
}

#[test]
fn act_05_a_peer_whose_clock_began_anew_is_echoed_its_new_time() {
    let (mut ends, mut seed) = connected();
    let sealed = send(&mut ends, PUMP_END, at(500_000), &report(1));
    let _ = deliver(&mut ends, DEVICE_END, at(1_000), &sealed);
    // It restarts without counting its starts: its time runs from zero again.
    let [_, pump] = settings();
    ends[PUMP_END] = Channel::new(pump, at(0)).unwrap();
    let knock = ends[PUMP_END].poll(at(0), &mut seed).unwrap();
    let _ = deliver(&mut ends, DEVICE_END, at(20_000), knock.as_slice());
    let nows = [at(20_000), at(10)];
    for end in [0, 1, 0, 1, 0, 1] {
        while let Some(datagram) = ends[end].poll(nows[end], &mut seed) {
            let _ = ends[1 - end].receive(nows[1 - end], datagram.as_slice(), &mut seed);
        }
    }
    let sealed = send(&mut ends, DEVICE_END, at(21_000), &order(1));
    let Event::Message(received) = deliver(&mut ends, PUMP_END, at(1_010), &sealed) else {
        panic!("no message")
    };
    assert_eq!(received.age_at_most, Some(Span::from_millis(2 + 1)));
}

#[test]
fn com_13_what_is_lost_is_counted() {
    let (mut ends, _) = connected();
    for id in 0..200 {
        let sealed = send(&mut ends, DEVICE_END, at(id), &order(id));
        if id % 4 == 0 {
            let _ = deliver(&mut ends, PUMP_END, at(id), &sealed);
        }
    }
    // All but the 64 that may still come.
    let lost = ends[PUMP_END].tally().lost;
    assert!((95..=105).contains(&lost), "{lost}");
    assert!(ends[PUMP_END].loses_too_much());
}

#[test]
fn com_13_what_a_session_lost_is_not_forgotten_when_it_ends() {
    let (mut ends, mut seed) = connected();
    for id in 1..=42 {
        let datagram = send(&mut ends, DEVICE_END, at(id), &order(id));
        if id % 2 == 0 {
            said(deliver(&mut ends, PUMP_END, at(id), &datagram));
        }
    }
    // Each may still come, until there are other keys.
    assert_eq!(ends[PUMP_END].tally().lost, 0);
    let renew = ends[DEVICE_END].settings().timing.renew_after.as_millis();
    settle(&mut ends, at(renew), &mut seed);
    assert_eq!(ends[PUMP_END].tally().lost, 21);
    assert!(ends[PUMP_END].loses_too_much() && !ends[DEVICE_END].loses_too_much());
}
