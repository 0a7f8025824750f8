//! People through a crowd: strangers' datagrams, a peer's flood and slow askers cost a person nothing.

use std::io::Write as _;
use std::net::UdpSocket;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use homeostat_device::runtime::{Happened, WAITING};
use homeostat_device::sockets::{UnheardCounter, ask, listen, read_datagrams};

const PATIENT: Duration = Duration::from_secs(60);

fn udp() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").expect("loopback has a port")
}

#[test]
fn com_11_a_flood_leaves_room_for_people_and_strangers_take_none() {
    let (device, peer, stranger) = (udp(), udp(), udp());
    let to = device.local_addr().expect("it is bound");
    let known = peer.local_addr().expect("it is bound");
    let (sender, events) = sync_channel(WAITING);
    let unheard = Arc::<UnheardCounter>::default();
    read_datagrams(&device, vec![known], sender.clone(), Arc::clone(&unheard))
        .expect("it is shared");
    // Until both were turned away: what the system itself drops on the way nobody counts.
    while unheard.counted().strangers == 0 || unheard.counted().crowded == 0 {
        stranger.send_to(b"let me in", to).expect("sent");
        peer.send_to(b"me again", to).expect("sent");
    }
    // The flood goes on while it is looked at: whatever was taken makes room for one more.
    let first = events.recv_timeout(PATIENT).expect("the peer is heard");
    assert!(matches!(&first, Happened::Datagram(from, _, _) if *from == known));
    let room = (0..WAITING / 2).filter(|_| sender.try_send(Happened::End(None)).is_ok()).count();
    assert_eq!(room, WAITING / 2);
    drop(first);
    for happened in events.try_iter() {
        match happened {
            Happened::Datagram(from, ..) => assert_eq!(from, known),
            other => assert!(matches!(other, Happened::End(_)), "{other:?}"),
        }
    }
}

#[test]
fn act_10_who_asks_slowly_holds_nobody_up() {
    let path = std::env::temp_dir().join(format!("homeostat-ask-{}.sock", std::process::id()));
    let (sender, _events) = sync_channel(WAITING);
    listen(&path, sender, Arc::new(|line, _| format!("heard {line}"))).expect("it listens");
    let mut slow = UnixStream::connect(&path).expect("it listens");
    slow.write_all(b"st").expect("written");
    assert_eq!(ask(&path, "stop").expect("it answers"), "heard stop");
    drop(slow);
    std::fs::remove_file(&path).expect("removed");
}
