//! The server: connections taken, a few at once, each for a bounded time.
//!
//! It has threads of its own, which stand behind those that answer DNS.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::dns::Ask;

use super::compute::Compute;
use super::options::{HttpOptions, Token};
use super::overseer::Overseer;
use super::router::router;

/// Connections at once.
const CONNECTIONS: usize = 256;
/// How long a client may take for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a connection lasts at most, whatever is asked over it.
const CONNECTION_TIME: Duration = Duration::from_secs(120);
/// Octets of the head of a request at most.
const HEAD_OCTETS: usize = 16 << 10;
/// How long it is waited after an error of the system, as for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);
/// By how much its threads stand behind others.
const NICE: i32 = 10;
/// Threads that compute or wait for a disk.
const BLOCKING_THREADS: usize = 4;

/// What the HTTP side is about.
pub struct Site {
    /// Who knows how the server does.
    pub overseer: Arc<dyn Overseer>,
    /// Who asks DNS for those who want something computed.
    pub asker: Arc<dyn Ask + Send + Sync>,
}

/// What all requests share.
pub(super) struct Shared {
    pub(super) site: Site,
    pub(super) options: HttpOptions,
    pub(super) token: Option<Token>,
    pub(super) compute: Compute,
}

impl Shared {
    pub(super) fn new(site: Site, options: HttpOptions, token: Option<Token>) -> Arc<Shared> {
        let compute = Compute::new(Arc::clone(&site.asker));
        Arc::new(Shared { site, options, token, compute })
    }
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct HttpServer {
    ending: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl HttpServer {
    /// Answers at these listeners.
    ///
    /// # Errors
    ///
    /// The system gives no threads, or takes a listener for none.
    pub fn start(
        listeners: Vec<TcpListener>,
        options: HttpOptions,
        token: Option<Token>,
        site: Site,
    ) -> io::Result<HttpServer> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("http")
            .on_thread_start(stand_behind)
            .enable_all()
            .build()?;
        let listeners = {
            // The runtime's own, so that it is in force while they are made.
            let _entered = runtime.enter();
            let own = listeners.into_iter().map(|listener| {
                listener.set_nonblocking(true)?;
                tokio::net::TcpListener::from_std(listener)
            });
            own.collect::<io::Result<Vec<_>>>()?
        };
        let (ending, ended) = watch::channel(false);
        let router = router(Shared::new(site, options, token));
        let thread = thread::Builder::new().name("http-main".to_owned()).spawn(move || {
            runtime.block_on(run(listeners, router, ended));
            // Who computes for nobody any more is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(HttpServer { ending, thread: Some(thread) })
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        let _ = self.ending.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Lets the thread have what others leave it. It works all the same where it may not.
fn stand_behind() {
    // Of the calling thread alone, on Linux.
    let _ = rustix::process::nice(NICE);
}

async fn run(
    listeners: Vec<tokio::net::TcpListener>,
    router: Router,
    mut ended: watch::Receiver<bool>,
) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    for listener in listeners {
        tokio::spawn(take(listener, router.clone(), Arc::clone(&seats), ended.clone()));
    }
    // An error is that nobody can end it any more.
    let _ = ended.wait_for(|ended| *ended).await;
}

/// Takes connections, as many as there are seats.
async fn take(
    listener: tokio::net::TcpListener,
    router: Router,
    seats: Arc<Semaphore>,
    ended: watch::Receiver<bool>,
) {
    while !*ended.borrow() {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                sleep(PAUSE).await;
                continue;
            }
        };
        let router = router.clone();
        tokio::spawn(async move {
            let _seat = seat;
            let service = tower::service_fn(move |request: hyper::Request<_>| {
                let router = router.clone();
                async move { answer(router, request).await }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIME)
                .max_buf_size(HEAD_OCTETS)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
            // Whatever goes wrong is the client's matter.
            let _ = timeout(CONNECTION_TIME, connection).await;
        });
    }
}

async fn answer(
    router: Router,
    request: hyper::Request<hyper::body::Incoming>,
) -> Result<axum::response::Response, Infallible> {
    tower::ServiceExt::oneshot(router, request.map(axum::body::Body::new)).await
}
