use super::{Hub, Message, READERS, RING, WAITING_MAX};
use crate::server::listen::Place;
use crate::view::{At, Civil, View};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

const T0: Duration = Duration::ZERO;
const FIRST: u64 = 1_000;

fn view() -> View {
    serde_json::from_str(include_str!("../../../samples/insulin/m5.json")).unwrap()
}

fn hub() -> Hub {
    Hub::new(Arc::new(view()), FIRST, T0)
}

fn place(number: u32) -> Place {
    Place::of(Ipv4Addr::from(number).into())
}

/// The view a second later with another reason, or unchanged but for the clock.
fn later(seconds: u64, why: Option<&str>) -> Arc<View> {
    let mut view = view();
    view.clock.now = At(view.clock.now.0 + seconds * 1_000);
    let passed = i64::try_from(seconds).unwrap() * 1_000;
    view.clock.civil = view.clock.civil.map(|Civil(civil)| Civil(civil + passed));
    view.mode.why = why.map_or(view.mode.why, str::to_owned);
    Arc::new(view)
}

fn all(messages: &mut tokio::sync::mpsc::Receiver<Message>) -> Vec<(u64, serde_json::Value)> {
    let mut found = Vec::new();
    while let Ok(message) = messages.try_recv() {
        if let Message::Update { id, data } = message {
            found.push((id, serde_json::from_str(&data).unwrap()));
        }
    }
    found
}

fn names(update: &serde_json::Value) -> Vec<String> {
    update["sections"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn an_update_carries_what_changed_and_the_clock() {
    let mut hub = hub();
    let mut reader = hub.join(place(1), Some(FIRST), T0).unwrap();
    hub.publish(later(1, None), T0);
    hub.publish(later(2, Some("because of a test")), T0);
    let updates = all(&mut reader);
    let ids: Vec<u64> = updates.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [FIRST + 1, FIRST + 2]);
    assert!(names(&updates[0].1).is_empty());
    assert_eq!(names(&updates[1].1), ["mode"]);
    assert!(updates[1].1["sections"]["mode"].as_str().unwrap().contains("because of a test"));
    assert_eq!(updates[1].1["at"], view().clock.now.0 + 2_000);
    assert_eq!(updates[1].1["chart"], false);
}

#[test]
fn a_reader_who_was_away_gets_what_it_missed_in_order() {
    let mut hub = hub();
    for second in 1..=5 {
        hub.publish(later(second, None), T0);
    }
    let ids = |hub: &mut Hub, seen| {
        let mut reader = hub.join(place(1), Some(seen), T0).unwrap();
        all(&mut reader).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut hub, FIRST + 3), [FIRST + 4, FIRST + 5]);
    assert!(ids(&mut hub, FIRST + 5).is_empty());
    assert_eq!(ids(&mut hub, FIRST).len(), 5);
}

#[test]
fn a_reader_from_another_time_gets_the_whole_page() {
    let mut hub = hub();
    for second in 0..u64::try_from(RING).unwrap() + 10 {
        hub.publish(later(second, None), T0);
    }
    for seen in [None, Some(0), Some(FIRST), Some(u64::MAX)] {
        let mut reader = hub.join(place(1), seen, T0).unwrap();
        let updates = all(&mut reader);
        assert_eq!(updates.len(), 1, "{seen:?}");
        assert_eq!(updates[0].0, hub.last());
        assert_eq!(
            names(&updates[0].1).len(),
            crate::render::sections(&view(), crate::render::Ages::Left).len()
        );
        assert_eq!(updates[0].1["chart"], true);
    }
    assert_eq!(hub.ring.len(), RING);
}

#[test]
fn a_reader_that_does_not_read_is_let_go_and_the_others_stay() {
    let mut hub = hub();
    let _slow = hub.join(place(1), Some(FIRST), T0).unwrap();
    let mut quick = hub.join(place(1), Some(FIRST), T0).unwrap();
    for second in 0..=u64::try_from(WAITING_MAX).unwrap() {
        hub.publish(later(second, None), T0);
        assert_eq!(all(&mut quick).len(), 1);
    }
    assert_eq!(hub.readers.len(), 1);
}

#[test]
fn readers_are_bounded_per_place_and_the_devices_own_screen_has_room() {
    let mut hub = hub();
    let mut readers: Vec<_> =
        (0..READERS.here).map(|_| hub.join(place(1), None, T0).unwrap()).collect();
    assert!(hub.join(place(1), None, T0).is_none());
    while let Some(reader) = hub.join(place(2 + readers.len() as u32), None, T0) {
        readers.push(reader);
    }
    assert_eq!(readers.len(), READERS.all);
    let here = Place::of(Ipv4Addr::LOCALHOST.into());
    let _own = hub.join(here, None, T0).unwrap();
    readers.pop();
    assert!(hub.join(place(1_000), None, T0).is_some());
}

#[test]
fn a_beat_tells_how_long_the_device_has_been_quiet_and_so_does_a_beginning() {
    let mut hub = hub();
    let mut reader = hub.join(place(1), Some(FIRST), T0).unwrap();
    assert_eq!(reader.try_recv(), Ok(Message::Beat(0)));
    hub.publish(later(1, None), Duration::from_secs(10));
    hub.beat(Duration::from_secs(13));
    reader.try_recv().unwrap();
    assert_eq!(reader.try_recv(), Ok(Message::Beat(3_000)));
    // Who comes back gets what he missed, and is told at once that it is old.
    let mut again = hub.join(place(1), Some(FIRST), Duration::from_secs(14)).unwrap();
    assert!(matches!(again.try_recv(), Ok(Message::Update { .. })));
    assert_eq!(again.try_recv(), Ok(Message::Beat(4_000)));
}
