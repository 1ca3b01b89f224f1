//! Listening: the addresses are bound before anything is served, so that a port in use is a clear error at the start.

use std::{
    net::{SocketAddr, TcpListener},
    os::fd::IntoRawFd,
    sync::Arc,
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use pingora::{
    apps::HttpServerOptions,
    listeners::ListenerConfig,
    protocols::l4::stream::L4BufferSettings,
    proxy::http_proxy,
    server::{ListenFds, RunArgs, Server, ShutdownWatch, configuration::ServerConf},
    services::{Service, listening},
};
use tokio::sync::watch;

use super::{
    Front,
    connections::Connections,
    drain::{Drain, InFlight},
    http1,
    proxy::Proxy,
    tls,
};
use crate::config::Listen;

/// Addresses that are bound, but not yet served.
pub struct Bound(Vec<(Listen, TcpListener)>);

/// An address can't be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {cause}; free it, or change `server.listen`")]
pub struct ListenError {
    address: SocketAddr,
    cause: std::io::Error,
}

/// Binds all addresses. Port 0 takes a free one.
///
/// # Errors
/// The first address that can't be bound.
pub fn bind(addresses: &[Listen]) -> Result<Bound, ListenError> {
    let bind = |listen: &Listen| {
        let failed = |cause| ListenError { address: listen.address, cause };
        let listener = TcpListener::bind(listen.address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        Ok((Listen { address: listener.local_addr().map_err(failed)?, tls: listen.tls }, listener))
    };
    addresses.iter().map(bind).collect::<Result<_, _>>().map(Bound)
}

impl Bound {
    /// The addresses, with the ports that were taken.
    pub fn addresses(&self) -> impl Iterator<Item = Listen> {
        self.0.iter().map(|(listen, _)| *listen)
    }
}

/// Serves `front` until SIGTERM (requests in flight are finished first) or SIGINT (at once). Calls `ready` when it serves
/// and hears these signals.
///
/// # Errors
/// If pingora can't set TLS up.
pub fn serve(
    bound: Bound,
    front: Arc<ArcSwap<Front>>,
    ready: impl Fn() + Send + Sync + 'static,
) -> pingora::Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let conf = ServerConf {
        threads,
        grace_period_seconds: Some(0),
        graceful_shutdown_timeout_seconds: Some(1),
        ..ServerConf::default()
    };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let in_flight = Arc::new(InFlight::default());
    let proxy = Proxy { front: front.clone(), in_flight: in_flight.clone() };
    let mut options = HttpServerOptions::default();
    options.h2_idle_timeout = Some(front.load().connections.idle);
    let mut proxy = http_proxy(&server.configuration, proxy);
    proxy.server_options = Some(options);
    let server_app = http1::Server { front: front.clone(), proxy: Arc::new(proxy), in_flight: in_flight.clone() };
    let mut service = listening::Service::new("front".into(), Connections::new(server_app));
    for listen in bound.addresses() {
        // What is read and written is put together closer to whoever wants it.
        let listener = ListenerConfig::tcp(listen.address.to_string()).l4_buffer(L4BufferSettings::unbuffered());
        service.add_listener(if listen.tls { listener.tls(tls::settings(front.clone())?) } else { listener });
    }
    let (closing, closed) = watch::channel(false);
    server.add_service(Listening { service, bound: Some(bound), closed });
    server.run(RunArgs { shutdown_signal: Box::new(Drain { in_flight, closing, ready: Box::new(ready) }) });
    Ok(())
}

/// pingora's service, on sockets that are bound already, and with a shutdown of our own.
struct Listening {
    service: listening::Service<Connections>,
    bound: Option<Bound>,
    closed: ShutdownWatch,
}

#[async_trait]
impl Service for Listening {
    async fn start_service(&mut self, fds: Option<ListenFds>, _: ShutdownWatch, listeners_per_fd: usize) {
        if let (Some(fds), Some(bound)) = (&fds, self.bound.take()) {
            let mut fds = fds.lock();
            for (listen, listener) in bound.0 {
                // The table takes the socket over, as if a former process had handed it down.
                fds.add(listen.address.to_string(), listener.into_raw_fd());
            }
        }
        Service::start_service(&mut self.service, fds, self.closed.clone(), listeners_per_fd).await;
    }

    fn name(&self) -> &str {
        "front"
    }
}
