//! A raw HTTP/1.1 client: it sends the bytes it is given and reads what comes.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// How long a reply may take before the test fails.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A connection to the gateway.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

/// A reply, as it came.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body, chunks joined.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(TIMEOUT)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends bytes. The other side may have closed already: what it says then is what counts.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let _ = self.stream.get_mut().write_all(bytes);
        self
    }

    /// Sends bytes, and says whether that was possible.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.get_mut().write_all(bytes).is_ok()
    }

    /// Reads a reply; `None` if the connection is closed instead.
    pub fn reply(&mut self) -> Option<Reply> {
        self.reply_to(false)
    }

    /// Reads a reply to HEAD, which has no body whatever its length says.
    pub fn reply_to_head(&mut self) -> Option<Reply> {
        self.reply_to(true)
    }

    fn reply_to(&mut self, head: bool) -> Option<Reply> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = Reply { status, headers: Vec::new(), body: Vec::new() };
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap();
            reply.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let bodiless = head || matches!(status, 100..200 | 204 | 304);
        if let (false, Some(length)) = (bodiless, reply.header("content-length")) {
            reply.body = vec![0; length.parse().unwrap()];
            self.stream.read_exact(&mut reply.body).unwrap();
        } else if !bodiless {
            assert_eq!(reply.header("transfer-encoding"), Some("chunked"), "a body without length: {reply:?}");
            self.read_chunks(&mut reply.body);
        }
        Some(reply)
    }

    fn read_chunks(&mut self, body: &mut Vec<u8>) {
        loop {
            let size = usize::from_str_radix(&self.line().unwrap(), 16).unwrap();
            let start = body.len();
            body.resize(start + size, 0);
            self.stream.read_exact(&mut body[start..]).unwrap();
            assert_eq!(self.line().as_deref(), Some(""));
            if size == 0 {
                return;
            }
        }
    }

    /// Reads until the connection is closed; returns how many bytes came, head and all.
    pub fn read_to_end(&mut self) -> usize {
        let mut bytes = Vec::new();
        // A reset is an end as well.
        let _ = self.stream.read_to_end(&mut bytes);
        bytes.len()
    }

    /// Whether the other side closes the connection without sending more.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = [0; 1];
        match self.stream.read(&mut rest) {
            Ok(count) => count == 0,
            // A reset is an end as well, but silence is none.
            Err(e) => !matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let count = self.stream.read_until(b'\n', &mut line).unwrap_or(0);
        if count == 0 {
            return None;
        }
        assert!(line.ends_with(b"\r\n"), "a line without CR LF: {line:?}");
        line.truncate(line.len() - 2);
        Some(String::from_utf8(line).unwrap())
    }
}

impl Reply {
    /// The first header of that name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as a value, by its Content-Type.
    pub fn value(&self) -> Value {
        match self.header("content-type") {
            Some("application/json") => serde_json::from_slice(&self.body).unwrap(),
            Some("application/msgpack") => rmp_serde::from_slice(&self.body).unwrap(),
            other => panic!("a body of type {other:?}: {:?}", self.body),
        }
    }

    /// The error that the reply is, after checking that it has the shape of one.
    pub fn error(&self) -> Value {
        let value = self.value();
        let error = value["error"].clone();
        assert_eq!(value.as_object().map(serde_json::Map::len), Some(1), "{value}");
        assert_eq!(error["status"], self.status, "{value}");
        assert!(error["info"].as_str().is_some_and(|info| !info.is_empty()), "{value}");
        assert!(error["requestId"].as_str().is_some_and(|id| id.len() == 16), "{value}");
        error
    }

    /// The error's text.
    pub fn info(&self) -> String {
        self.error()["info"].as_str().unwrap().to_owned()
    }
}

/// The bytes of a request with a Host and these header lines; a body gets its Content-Length.
pub fn request(method: &str, target: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    if !body.is_empty() || method == "POST" {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}
