//! A plugin that does on request what a plugin should not, and one command for each type of parameter.

mod caller;
mod everything;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use caller::{Entry, Name, Permit, Permitted, Recalled, Whoever};
use everything::{EvenParams, Everything};
use wicketgate_action::{log, prelude::*, tokio};

/// Configuration of the probe
#[config]
pub struct Config {
    /// make `configure` fail with this text
    fail: Option<String>,
    /// make `configure` panic
    #[serde(default)]
    panic: bool,
    /// some numbers
    #[serde(default)]
    numbers: Vec<i32>,
    /// a day
    #[schemars(extend("format" = "date"))]
    first_day: Option<String>,
    /// another day
    #[schemars(extend("format" = "date"))]
    last_day: Option<String>,
    /// nested keys
    nested: Option<Nested>,
    /// how long `configure` takes, in milliseconds
    #[serde(default)]
    delay: u64,
}

/// Nested keys
#[config]
pub struct Nested {
    /// how deep
    depth: u8,
}

/// How something is to be waited for
#[params]
pub struct WaitParams {
    /// milliseconds
    #[serde(default = "a_while")]
    ms: u64,
}
fn a_while() -> u64 {
    60_000
}

/// Where something listens
#[params]
pub struct ConnectParams {
    /// a port of 127.0.0.1
    port: u16,
}

/// How many are to meet
#[params]
pub struct MeetParams {
    /// so many calls
    count: u32,
}

/// Every type of parameter
#[params]
pub struct TypesParams {
    /// true or false
    flag: Option<bool>,
    /// a whole number
    num: Option<i32>,
    /// a small whole number
    #[serde(default = "seven")]
    small: u8,
    /// the largest of all
    big: Option<u64>,
    /// a number
    ratio: Option<f64>,
    /// some numbers
    #[serde(default)]
    bbox: Vec<f64>,
    /// some words
    words: Option<Vec<String>>,
    /// one of several
    #[serde(default)]
    mode: Mode,
    /// a place
    place: Option<Place>,
    /// places
    #[serde(default)]
    places: Vec<Place>,
}
fn seven() -> u8 {
    7
}

/// A mode
#[params]
#[derive(Default)]
pub enum Mode {
    /// without haste
    #[default]
    SlowMotion,
    /// with haste
    Fast,
}

/// A place
#[params]
pub struct Place {
    /// its name
    place_name: String,
    /// its height
    #[serde(default)]
    height: i64,
}

/// Something to say
#[params]
pub struct TextParams {
    /// the text
    text: String,
}

/// A content
#[params]
pub struct ContentParams {
    /// the name to save it by
    name: Option<String>,
    /// another status
    status: Option<u16>,
    /// another media type
    mime: Option<String>,
}

/// A file
#[params]
pub struct FileParams {
    /// where it is
    path: String,
    /// the name to save it by
    name: Option<String>,
}

/// Somewhere else
#[params]
pub struct RedirectParams {
    /// where
    to: String,
}

/// A stream
#[params]
pub struct StreamParams {
    /// how many chunks
    chunks: u32,
    /// how many bytes each
    size: u32,
    /// after how many chunks it fails
    fail_after: Option<u32>,
}

/// How far the last stream has got
#[response]
pub struct StreamState {
    /// how many chunks it was rid of
    sent: u32,
    /// whether nobody makes it any more
    ended: bool,
    /// whether it ended by itself, and well
    complete: bool,
}

/// A count
#[response]
pub struct Count {
    /// how many
    count: u32,
}

/// A thread
#[response]
pub struct Thread {
    /// its name, as the kernel knows it
    name: String,
}

/// What arrived
#[response]
pub struct Echo {
    /// as the handler saw it
    debug: String,
    /// the caller's roles
    roles: Vec<String>,
}

/// The configured probe.
pub struct Probe {
    cancelled: &'static AtomicU32,
    /// Of `api_calls`, of this instance.
    calls: AtomicU32,
    host: Host,
}

impl Drop for Probe {
    fn drop(&mut self) {
        log::info!("an instance ended after {} calls", self.calls.load(Ordering::SeqCst));
    }
}

/// Counts itself when it is dropped before its time.
struct Cancelled(&'static AtomicU32);

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// How far a stream has got.
#[derive(Default)]
struct Progress {
    sent: AtomicU32,
    ended: AtomicBool,
    complete: AtomicBool,
}

/// That of the last stream.
static LAST_STREAM: Mutex<Option<Arc<Progress>>> = Mutex::new(None);

/// Takes note of a stream until it is dropped.
struct Watched(Arc<Progress>);

impl Watched {
    fn start() -> Self {
        let progress = Arc::<Progress>::default();
        *LAST_STREAM.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress.clone());
        Self(progress)
    }

    fn sent(&self) {
        self.0.sent.fetch_add(1, Ordering::SeqCst);
    }

    fn complete(&self) {
        self.0.complete.store(true, Ordering::SeqCst);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::SeqCst);
    }
}

/// Misbehaves on request.
#[action(name = "probe")]
impl Probe {
    fn configure(config: Config, host: &Host) -> Result<Self> {
        static CANCELLED: AtomicU32 = AtomicU32::new(0);
        assert!(!config.panic, "the probe was told to panic");
        if let Some(text) = config.fail {
            return Err(Error::bad_request(text));
        }
        std::thread::sleep(Duration::from_millis(config.delay));
        log::debug!("from {:?} to {:?}", config.first_day, config.last_day);
        let depth = config.nested.map(|nested| nested.depth);
        log::info!("configured with numbers {:?} and depth {depth:?}", config.numbers);
        Ok(Self { cancelled: &CANCELLED, calls: AtomicU32::new(0), host: host.clone() })
    }

    /// Tell who calls
    async fn api_whoami(&self, req: &Request, _p: Empty) -> Result<Whoever> {
        Ok(Whoever::from(req.user()))
    }

    /// Tell who calls
    async fn http_get_whoami(&self, req: &Request, _p: Empty) -> Result<Whoever> {
        Ok(Whoever::from(req.user()))
    }

    /// Put a value into the session
    async fn api_remember(&self, req: &Request, p: Entry) -> Result<()> {
        req.session().set(&p.name, &p.value)
    }

    /// The same, from a thread that may block
    fn api_remember_blocking(&self, req: &Request, p: Entry) -> Result<()> {
        std::thread::sleep(Duration::from_millis(p.ms));
        req.session().set(&p.name, &p.value)
    }

    /// Tell a value of the session
    async fn api_recall(&self, req: &Request, p: Name) -> Result<Recalled> {
        Ok(Recalled { value: req.session().get(&p.name)? })
    }

    /// Remove a value from the session
    async fn api_forget(&self, req: &Request, p: Name) -> Result<()> {
        req.session().delete(&p.name)
    }

    /// Log in by this plugin instead of `auth`, and keep something in the new session at once
    async fn api_log_in(&self, req: &Request, p: Entry) -> Result<Whoever> {
        let outcome = req.log_in(&p.name, p.value.as_str().unwrap_or_default()).await?;
        req.session().set("by", "probe")?;
        Ok(outcome.user.as_ref().map(Whoever::from).unwrap_or_default())
    }

    /// Tell whether the caller may use a command
    async fn api_permitted(&self, req: &Request, p: Permit) -> Result<Permitted> {
        Ok(Permitted { permitted: self.host.permit(req, &p.command, p.project.as_deref())? })
    }

    /// How many times this instance was asked this.
    async fn api_calls(&self, _req: &Request, _p: Empty) -> Result<Count> {
        Ok(Count { count: self.calls.fetch_add(1, Ordering::SeqCst) + 1 })
    }

    /// Answer nothing.
    async fn api_nothing(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    /// Panic at once.
    async fn api_panic(&self, _req: &Request, _p: Empty) -> Result<()> {
        panic!("the secret reason");
    }

    /// Panic after a wait, on the plugin's own threads.
    async fn api_panic_later(&self, _req: &Request, p: WaitParams) -> Result<()> {
        tokio_sleep(p.ms).await;
        panic!("the secret reason, later");
    }

    /// Panic on a blocking thread.
    fn api_panic_blocking(&self, _req: &Request, _p: Empty) -> Result<()> {
        panic!("the secret reason, blocking");
    }

    /// Fail with an error of somebody else.
    async fn api_fail(&self, _req: &Request, _p: Empty) -> Result<()> {
        let number: i32 = "the secret cause".parse()?;
        log::info!("{number}");
        Ok(())
    }

    /// Refuse with a conflict.
    async fn api_conflict(&self, _req: &Request, p: TextParams) -> Result<()> {
        Err(Error::conflict(p.text))
    }

    /// Wait on a timer of the plugin's runtime.
    async fn api_sleep(&self, _req: &Request, p: WaitParams) -> Result<Count> {
        let cancelled = Cancelled(self.cancelled);
        tokio_sleep(p.ms).await;
        std::mem::forget(cancelled);
        Ok(Count { count: 1 })
    }

    /// Block a thread of the blocking pool.
    fn api_block(&self, _req: &Request, p: WaitParams) -> Result<Count> {
        std::thread::sleep(Duration::from_millis(p.ms));
        Ok(Count { count: 1 })
    }

    /// Never finish.
    async fn api_hang(&self, _req: &Request, _p: Empty) -> Result<()> {
        let _cancelled = Cancelled(self.cancelled);
        std::future::pending().await
    }

    /// The thread of a handler that does not wait.
    async fn api_thread(&self, _req: &Request, _p: Empty) -> Result<Thread> {
        thread_name()
    }

    /// The thread of a handler that has waited.
    async fn api_thread_after_wait(&self, _req: &Request, _p: Empty) -> Result<Thread> {
        tokio_sleep(50).await;
        thread_name()
    }

    /// The thread of a handler that may block.
    fn api_thread_blocking(&self, _req: &Request, _p: Empty) -> Result<Thread> {
        thread_name()
    }

    /// How many waits were cancelled so far.
    async fn api_cancelled(&self, _req: &Request, _p: Empty) -> Result<Count> {
        Ok(Count { count: self.cancelled.load(Ordering::SeqCst) })
    }

    /// Wait until so many of these calls are there.
    async fn api_meet(&self, _req: &Request, p: MeetParams) -> Result<()> {
        static PRESENT: AtomicU32 = AtomicU32::new(0);
        PRESENT.fetch_add(1, Ordering::SeqCst);
        while PRESENT.load(Ordering::SeqCst) < p.count {
            tokio_sleep(5).await;
        }
        Ok(())
    }

    /// Panic in a thread of its own, of which the gateway knows nothing.
    fn api_panic_elsewhere(&self, _req: &Request, _p: Empty) -> Result<()> {
        let panicked = std::thread::spawn(|| panic!("the secret thread")).join().is_err();
        if panicked { Ok(()) } else { Err(Error::internal("it did not panic")) }
    }

    /// Connect to a port of this machine, and count the bytes that come.
    async fn api_connect(&self, _req: &Request, p: ConnectParams) -> Result<Count> {
        use tokio::io::AsyncReadExt;
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", p.port)).await?;
        let mut bytes = Vec::new();
        let count = stream.read_to_end(&mut bytes).await?;
        Ok(Count { count: count as u32 })
    }

    /// Show the parameters.
    async fn api_types(&self, req: &Request, p: TypesParams) -> Result<Echo> {
        Ok(echo(req, &p))
    }

    /// Show the parameters.
    async fn http_get_types(&self, req: &Request, p: TypesParams) -> Result<Echo> {
        Ok(echo(req, &p))
    }

    /// Send the parameters back.
    async fn api_everything(&self, _req: &Request, p: Everything) -> Result<Everything> {
        Ok(p)
    }

    /// Add an even number to how many small ones there are.
    async fn api_even(&self, _req: &Request, p: EvenParams) -> Result<Count> {
        Ok(Count { count: p.sum() })
    }

    /// Send the parameters back.
    async fn http_get_everything(&self, _req: &Request, p: Everything) -> Result<Everything> {
        Ok(p)
    }

    /// Send a content.
    async fn http_get_content(&self, _req: &Request, p: ContentParams) -> Result<Content> {
        Ok(content(p))
    }

    /// Send a content.
    async fn api_content(&self, _req: &Request, p: ContentParams) -> Result<Content> {
        Ok(content(p))
    }

    /// Send a content that may be kept.
    async fn http_get_cached(&self, _req: &Request, _p: Empty) -> Result<Content> {
        Ok(Content::new("text/plain; charset=utf-8", "the content").header("Cache-Control", "max-age=60"))
    }

    /// Send a file.
    async fn http_get_file(&self, _req: &Request, p: FileParams) -> Result<File> {
        let file = File::new(p.path);
        Ok(match p.name {
            Some(name) => file.attachment(name),
            None => file,
        })
    }

    /// Send the caller elsewhere.
    async fn http_get_redirect(&self, _req: &Request, p: RedirectParams) -> Result<Redirect> {
        Ok(Redirect::to(p.to))
    }

    /// Send as many letters as it takes.
    async fn http_get_stream(&self, _req: &Request, p: StreamParams) -> Result<Stream> {
        let watched = Watched::start();
        Ok(Stream::new("application/octet-stream", move |out| async move {
            for number in 0..p.chunks {
                if p.fail_after == Some(number) {
                    return Err(Error::internal("the secret reason, streamed"));
                }
                out.send(vec![b'x'; p.size as usize]).await?;
                watched.sent();
            }
            watched.complete();
            Ok(())
        }))
    }

    /// How far the last stream has got.
    async fn api_stream_state(&self, _req: &Request, _p: Empty) -> Result<StreamState> {
        let last = LAST_STREAM.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default();
        Ok(StreamState {
            sent: last.sent.load(Ordering::SeqCst),
            ended: last.ended.load(Ordering::SeqCst),
            complete: last.complete.load(Ordering::SeqCst),
        })
    }

    /// Hold the thread that calls, which is nothing to do in an `async fn`; then name it.
    async fn api_hold(&self, _req: &Request, p: WaitParams) -> Result<Thread> {
        std::thread::sleep(Duration::from_millis(p.ms));
        thread_name()
    }

    /// Log a line.
    async fn api_log(&self, req: &Request, p: TextParams) -> Result<()> {
        log::warn!("{}: {}", req.id(), p.text);
        Ok(())
    }
}

fn content(p: ContentParams) -> Content {
    let mut content = Content::new(p.mime.unwrap_or_else(|| "text/plain; charset=utf-8".into()), "the content");
    if let Some(name) = p.name {
        content = content.attachment(name);
    }
    if let Some(status) = p.status {
        content = content.status(status);
    }
    content
}

fn thread_name() -> Result<Thread> {
    let name = std::fs::read_to_string("/proc/thread-self/comm")?;
    Ok(Thread { name: name.trim().to_owned() })
}

async fn tokio_sleep(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

fn echo(req: &Request, p: &TypesParams) -> Echo {
    let mode = match p.mode {
        Mode::SlowMotion => "slow",
        Mode::Fast => "fast",
    };
    let place = |place: &Place| format!("{}^{}", place.place_name, place.height);
    let debug = format!(
        "flag={:?} num={:?} small={} big={:?} ratio={:?} bbox={:?} words={:?} mode={mode} place={:?} places={:?}",
        p.flag,
        p.num,
        p.small,
        p.big,
        p.ratio,
        p.bbox,
        p.words,
        p.place.as_ref().map(place),
        p.places.iter().map(place).collect::<Vec<_>>(),
    );
    Echo { debug, roles: req.user().roles.clone() }
}
