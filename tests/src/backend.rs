//! A small HTTP/1.1 server of a test's own, for what the gateway passes on.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// How long it waits for the gateway before it gives a connection up.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A server that answers as the test says, and keeps the heads of all requests. It ends when it is dropped.
pub struct Backend {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<Head>>>,
    ending: Arc<AtomicBool>,
}

impl Backend {
    /// Serves. `answer` is called for each request, on a thread of its connection.
    pub fn start(answer: impl Fn(&mut Exchange) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let backend = Self { address: listener.local_addr().unwrap(), heads: Arc::default(), ending: Arc::default() };
        let (heads, ending, answer) = (backend.heads.clone(), backend.ending.clone(), Arc::new(answer));
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let (heads, answer, stream) = (heads.clone(), answer.clone(), stream.unwrap());
                thread::spawn(move || converse(stream, connection, &heads, &*answer));
            }
        });
        backend
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads of all requests so far, in the order in which they came.
    pub fn heads(&self) -> Vec<Head> {
        self.heads.lock().unwrap().clone()
    }

    /// The head of the latest request.
    pub fn last(&self) -> Head {
        self.heads().pop().expect("a request that was passed on")
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn converse(stream: TcpStream, connection: usize, heads: &Mutex<Vec<Head>>, answer: &impl Fn(&mut Exchange)) {
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    for request in 0.. {
        let Some(raw) = read_head(&mut stream) else { return };
        let head = Head { raw, connection, request };
        heads.lock().unwrap().push(head.clone());
        let left = Left::of(&head);
        let mut exchange = Exchange { head, stream, left, open: true };
        answer(&mut exchange);
        // What is left of the body must not be taken for the next head; and closing over it would be a reset.
        exchange.body();
        if !exchange.open {
            return;
        }
        stream = exchange.stream;
    }
}

fn read_head(stream: &mut impl BufRead) -> Option<String> {
    let mut raw = Vec::new();
    while !raw.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut raw).ok()? == 0 {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&raw).into_owned())
}

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Head {
    /// All of its lines as they came, with the empty one.
    pub raw: String,
    /// Which of the server's connections it came on, from 0.
    pub connection: usize,
    /// Which of that connection's requests it is, from 0.
    pub request: usize,
}

impl Head {
    /// The method.
    pub fn method(&self) -> &str {
        self.raw.split(' ').next().unwrap_or_default()
    }

    /// The target: path and query.
    pub fn target(&self) -> &str {
        self.raw.split(' ').nth(1).unwrap_or_default()
    }

    /// The values of all headers of that name, whatever its case.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let headers = self.raw.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers.filter(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }

    /// The value of the first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }
}

/// What is still to come of a request's body.
enum Left {
    Bytes(usize),
    Chunks,
}

impl Left {
    fn of(head: &Head) -> Self {
        match head.header("transfer-encoding") {
            Some(_) => Self::Chunks,
            None => Self::Bytes(head.header("content-length").map_or(0, |length| length.parse().unwrap())),
        }
    }
}

/// A request that is being answered. What is read from it directly, by [`Read`], is what follows an upgrade.
pub struct Exchange {
    /// The request's head.
    pub head: Head,
    stream: BufReader<TcpStream>,
    left: Left,
    open: bool,
}

impl Exchange {
    /// The next part of the body as it arrives; empty at its end.
    pub fn part(&mut self) -> Vec<u8> {
        match self.left {
            Left::Bytes(0) => Vec::new(),
            Left::Bytes(left) => {
                let bytes = self.stream.fill_buf().map(|bytes| bytes[..bytes.len().min(left)].to_vec());
                let bytes = bytes.unwrap_or_default();
                self.stream.consume(bytes.len());
                self.left = Left::Bytes(if bytes.is_empty() { 0 } else { left - bytes.len() });
                bytes
            }
            Left::Chunks => {
                let chunk = self.chunk().unwrap_or_default();
                if chunk.is_empty() {
                    self.left = Left::Bytes(0);
                }
                chunk
            }
        }
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        let mut chunk = vec![0; usize::from_str_radix(line.trim(), 16).ok()? + 2];
        self.stream.read_exact(&mut chunk).ok()?;
        chunk.truncate(chunk.len() - 2);
        Some(chunk)
    }

    /// All that is left of the body; less, if the gateway breaks off.
    pub fn body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let part = self.part();
            if part.is_empty() {
                return body;
            }
            body.extend(part);
        }
    }

    /// Sends bytes. The gateway may be gone already: what it told its client is what counts.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes);
    }

    /// Answers with these header lines and a body with its length.
    pub fn reply(&mut self, status: u16, headers: &[&str], body: &[u8]) {
        let mut head = format!("HTTP/1.1 {status} Status\r\n");
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        if !matches!(status, 204 | 304) {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let bodiless = self.head.method() == "HEAD" || matches!(status, 204 | 304);
        let body: &[u8] = if bodiless { &[] } else { body };
        self.send(&[head.as_bytes(), body].concat());
    }

    /// Closes the connection when the answer is given.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// Waits until the gateway closes the connection.
    pub fn wait_for_end(&mut self) {
        self.close();
        // A reset is an end as well.
        let _ = self.stream.read_to_end(&mut Vec::new());
    }
}

impl Read for Exchange {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buf)
    }
}
