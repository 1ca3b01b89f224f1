//! The floor that the gateway is measured against: a pingora `request_filter` that reads the body and answers a
//! constant, with the gateway's own settings of listener and connection, and with its allocator. Below `/dressed`, the answer
//! has the header lines that the gateway's has. A GET of one of [`FILES`] is answered from memory, with the headers of a file.
//!
//! `bare [PORT]`: a free one, unless it is given.

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

/// What stands for files, and how many bytes they have.
const FILES: [(&str, usize); 4] =
    [("/1k.html", 1 << 10), ("/4k.html", 4 << 10), ("/64k.html", 64 << 10), ("/1m.html", 1 << 20)];

/// What is not modified, whatever is asked, and what is not there.
const UNCHANGED: &str = "/304.html";
const MISSING: &str = "/missing.html";

/// What a reply says of such a file.
const VALIDATORS: [(HeaderName, &str); 3] = [
    (header::ETAG, "\"18b2f0c1a7d3e5f9-1000\""),
    (header::LAST_MODIFIED, "Sat, 21 Nov 2026 12:00:00 GMT"),
    (header::ACCEPT_RANGES, "bytes"),
];

struct Constant {
    /// The bodies of [`FILES`].
    files: [Bytes; FILES.len()],
}

impl Constant {
    /// Status and body of what stands for a file.
    fn file(&self, path: &str) -> Option<(u16, Bytes)> {
        match path {
            UNCHANGED => Some((304, Bytes::new())),
            MISSING => Some((404, Bytes::from_static(b"there is no such file"))),
            _ => FILES.iter().zip(&self.files).find(|((own, _), _)| *own == path).map(|(_, body)| (200, body.clone())),
        }
    }
}

/// Answers as a file server would.
async fn write_file(session: &mut Session, status: u16, body: Bytes) -> Result<()> {
    let mut head = ResponseHeader::build_no_case(status, Some(8))?;
    if status != 404 {
        for (name, value) in VALIDATORS {
            head.insert_header(name, value)?;
        }
    }
    if status == 304 {
        return session.write_response_header(Box::new(head), true).await;
    }
    head.insert_header(header::CONTENT_TYPE, "text/html; charset=utf-8")?;
    head.insert_header(header::CONTENT_LENGTH, body.len())?;
    session.write_response_header(Box::new(head), false).await?;
    session.write_response_body(Some(body), true).await
}

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
        if let Some((status, body)) = self.file(session.req_header().uri.path()) {
            write_file(session, status, body).await?;
            return Ok(true);
        }
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
    let Ok(address) = address() else { return };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let conf = ServerConf { threads, ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let constant = Constant { files: FILES.map(|(_, size)| Bytes::from(vec![b'x'; size])) };
    let mut service = http_proxy_service_with_name(&server.configuration, constant, "bare");
    println!("bare pingora serves http://{address}");
    service.add_listener(ListenerConfig::tcp(address).l4_buffer(L4BufferSettings::new(16 << 10, 64 << 10)));
    server.add_service(service);
    server.run_forever();
}

/// The port that is asked for, or a free one: bound once to learn its number, then left to pingora, which waits for it.
fn address() -> std::io::Result<String> {
    if let Some(port) = std::env::args().nth(1) {
        return Ok(format!("127.0.0.1:{port}"));
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.local_addr().map(|address| address.to_string())
}
