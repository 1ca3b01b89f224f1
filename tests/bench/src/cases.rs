//! What is measured, and whether a server answers as it has to be for that.

use crate::{
    client::{Client, Head},
    load::{Seen, Wish, h2load, wrk},
    place::{Place, walk},
    rivals::Kind,
    running::Running,
    server::Result,
};

/// A row of the tables.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    path: &'static str,
    answer: Answer,
    over: Over,
    /// Whether the floor has it as well.
    floor: bool,
}

/// What has to come back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// A file of that many bytes.
    Whole(usize),
    NotModified,
    NotFound,
    Gzip,
    /// Many files, of that many bytes each.
    Many(usize),
}

/// How it is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Plain,
    Tls,
    Http2,
}

/// One measurement.
pub struct Sample {
    /// What the load generator has seen.
    pub seen: Seen,
    /// Microseconds of the server's CPU per request.
    pub cpu: f64,
}

impl Sample {
    /// The share of its core that the server was busy for; well below 1, the load generator was the limit.
    pub fn busy(&self) -> f64 {
        self.seen.rate * self.cpu / 1e6
    }
}

impl Case {
    /// All of them, in the order of the tables.
    pub fn all() -> [Self; 12] {
        let case = |name, path, answer, over, floor| Self { name, path, answer, over, floor };
        let whole = |name, path, size, floor| case(name, path, Answer::Whole(size), Over::Plain, floor);
        [
            whole("1 KB", "/1k.html", 1 << 10, true),
            whole("4 KB", "/4k.html", 4 << 10, true),
            whole("64 KB", "/64k.html", 64 << 10, true),
            whole("1 MB", "/1m.html", 1 << 20, true),
            whole("10 MB", "/10m.html", 10 << 20, false),
            case("304", "/304.html", Answer::NotModified, Over::Plain, true),
            case("404", "/missing.html", Answer::NotFound, Over::Plain, true),
            case("20 KB, gzip", "/page.html", Answer::Gzip, Over::Plain, false),
            case("10,000 files of 4 KB", "/many/00/00000.txt", Answer::Many(4 << 10), Over::Plain, false),
            case("4 KB, TLS 1.3", "/4k.html", Answer::Whole(4 << 10), Over::Tls, false),
            case("1 MB, TLS 1.3", "/1m.html", Answer::Whole(1 << 20), Over::Tls, false),
            case("4 KB, HTTP/2 over TLS", "/4k.html", Answer::Whole(4 << 10), Over::Http2, false),
        ]
    }

    /// Whether that kind of server takes part.
    pub fn takes(&self, kind: Kind) -> bool {
        self.floor || kind != Kind::Bare
    }

    /// Looks whether a server answers as it should, and makes of it what wrk is to send.
    ///
    /// # Errors
    /// If it answers otherwise, or not at all.
    pub fn wish(&self, server: &Running) -> Result<Wish> {
        let mut wish = Wish::default();
        match self.answer {
            Answer::Whole(_) => {}
            Answer::NotModified => {
                let known = Client::connect(server)?.get(self.path, "")?;
                if let Some(etag) = known.header("etag") {
                    wish.headers.push(format!("If-None-Match: {etag}"));
                } else {
                    let date = known.header("last-modified").ok_or("an answer without `ETag` and `Last-Modified`")?;
                    wish.headers.push(format!("If-Modified-Since: {date}"));
                    wish.note = Some("it sends no `ETag`, and is asked with `If-Modified-Since`");
                }
            }
            Answer::NotFound => wish.refused = true,
            Answer::Gzip => wish.headers.push("Accept-Encoding: gzip".into()),
            Answer::Many(_) => wish.script = Some(walk()),
        }
        let headers: String = wish.headers.iter().map(|header| format!("{header}\r\n")).collect();
        // TLS is left to the load generators: the certificate apart, both ports have the same settings.
        self.check(&Client::connect(server)?.get(self.path, &headers)?)?;
        Ok(wish)
    }

    fn check(&self, head: &Head) -> Result<()> {
        let (status, size) = match self.answer {
            Answer::Whole(size) | Answer::Many(size) => (200, Some(size)),
            Answer::NotModified => (304, None),
            Answer::NotFound => (404, None),
            Answer::Gzip => (200, None),
        };
        if head.status != status {
            return Err(format!("the status is {} instead of {status}", head.status).into());
        }
        let length = head.header("content-length");
        if size.is_some_and(|size| length != Some(&size.to_string())) {
            return Err(format!("the length is {length:?} instead of {size:?}").into());
        }
        let coding = head.header("content-encoding");
        if coding != (self.answer == Answer::Gzip).then_some("gzip") {
            return Err(format!("`Content-Encoding` is {}", coding.unwrap_or("not there")).into());
        }
        Ok(())
    }

    /// Measures a server for so many seconds.
    ///
    /// # Errors
    /// If not all of its answers are as expected.
    pub fn measure(&self, place: &Place, server: &Running, wish: &Wish, seconds: u64) -> Result<Sample> {
        let url = match self.over {
            Over::Plain => format!("http://127.0.0.1:{}{}", server.ports.plain, self.path),
            Over::Tls | Over::Http2 => format!("https://localhost:{}{}", server.ports.tls, self.path),
        };
        let before = server.cpu_seconds()?;
        let seen = match self.over {
            Over::Plain | Over::Tls => wrk(place, &url, wish, seconds)?,
            Over::Http2 => h2load(place, &url, seconds)?,
        };
        let cpu = (server.cpu_seconds()? - before) / seen.requests * 1e6;
        Ok(Sample { seen, cpu })
    }
}
