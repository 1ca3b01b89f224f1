//! What strangers ask of static files: paths that lead elsewhere, and headers that make no sense. Each gets what it should;
//! nothing but the files of the root is ever seen, and whoever comes next is served as if nothing had happened.

mod any_uri;
mod codings;
mod conditions;
mod paths;
mod ranges;

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    os::unix::fs::symlink,
    process::Command,
    time::{Duration, UNIX_EPOCH},
};

use wicketgate_tests::{Gateway, Reply, Setup};

/// What is hidden in the root, and all there is beside it.
const SECRET: &str = "what nobody may see";

/// What is asked for after each case: target and content.
const NEXT: (&str, &[u8]) = ("/a.txt", b"0123456789");

/// Links in the root: what they say, and their names. All but the first two leave it or lead nowhere.
const LINKS: &[(&str, &str)] = &[
    ("a.txt", "in.txt"),
    ("dir", "in"),
    ("../secret.txt", "out.txt"),
    ("../beside", "out"),
    ("out", "chain"),
    ("..", "up"),
    ("/", "top"),
    ("/proc/self/root", "magic"),
    ("loop", "loop"),
    ("../../secret.txt", "siblings/linked.txt.gz"),
];

/// A gateway, and the files that it may serve.
struct World {
    gateway: Gateway,
    files: BTreeMap<String, Vec<u8>>,
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let short = [
        ("index.html", "home"),
        ("a.txt", "0123456789"),
        ("empty.txt", ""),
        ("dir/inner.txt", "inner"),
        (".well-known/security.txt", "contact"),
        ("with space.txt", "space"),
        ("ä.txt", "umlaut"),
        ("100%.txt", "percent"),
        ("what?.txt", "question"),
        ("hash#.txt", "hash"),
        ("a+b.txt", "plus"),
        ("semi;colon.txt", "semicolon"),
        ("back\\slash.txt", "backslash"),
        ("\\host/index.html", "no other host"),
        ("%2e%2e/x.txt", "dots in letters"),
        ("siblings/linked.txt", "its .gz is a link"),
        ("siblings/fifo.txt", "its .br is a FIFO"),
        ("siblings/folder.txt", "its .zst is a folder"),
        ("siblings/folder.txt.zst/x", "in that folder"),
    ];
    let lines: Vec<u8> = (0..10_000).flat_map(|line| format!("{line:09}\n").into_bytes()).collect();
    let png: Vec<u8> = b"\x89PNG\r\n\x1a\n".iter().copied().chain(0..=255).collect();
    let more = [("n".repeat(255), b"longest".to_vec()), ("long.txt".into(), lines), ("pixel.png".into(), png)];
    short.into_iter().map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec())).chain(more).collect()
}

impl World {
    fn start() -> Self {
        let files = files();
        let setup = files.iter().fold(Setup::new(), |setup, (name, content)| setup.file(name, content));
        for hidden in ["www/.env", "www/.git/config", "www/dir/.hidden", "www/.well-known/.hidden"] {
            setup.put(hidden, SECRET.as_bytes());
        }
        for beside in ["secret.txt", "index.html", "beside/secret.txt", "beside/index.html"] {
            setup.put(beside, SECRET.as_bytes());
        }
        for (target, name) in LINKS {
            symlink(target, setup.www().join(name)).unwrap();
        }
        for fifo in ["fifo", "siblings/fifo.txt.br"] {
            assert!(Command::new("mkfifo").arg(setup.www().join(fifo)).status().unwrap().success());
        }
        // Sun, 09 Sep 2001 01:46:40 GMT
        let modified = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        File::options().write(true).open(setup.www().join("a.txt")).unwrap().set_modified(modified).unwrap();
        Self { gateway: setup.start(), files }
    }

    /// GETs a target with more header lines. The reply must have one of these statuses and, if that is 200, be this file.
    fn get(&self, target: &str, lines: &str, statuses: &[u16], file: &str) -> Result<Reply, String> {
        let reply = self.ask(&request(target, lines))?;
        if !statuses.contains(&reply.status) {
            return Err(format!("{} instead of {statuses:?}", reply.status));
        }
        if reply.status == 200 && self.files.get(file) != Some(&decoded(&reply)?) {
            return Err(format!("200, but not with {file:?}: {:.60}", String::from_utf8_lossy(&reply.body)));
        }
        Ok(reply)
    }

    /// Sends it on a connection of its own; then a request that must succeed, there and on another one.
    fn ask(&self, request_bytes: &[u8]) -> Result<Reply, String> {
        let mut connection = self.gateway.connect();
        let reply = connection.send(request_bytes).reply().ok_or("no reply")?;
        check(&reply)?;
        let next = request(NEXT.0, "");
        let same = connection.send(&next).reply();
        if same.is_some() == says_close(&reply) {
            return Err(format!("{}, and then it does not do with the connection what it said", reply.status));
        }
        for after in same.into_iter().chain([self.gateway.raw(&next)]) {
            if (after.status, after.body.as_slice()) != (200, NEXT.1) {
                return Err(format!("{}, and then {after:?}", reply.status));
            }
        }
        Ok(reply)
    }

    /// Fails with all that is wrong, and not just with the first.
    fn conclude(self, results: Vec<(String, Result<(), String>)>) {
        let wrong = results.into_iter().filter_map(|(case, result)| {
            let case: String = case.chars().take(100).collect();
            result.err().map(|told| format!("{}: {told}", case.escape_debug()))
        });
        let wrong: Vec<_> = wrong.collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let log = self.gateway.into_log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

/// A GET. Each character is a byte, so that bytes beyond ASCII can be written as well.
fn request(target: &str, lines: &str) -> Vec<u8> {
    let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n");
    head.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

fn says_close(reply: &Reply) -> bool {
    reply.header("connection") == Some("close")
}

/// What holds of every reply.
fn check(reply: &Reply) -> Result<(), String> {
    let Reply { status, headers, body } = reply;
    if *status >= 500 {
        return Err(format!("{status}: {}", String::from_utf8_lossy(body)));
    }
    if String::from_utf8_lossy(body).contains(SECRET) || format!("{headers:?}").contains(SECRET) {
        return Err(format!("{status}, and the secret is told"));
    }
    match reply.header("location") {
        Some(location) if !is_within_origin(location) => Err(format!("{status} to {location:?}")),
        _ => Ok(()),
    }
}

/// Whether it is a URI that names no other host, not even to those who take `\` for `/`.
fn is_within_origin(location: &str) -> bool {
    let is_path = location.starts_with('/') && !location.starts_with("//") && !location.contains('\\');
    is_path && location.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The body as it was before it was compressed.
fn decoded(reply: &Reply) -> Result<Vec<u8>, String> {
    let (body, mut plain) = (reply.body.as_slice(), Vec::new());
    let read = match reply.header("content-encoding") {
        None => return Ok(body.to_vec()),
        Some("gzip" | "x-gzip") => flate2::read::GzDecoder::new(body).read_to_end(&mut plain),
        Some("br") => brotli::Decompressor::new(body, 4096).read_to_end(&mut plain),
        Some("zstd") => zstd::stream::read::Decoder::new(body).and_then(|mut body| body.read_to_end(&mut plain)),
        Some(other) => return Err(format!("the coding {other:?}")),
    };
    read.map(|_| plain).map_err(|e| format!("it can't be decompressed: {e}"))
}
