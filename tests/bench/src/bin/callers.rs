//! Measures what it costs to know who calls, and what others notice of somebody who guesses passwords.
//!
//! `callers BIN_DIR PLUGINS_DIR`: the folders of the release binaries and of the plugins. Prints requests per second and CPU
//! time per request of the same command, called by a guest, with a session cookie, a password and a token; then the time
//! that a user with a session waits, in quiet and while somebody sends 1,000 wrong logins from one address.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use wicketgate_bench::{
    request::Load,
    server::{ROUNDS, Result, Server, measured, report, run, write_config},
};

const HELLO: &str = r#"{"cmd":"exampleHello","params":{"color":"blue"}}"#;
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// How many wrong logins there are, over how many connections.
const WRONG: usize = 1000;
const GUESSERS: usize = 8;

/// What there is besides, to know callers by.
const USERS: &str = "[[actions]]\ntype = \"auth\"\n[[auth.providers]]\ntype = \"file\"\npath = \"users.toml\"\n\
                     [[auth.methods]]\ntype = \"web\"\n[[auth.methods]]\ntype = \"basic\"\n[[auth.methods]]\ntype = \"token\"\n";

fn main() -> Result<()> {
    measured("callers", |binaries, plugins, scratch| measure(&binaries.join("wicketgate"), plugins, scratch))
}

fn measure(program: &Path, plugins: &Path, scratch: &Path) -> Result<()> {
    let (config, users) = (write_config(plugins, scratch, USERS)?, scratch.join("users.toml"));
    fs::write(&users, "")?;
    fs::set_permissions(users, fs::Permissions::from_mode(0o600))?;
    run(Command::new(program).arg("spec").arg("--config").arg(&config))?;
    let token = add_user(program, &config)?;
    let mut serve = Command::new(program);
    serve.arg("serve").arg("--config").arg(&config);
    costs(&Server::start(&mut serve)?, &token, scratch)?;
    guesses(&Server::spread(&mut serve)?)
}

/// The user `ada`, whose password is `ada`; returns a token.
fn add_user(program: &Path, config: &Path) -> Result<String> {
    let user = |arguments: &[&str]| -> Result<String> {
        let mut command = Command::new(program);
        command.arg("user").arg("--config").arg(config).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        process.stdin.take().ok_or("no stdin")?.write_all(b"ada\n")?;
        Ok(String::from_utf8(process.wait_with_output()?.stdout)?.trim().to_owned())
    };
    user(&["add", "ada", "--password-stdin"])?;
    user(&["token", "ada"])
}

/// CPU per request, by who calls.
fn costs(server: &Server, token: &str, scratch: &Path) -> Result<()> {
    let cookie = log_in(&mut Client::connect(server)?)?;
    let bearer = format!("Bearer {token}");
    let callers: [(&str, &[(&str, &str)]); 4] = [
        ("a guest", &[JSON]),
        ("a session cookie", &[JSON, ("Cookie", &cookie)]),
        ("Basic", &[JSON, ("Authorization", "Basic YWRhOmFkYQ==")]),
        ("an opaque token", &[JSON, ("Authorization", &bearer)]),
    ];
    let mut scripts = Vec::new();
    for (number, (_, headers)) in callers.iter().enumerate() {
        scripts
            .push(Load { path: "/_", headers, body: HELLO.as_bytes() }.script(scratch.join(format!("{number}.lua")))?);
    }
    let mut rows: Vec<_> = callers.iter().map(|(name, _)| ((*name).to_owned(), Vec::new())).collect();
    for _ in 0..ROUNDS {
        for (script, (_, figures)) in scripts.iter().zip(&mut rows) {
            figures.push(server.measure(script)?);
        }
    }
    report("exampleHello (JSON), called with", &rows, rows.len());
    Ok(())
}

/// What a user with a session waits, while others guess and while nobody does.
fn guesses(server: &Server) -> Result<()> {
    let mut user = Client::connect(server)?;
    let cookie = log_in(&mut user)?;
    let quiet = user.waits(&cookie, |sent| sent < 3000)?;
    let (left, refused, done) = (AtomicUsize::new(WRONG), AtomicUsize::new(0), AtomicBool::new(false));
    let loud = thread::scope(|threads| -> Result<Vec<f64>> {
        let guessers: Vec<_> = (0..GUESSERS).map(|_| threads.spawn(|| guess(server, &left, &refused))).collect();
        let loud = threads.spawn(|| user.waits(&cookie, |_| !done.load(Ordering::Relaxed)).map_err(|e| e.to_string()));
        let guessed: Vec<_> = guessers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        for guesser in guessed {
            guesser.map_err(|_| "a guesser has panicked")??;
        }
        Ok(loud.join().map_err(|_| "the user has panicked")??)
    })?;
    println!("\nA user with a session, one request each 2 ms; the server on all cores:\n");
    println!("| meanwhile | requests | median µs | p99 µs |\n|---|---|---|---|");
    let told = format!("{WRONG} wrong logins ({} were 429)", refused.load(Ordering::Relaxed));
    for (name, waits) in [("nobody else", &quiet), (told.as_str(), &loud)] {
        println!("| {name} | {} | {:.0} | {:.0} |", waits.len(), percentile(waits, 0.5), percentile(waits, 0.99));
    }
    println!("\np99: {:.2} times that in quiet", percentile(&loud, 0.99) / percentile(&quiet, 0.99));
    Ok(())
}

fn percentile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

fn guess(server: &Server, left: &AtomicUsize, refused: &AtomicUsize) -> std::result::Result<(), String> {
    let mut client = Client::connect(server).map_err(|e| e.to_string())?;
    while let Ok(number) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
        let body = format!(r#"{{"cmd":"authLogin","params":{{"username":"user{number}","password":"x"}}}}"#);
        let (status, _) = client.call(&body, "").map_err(|e| e.to_string())?;
        refused.fetch_add(usize::from(status == 429), Ordering::Relaxed);
    }
    Ok(())
}

/// One connection.
struct Client(BufReader<TcpStream>);

fn log_in(client: &mut Client) -> Result<String> {
    let body = r#"{"cmd":"authLogin","params":{"username":"ada","password":"ada"}}"#;
    let (status, head) = client.call(body, "")?;
    let cookie = head.lines().find_map(|line| line.strip_prefix("Set-Cookie: "));
    let cookie = cookie.filter(|_| status == 200).ok_or_else(|| format!("nobody was logged in: {head}"))?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

impl Client {
    fn connect(server: &Server) -> Result<Self> {
        let stream = TcpStream::connect(server.address.trim_start_matches("http://"))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Status and head of the reply.
    fn call(&mut self, body: &str, header: &str) -> Result<(u16, String)> {
        let length = body.len();
        let request = format!(
            "POST /_ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}Content-Length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err("the connection is closed".into());
            }
        }
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).ok_or("no length")?;
        let mut body = vec![0; length.parse()?];
        self.0.read_exact(&mut body)?;
        Ok((head.split(' ').nth(1).ok_or("no status")?.parse()?, head))
    }

    /// How long each call took, in microseconds, sorted.
    fn waits(&mut self, cookie: &str, go_on: impl Fn(usize) -> bool) -> Result<Vec<f64>> {
        let (header, mut waits) = (format!("Cookie: {cookie}\r\n"), Vec::new());
        while go_on(waits.len()) {
            let started = Instant::now();
            let (status, _) = self.call(HELLO, &header)?;
            waits.push(started.elapsed().as_secs_f64() * 1e6);
            if status != 200 {
                return Err(format!("the user got {status}").into());
            }
            thread::sleep(Duration::from_millis(2));
        }
        waits.sort_by(f64::total_cmp);
        Ok(waits)
    }
}
