//! Accepting connections: bounded in number, per place, in head size and in time.

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::BTreeMap;
use std::net::{IpAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Connections at most.
const CONNECTIONS_MAX: usize = 96;
/// Connections from one address at most: one place cannot keep the others from Stop.
const PLACE_MAX: usize = 48;
/// A request's head must be complete within this time; an idle connection is closed after it.
const HEAD_MAX: Duration = Duration::from_secs(10);
/// Bytes of a request's head at most.
const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// Pause after the system refused a connection (no file descriptors left).
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(pub(super) IpAddr);

type Places = Arc<Mutex<BTreeMap<IpAddr, usize>>>;

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
        let Some(seat) = Seat::take(&places, from.ip()) else { continue };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone().layer(Extension(Place(from.ip()))));
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
    place: IpAddr,
}

impl Seat {
    fn take(places: &Places, place: IpAddr) -> Option<Self> {
        let mut taken = places.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let here = taken.entry(place).or_default();
        if all >= CONNECTIONS_MAX || *here >= PLACE_MAX {
            return None;
        }
        *here += 1;
        Some(Self { places: places.clone(), place })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = taken.get_mut(&self.place) {
            *here = here.saturating_sub(1);
        }
        taken.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::{CONNECTIONS_MAX, PLACE_MAX, Places, Seat};
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn one_place_cannot_take_every_seat_and_all_are_bounded() {
        let places = Places::default();
        let place = |number: u32| IpAddr::V4(Ipv4Addr::from(number));
        let mut seats: Vec<Seat> =
            (0..PLACE_MAX).map(|_| Seat::take(&places, place(1)).unwrap()).collect();
        assert!(Seat::take(&places, place(1)).is_none());
        while let Some(seat) = Seat::take(&places, place(2 + seats.len() as u32)) {
            seats.push(seat);
        }
        assert_eq!(seats.len(), CONNECTIONS_MAX);
        seats.clear();
        assert!(Seat::take(&places, place(1)).is_some());
        assert!(places.lock().unwrap().is_empty());
    }
}
