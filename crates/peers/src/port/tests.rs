use super::*;
use crate::folder::{DeviceKnown, PeerSettings};
use homeostat_link::{Part, Party, StaticKey};

fn at(millis: u64) -> Instant {
    Instant { boot: 1, millis }
}

/// What a port sends at this time, and where.
fn polled(port: &mut Port, now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
    let mut sent = Vec::new();
    port.poll(now, &mut |to, datagram| sent.push((to, datagram.as_slice().to_vec())));
    sent
}

#[test]
fn f_k06_a_replayed_handshake_takes_no_words_of_the_pump_elsewhere() {
    let path = std::env::temp_dir().join(format!("homeostat-port-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    let [listen, tubing, known, moved, elsewhere] =
        [1, 2, 3, 4, 5].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let key = StaticKey::generate(&mut SystemEntropy).unwrap();
    let mut settings = PeerSettings::pump(Therapy::Insulin, 7, listen, tubing);
    let digits = key.public().to_string();
    settings.device = Some(DeviceKnown { identity: 9, address: Some(known), key: digits });
    PeerFolder::create(&path, &settings).unwrap();
    let folder = PeerFolder::open(&path, &mut SystemEntropy).unwrap();
    let start = || Port::open(&folder, at(0)).unwrap();
    let mut pump = start();
    let own = pump.channel().settings().clone();
    let mut device = Channel::new(
        Settings {
            end: End::Initiator,
            me: Party { part: Part::Device, identity: 9 },
            peer: own.me,
            key,
            peer_key: folder.key().public(),
            incoming: own.outgoing,
            outgoing: own.incoming,
            ..own
        },
        at(0),
    )
    .unwrap();

    let initiation = device.poll(at(0), &mut SystemEntropy).unwrap();
    assert_eq!(pump.receive(at(0), moved, initiation.as_slice()), None);
    let [(to, answer), rest @ ..] = &polled(&mut pump, at(0))[..] else { panic!("no answer") };
    assert_eq!(*to, moved);
    assert!(rest.iter().all(|(to, _)| *to == known));
    assert_eq!(device.receive(at(0), answer, &mut SystemEntropy), Event::Established);
    // The device proves that it is there: now it has moved.
    let hello = device.poll(at(0), &mut SystemEntropy).unwrap();
    assert!(pump.receive(at(0), moved, hello.as_slice()).is_some());
    let said = polled(&mut pump, at(0));
    assert!(!said.is_empty() && said.iter().all(|(to, _)| *to == moved));

    // Started again, it has forgotten the newest handshake: an old one is answered and comes to nothing.
    let mut pump = start();
    let _ = pump.receive(at(1_000), elsewhere, initiation.as_slice());
    assert_eq!(polled(&mut pump, at(1_000)).first().unwrap().0, elsewhere);
    let later: Vec<_> = (2..20).flat_map(|second| polled(&mut pump, at(second * 1_000))).collect();
    assert!(!later.is_empty() && later.iter().all(|(to, _)| *to == known));
    let _ = std::fs::remove_dir_all(&path);
}
