//! A client for what no load generator does: looking at a single answer, and holding connections that rest.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream, ToSocketAddrs},
    thread,
    time::Duration,
};

use crate::{running::Running, server::Result};

/// How many connections rest at once.
pub const IDLE: usize = 1000;

/// How many connections a server has had before its memory is looked at.
const WARM: usize = 50;

/// What is asked for on each of them.
const FILE: &str = "/4k.html";

/// One connection.
pub struct Client(BufReader<TcpStream>);

/// The head of an answer.
pub struct Head {
    /// Its status.
    pub status: u16,
    text: String,
}

impl Head {
    /// The header of that name, which is written in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.text.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers.into_iter().find_map(|(own, value)| own.eq_ignore_ascii_case(name).then(|| value.trim()))
    }
}

impl Client {
    /// Connects to a server, without TLS.
    ///
    /// # Errors
    /// If it does not listen.
    pub fn connect(server: &Running) -> Result<Self> {
        Self::to((Ipv4Addr::LOCALHOST, server.ports.plain))
    }

    /// Connects to that address.
    ///
    /// # Errors
    /// If nobody listens there.
    pub fn to(address: impl ToSocketAddrs) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a part of a request.
    ///
    /// # Errors
    /// If it can't be sent.
    pub fn send(&mut self, part: &[u8]) -> Result<()> {
        Ok(self.0.get_mut().write_all(part)?)
    }

    /// Asks for a path, with headers that end with a line break each. A body without a length is left on the connection,
    /// which is of no use afterwards.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn get(&mut self, path: &str, headers: &str) -> Result<Head> {
        self.ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes())
    }

    /// Sends a request, or the rest of one, and reads the answer as [`get`](Self::get) does.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn ask(&mut self, request: &[u8]) -> Result<Head> {
        self.send(request)?;
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut text)? == 0 {
                return Err("the connection is closed".into());
            }
        }
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("an answer has no status")?;
        let head = Head { status, text };
        if let Some(length) = head.header("content-length").filter(|_| status != 304) {
            std::io::copy(&mut self.0.by_ref().take(length.parse()?), &mut std::io::sink())?;
        }
        Ok(head)
    }
}

/// By how many KB the memory of a server that has just been started grows for each connection that rests.
///
/// # Errors
/// If it does not take so many.
pub fn idle(server: &Running) -> Result<f64> {
    let open = |count: usize| -> Result<Vec<Client>> {
        let mut clients = Vec::with_capacity(count);
        for number in 0..count {
            let mut client = Client::connect(server)?;
            let answer = client.get(FILE, "").map_err(|e| format!("connection {number}: {e}"))?;
            if answer.status != 200 {
                return Err(format!("connection {number}: {FILE} is answered with {}", answer.status).into());
            }
            clients.push(client);
        }
        // It may have things to put away.
        thread::sleep(Duration::from_millis(200));
        Ok(clients)
    };
    drop(open(WARM)?);
    let before = server.memory()?;
    let clients = open(IDLE)?;
    let grown = server.memory()? - before;
    drop(clients);
    Ok(grown / IDLE as f64)
}
