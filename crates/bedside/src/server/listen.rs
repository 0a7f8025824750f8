//! Accepting connections: bounded in number, per place, in head size and in time.

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Connections, so that one place cannot keep the others from Stop.
const CONNECTIONS: Room = Room { all: 96, here: 48 };
/// A request's head must be complete within this time; an idle connection is closed after it.
const HEAD_MAX: Duration = Duration::from_secs(10);
/// Bytes of a request's head at most.
const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// Pause after the system refused a connection (no file descriptors left).
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Where a request comes from. All addresses of the device itself are one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(IpAddr);

impl Place {
    pub(super) fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self(if address.is_loopback() { Ipv4Addr::LOCALHOST.into() } else { address })
    }

    /// Whether it is the device itself: its own screen, or a proxy on it.
    pub(super) const fn is_here(self) -> bool {
        self.0.is_loopback()
    }
}

/// How many of something there may be: from all places together, and from one. The device itself has
/// as much again, and nobody else takes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) all: usize,
    pub(super) here: usize,
}

impl Room {
    /// Whether one more from `place` fits beside those that are `taken`.
    pub(super) fn has(self, place: Place, taken: impl Iterator<Item = Place>) -> bool {
        let (mut all, mut here) = (0, 0);
        for other in taken {
            all += usize::from(other.is_here() == place.is_here());
            here += usize::from(other == place);
        }
        all < self.all && (here < self.here || place.is_here())
    }
}

type Places = Arc<Mutex<Vec<Place>>>;

/// Serves until it is dropped.
pub(super) async fn accept(listener: TcpListener, router: Router) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let places = Places::default();
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, from)) = listener.accept().await else {
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        let place = Place::of(from.ip());
        let Some(seat) = Seat::take(&places, place) else { continue };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone().layer(Extension(place)));
        connections.spawn(async move {
            let _seat = seat;
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_MAX)
                .max_buf_size(HEAD_BYTES_MAX)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// One connection's place among the bounded ones.
struct Seat {
    places: Places,
    place: Place,
}

impl Seat {
    fn take(places: &Places, place: Place) -> Option<Self> {
        let mut taken = places.lock().unwrap_or_else(PoisonError::into_inner);
        if !CONNECTIONS.has(place, taken.iter().copied()) {
            return None;
        }
        taken.push(place);
        Some(Self { places: places.clone(), place })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = taken.iter().position(|place| *place == self.place) {
            taken.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CONNECTIONS, Place, Places, Seat};
    use std::net::{IpAddr, Ipv4Addr};

    fn place(number: u32) -> Place {
        Place::of(IpAddr::V4(Ipv4Addr::from(number)))
    }

    #[test]
    fn one_place_cannot_take_every_seat_and_all_are_bounded() {
        let places = Places::default();
        let mut seats: Vec<Seat> =
            (0..CONNECTIONS.here).map(|_| Seat::take(&places, place(1)).unwrap()).collect();
        assert!(Seat::take(&places, place(1)).is_none());
        while let Some(seat) = Seat::take(&places, place(2 + seats.len() as u32)) {
            seats.push(seat);
        }
        assert_eq!(seats.len(), CONNECTIONS.all);
        // The device's own screen has seats of its own, bounded too.
        let here = Place::of(Ipv4Addr::LOCALHOST.into());
        let own: Vec<Seat> = std::iter::from_fn(|| Seat::take(&places, here)).collect();
        assert_eq!(own.len(), CONNECTIONS.all);
        seats.clear();
        drop(own);
        assert!(Seat::take(&places, place(1)).is_some());
        assert!(places.lock().unwrap().is_empty());
    }

    #[test]
    fn the_device_itself_is_one_place_under_all_its_addresses() {
        let of = |text: &str| Place::of(text.parse().unwrap());
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(of(address), of("127.0.0.1"), "{address}");
            assert!(of(address).is_here());
        }
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert!(!of("192.0.2.7").is_here() && !of("2001:db8::1").is_here());
    }
}
