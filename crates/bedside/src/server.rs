//! The page's server: one thread of its own, so that nothing a browser does can delay a cycle.
//!
//! The device [publishes](Bedside::publish) a view whenever something changed and at least as often
//! as the view promises; it takes what people ask for out of the [`Inbox`].

mod assets;
mod clock;
mod doors;
mod forms;
mod guard;
mod hub;
mod listen;
mod live;
mod pages;

pub(crate) use assets::asset_path;
pub use doors::{Pin, SECRET_MAX};

use crate::inbox::Inbox;
use crate::view::View;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use clock::Ticks;
use doors::Doors;
use hub::Hub;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// Largest body of a request, in bytes: a form of a few fields.
const BODY_MAX: usize = 4_096;

/// How the page is served.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where. Loopback, unless the network around the bed is trusted: the page is not encrypted.
    pub listen: SocketAddr,
    /// Names under which the page is reached, besides its addresses and `localhost`.
    pub names: Vec<String>,
    /// Secrets that let people act. Without one, people can look and stop.
    pub pins: Vec<Pin>,
}

/// Why the page could not be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be used.
    #[error("the bedside page cannot listen at {address}: {source}; choose another address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The system gave no thread or no event queue.
    #[error("the bedside page cannot start its thread: {0}")]
    Thread(io::Error),
    /// The system gave no random numbers.
    #[error("the bedside page needs random numbers and the system gives none")]
    Random,
}

/// The page, being served. Dropping it ends the server.
#[derive(Debug)]
pub struct Bedside {
    address: SocketAddr,
    views: watch::Sender<Arc<View>>,
    inbox: Inbox,
    quit: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bedside {
    /// Serves `view` until the next one is published.
    ///
    /// # Errors
    /// The address cannot be listened at, or the system lacks threads or random numbers.
    pub fn start(config: Config, view: View) -> Result<Self, StartError> {
        let address = config.listen;
        let listener = TcpListener::bind(address)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|source| StartError::Listen { address, source })?;
        let address = listener.local_addr().map_err(StartError::Thread)?;
        let first = random::<4>().ok_or(StartError::Random)?;
        let (views, seen) = watch::channel(Arc::new(view));
        let inbox = Inbox::default();
        let (quit, stop) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(StartError::Thread)?;
        let asked = inbox.clone();
        let serve = move || {
            runtime.block_on(async {
                let first = u64::from(u32::from_be_bytes(first)) << 20;
                let app = App::new(config, seen, asked, first);
                tokio::select! {
                    () = live::keep(app.clone()) => {}
                    () = listen::accept(listener, router(app)) => {}
                    _ = stop => {}
                }
            });
        };
        let named = std::thread::Builder::new().name("bedside".to_owned());
        let thread = named.spawn(serve).map_err(StartError::Thread)?;
        Ok(Self { address, views, inbox, quit: Some(quit), thread: Some(thread) })
    }

    /// Where the page is served.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shows a new view. Returns at once; a view that was overtaken by the next is not shown.
    pub fn publish(&self, view: View) {
        self.views.send_replace(Arc::new(view));
    }

    /// What people ask for.
    #[must_use]
    pub const fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Whether the page is still served; if not, that is a technical alarm.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Bedside {
    fn drop(&mut self) {
        if let Some(quit) = self.quit.take() {
            let _ = quit.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What every request needs.
#[derive(Clone, Debug)]
struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    views: watch::Receiver<Arc<View>>,
    hub: Mutex<Hub>,
    doors: Mutex<Doors>,
    inbox: Inbox,
    pins: Vec<Pin>,
    names: Arc<[String]>,
    ticks: Ticks,
}

impl App {
    fn new(config: Config, views: watch::Receiver<Arc<View>>, inbox: Inbox, first: u64) -> Self {
        let ticks = Ticks::start();
        let hub = Hub::new(views.borrow().clone(), first, ticks.now());
        Self(Arc::new(Shared {
            views,
            hub: Mutex::new(hub),
            doors: Mutex::default(),
            inbox,
            pins: config.pins,
            names: config.names.into(),
            ticks,
        }))
    }

    fn view(&self) -> Arc<View> {
        self.0.views.borrow().clone()
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.0.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn doors(&self) -> MutexGuard<'_, Doors> {
        self.0.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn router(app: App) -> Router {
    let names = app.0.names.clone();
    Router::new()
        .route("/", get(pages::home))
        .route("/events", get(live::events))
        .route("/chart.json", get(pages::chart))
        .route("/assets/{name}", get(pages::asset))
        .route("/stop", post(forms::stop))
        .route("/do/sign-in", get(pages::sign_in).post(forms::sign_in))
        .route("/do/sign-out", post(forms::sign_out))
        .route("/do/enter/{entry}", get(pages::enter).post(forms::enter))
        .route("/do/commit", post(forms::commit))
        .route("/do/say/{statement}", get(pages::say).post(forms::say))
        .route("/do/phase/{phase}", get(pages::phase).post(forms::phase))
        .route("/do/{what}", get(pages::simple).post(forms::simple))
        .fallback(pages::nothing_here)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(names, guard::guard))
        .with_state(app)
}

fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}
