//! The floor that the gateway is measured against: a pingora `request_filter` that reads the body and answers a
//! constant, with the gateway's own settings of listener and connection, and with its allocator. Below `/dressed`, the answer
//! has the header lines that the gateway's has.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, header};
use pingora::{
    Error, ErrorType, Result,
    http::ResponseHeader,
    listeners::ListenerConfig,
    modules::http::HttpModules,
    protocols::l4::stream::L4BufferSettings,
    proxy::{ProxyHttp, Session, http_proxy_service_with_name},
    server::{Server, configuration::ServerConf},
    upstreams::peer::HttpPeer,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What `exampleHello` answers for the colour blue.
const JSON: &[u8] = br#"{"message":"<font color=blue>Hi, Guest</font>"}"#;

/// What the gateway's replies say besides, as static as it can be.
const DRESS: [(HeaderName, &str); 8] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::VARY, "Accept"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    ),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(self), microphone=()"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (HeaderName::from_static("x-request-id"), "0123456789abcdef"),
];

struct Constant;

#[async_trait]
impl ProxyHttp for Constant {
    type CTX = ();

    fn new_ctx(&self) {}

    fn init_downstream_modules(&self, _: &mut HttpModules) {}

    async fn request_filter(&self, session: &mut Session, _: &mut ()) -> Result<bool> {
        session.set_write_timeout(Some(Duration::from_secs(60)));
        session.set_pipelining_enabled(true);
        session.set_keepalive(Some(75));
        while session.read_request_body().await?.is_some() {}
        let mut head = ResponseHeader::build_no_case(200, Some(12))?;
        head.insert_header(header::CONTENT_TYPE, "application/json")?;
        head.insert_header(header::CONTENT_LENGTH, JSON.len())?;
        if session.req_header().uri.path() == "/dressed" {
            for (name, value) in DRESS {
                head.insert_header(name, value)?;
            }
        }
        session.write_response_header(Box::new(head), false).await?;
        session.write_response_body(Some(Bytes::from_static(JSON)), true).await?;
        Ok(true)
    }

    async fn upstream_peer(&self, _: &mut Session, _: &mut ()) -> Result<Box<HttpPeer>> {
        Error::e_explain(ErrorType::InternalError, "there is no upstream")
    }
}

fn main() {
    let Ok(address) = free_address() else { return };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let conf = ServerConf { threads, ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let mut service = http_proxy_service_with_name(&server.configuration, Constant, "bare");
    println!("bare pingora serves http://{address}");
    service.add_listener(ListenerConfig::tcp(address).l4_buffer(L4BufferSettings::new(16 << 10, 64 << 10)));
    server.add_service(service);
    server.run_forever();
}

/// A free port: bound once to learn its number, then left to pingora, which waits for it.
fn free_address() -> std::io::Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.local_addr().map(|address| address.to_string())
}
