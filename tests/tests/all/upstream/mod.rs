//! Other HTTP servers behind path prefixes.

mod bodies;
mod failures;
mod headers;
mod paths;
mod websocket;

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::{Mutex, mpsc},
    thread::sleep,
    time::{Duration, Instant},
};

use wicketgate_tests::{Backend, Gateway, Head, Reply, Setup, request};

const ACTIONS: &str = "[[actions]]\ntype = \"example\"\n";
const LONG: Duration = Duration::from_secs(20);

/// A gateway with lines below `[server]`, whose site passes `/geo` on; `more` belongs to that `[[sites.proxy]]`.
fn start(server: &str, backend: &Backend, more: &str) -> Gateway {
    let site = format!("[[sites]]\nroot = \"www\"\n{}{more}{ACTIONS}", proxy("/geo", &backend.url()));
    Setup::new().server(server).sites_and_actions(&site).start()
}

fn proxy(path: &str, to: &str) -> String {
    format!("[[sites.proxy]]\npath = {path:?}\nto = {to:?}\n")
}

/// Answers everything with the same body.
fn plain(body: &'static str) -> Backend {
    Backend::start(move |exchange| exchange.reply(200, &[], body.as_bytes()))
}

/// Answers with the body of the request.
fn echo() -> Backend {
    Backend::start(|exchange| {
        let body = exchange.body();
        exchange.reply(200, &[], &body);
    })
}

/// A POST to `/geo` whose body comes in chunks of that size.
fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = b"POST /geo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.chunks(size) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend([chunk, b"\r\n"].concat());
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

/// Sends bytes on a new connection, for those who read the reply byte by byte.
fn dial(gateway: &Gateway, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.address()).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// Reads to the end of these bytes.
fn read_to(stream: &mut impl Read, end: &[u8]) -> String {
    let mut seen = Vec::new();
    while !seen.ends_with(end) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap_or_else(|e| panic!("{e} after {}", String::from_utf8_lossy(&seen)));
        seen.push(byte[0]);
    }
    String::from_utf8_lossy(&seen).into_owned()
}

fn all<'r>(reply: &'r Reply, name: &str) -> Vec<&'r str> {
    reply.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect()
}
