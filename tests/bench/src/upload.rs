//! A file of any size in a form, sent as fast as the server takes it, and what it costs the server.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    server::{Result, Server},
};

const BOUNDARY: &str = "----boundary";

/// What a server needed for an upload.
#[derive(Clone, Copy)]
pub struct Upload {
    /// MB per second.
    pub rate: f64,
    /// Seconds of CPU per GB.
    pub cpu: f64,
    /// MB of memory before it began.
    pub before: f64,
    /// The most MB while it lasted.
    pub most: f64,
    /// MB half a second later.
    pub after: f64,
}

impl Upload {
    /// Sends a file of so many bytes to `shapeHttpPostUpload`, after one of a single byte.
    ///
    /// # Errors
    /// If it is not taken.
    pub fn measure(server: &Server, size: usize) -> Result<Self> {
        let mut client = Client::to(server.address.trim_start_matches("http://"))?;
        send(&mut client, 1, b"x")?;
        let content = noise(1 << 20);
        thread::sleep(Duration::from_millis(500));
        server.forget_most_memory()?;
        let megabytes = |line| server.memory(line).map(|kilobytes| kilobytes * 1.024 / 1000.0);
        let (before, cpu, started) = (megabytes("VmRSS:")?, server.cpu_seconds()?, Instant::now());
        send(&mut client, size, &content)?;
        let (seconds, cpu, most) = (started.elapsed().as_secs_f64(), server.cpu_seconds()? - cpu, megabytes("VmHWM:")?);
        thread::sleep(Duration::from_millis(500));
        let size = size as f64;
        Ok(Self { rate: size / 1e6 / seconds, cpu: cpu / size * 1e9, before, most, after: megabytes("VmRSS:")? })
    }
}

/// Sends a form with a file of so many bytes, which is that content again and again.
fn send(client: &mut Client, size: usize, content: &[u8]) -> Result<()> {
    let begin = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a\"\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let length = begin.len() + size + end.len();
    let head = format!(
        "POST /_/cmd/shapeHttpPostUpload HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: multipart/form-data; boundary=\"{BOUNDARY}\"\r\nContent-Length: {length}\r\n\r\n{begin}"
    );
    client.send(head.as_bytes())?;
    let mut left = size;
    while left > 0 {
        let part = &content[..content.len().min(left)];
        client.send(part)?;
        left -= part.len();
    }
    let status = client.ask(end.as_bytes())?.status;
    if status == 200 { Ok(()) } else { Err(format!("an upload of {size} bytes is answered with {status}").into()) }
}

/// Bytes like those of a picture: none is rare, and none is to be guessed.
fn noise(size: usize) -> Vec<u8> {
    let mut seed = 1_u64;
    let next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 56) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}
