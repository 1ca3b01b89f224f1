//! Reload: a new application is built beside the one that serves, and takes its place only when it is complete.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::Receiver},
    thread,
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    runtime::Runtime,
    signal::unix::{Signal, SignalKind, signal},
    sync::{
        mpsc::{self, Sender},
        oneshot,
    },
    time::{sleep, timeout},
};

use super::{
    Running, Watcher, build,
    control::{Answer, Reload},
};
use crate::{
    config::{self, Listen, Mistake, Mistakes},
    front::Front,
};

/// How long somebody at the control socket may take to say what they want.
const SAYING: Duration = Duration::from_secs(5);

/// What can be reloaded.
pub struct Reloader {
    /// The main file of the configuration.
    pub main: PathBuf,
    /// What serves.
    pub front: Arc<ArcSwap<Front>>,
    /// Its plugins.
    pub running: Running,
    /// Where it listens, as configured.
    pub listen: Vec<Listen>,
    /// The gateway's own folder.
    pub data_dir: PathBuf,
}

impl Reloader {
    /// Builds the application anew and swaps it in. Requests that are being answered keep the old one.
    ///
    /// # Errors
    /// All that is wrong; what serves then goes on as it is.
    pub fn reload(&mut self) -> Result<(), Mistakes> {
        let config = config::load(&self.main)?;
        let mut mistakes = self.same_process(&config);
        let built = build(config, &self.running).map_err(|Mistakes(found)| mistakes.extend(found));
        let (Ok((front, running)), true) = (built, mistakes.is_empty()) else { return Err(Mistakes::sorted(mistakes)) };
        running.commit();
        self.front.store(Arc::new(front));
        self.running = running;
        Ok(())
    }

    /// Whether `main` is the main file of the configuration.
    fn is_of(&self, main: &Path) -> bool {
        self.main.canonicalize().is_ok_and(|own| own == main)
    }

    /// Sockets are bound once in the life of a process, and so is its folder.
    fn same_process(&self, config: &config::Config) -> Vec<Mistake> {
        let text = "this can't change while the gateway runs; restart it";
        let listen = (config.listen != self.listen).then(|| config.listen_place.mistake(text));
        let data_dir = (config.data_dir != self.data_dir).then(|| config.data_dir_place.mistake(text));
        listen.into_iter().chain(data_dir).collect()
    }

    /// Reloads, and tells the log.
    fn reload_and_tell(&mut self, why: &str) -> Answer {
        match self.reload() {
            Ok(()) => {
                tracing::info!("reloaded ({why})");
                Answer { done: true, told: vec!["reloaded".into()] }
            }
            Err(mistakes) => {
                tracing::error!("the configuration was not reloaded; the old one keeps serving ({why}):\n{mistakes}");
                Answer { done: false, told: mistakes.0.iter().map(ToString::to_string).collect() }
            }
        }
    }
}

/// Reloading, on a thread of its own.
pub struct Reloading {
    runtime: Runtime,
    hangup: Signal,
    watcher: Watcher,
}

/// How long a reload may take that has begun when the gateway ends.
const ENDING: Duration = Duration::from_secs(1);

/// Ends reloading when it is dropped, and waits a little for a reload that has begun.
pub struct Stop {
    stop: Option<oneshot::Sender<()>>,
    /// Disconnected when the thread has ended.
    ended: Receiver<()>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Nothing is ever sent. A plugin that is still being configured ends with the process.
        let _ = self.ended.recv_timeout(ENDING);
    }
}

impl Reloading {
    /// Begins to listen: before the configuration is read for the first time, so that no change is missed, and SIGHUP never
    /// ends the gateway.
    ///
    /// # Errors
    /// If signals can't be heard.
    pub fn prepare(main: &Path) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let _entered = runtime.enter();
        let (hangup, watcher) = (signal(SignalKind::hangup())?, Watcher::new(main));
        drop(_entered);
        Ok(Self { runtime, hangup, watcher })
    }

    /// Reloads from now on, whenever a file changes, at SIGHUP, and when asked over the control socket.
    ///
    /// # Errors
    /// If there can't be one more thread.
    pub fn start(self, reloader: Reloader, control: std::os::unix::net::UnixListener) -> io::Result<Stop> {
        let (stop, stopped) = oneshot::channel();
        let (ending, ended) = std::sync::mpsc::channel();
        thread::Builder::new().name("reload".into()).spawn(move || {
            let _ending = ending;
            let Self { runtime, hangup, watcher } = self;
            if let Err(e) = runtime.block_on(listen(reloader, hangup, watcher, control, stopped)) {
                tracing::error!("there will be no reload: {e}");
            }
        })?;
        Ok(Stop { stop: Some(stop), ended })
    }
}

async fn listen(
    mut reloader: Reloader,
    mut hangup: Signal,
    mut watcher: Watcher,
    control: std::os::unix::net::UnixListener,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let (sender, mut requests) = mpsc::channel(1);
    tokio::spawn(accept(UnixListener::from_std(control)?, sender.clone()));
    // What has changed since the configuration was read.
    let mut changed = watcher.look();
    loop {
        let mut asked = None;
        let why = tokio::select! {
            _ = &mut stopped => return Ok(()),
            _ = hangup.recv() => "SIGHUP",
            () = async { if !changed { watcher.changed().await } } => "a file has changed",
            // The sender lives as long as this does.
            stream = requests.recv() => {
                asked = stream;
                "asked for"
            }
        };
        // Before the files are read: what changes from now on is one more change.
        if let Some(Asked { stream, main }) = asked.take_if(|asked| !reloader.is_of(&asked.main)) {
            let text = format!("it runs with {}, and not with {}", reloader.main.display(), main.display());
            tokio::spawn(timeout(SAYING, tell(stream, Answer { done: false, told: vec![text] })));
            continue;
        }
        watcher.look();
        changed = false;
        let answer = reloader.reload_and_tell(why);
        if let Some(Asked { stream, .. }) = asked {
            // Nobody else waits for one who does not read.
            tokio::spawn(timeout(SAYING, tell(stream, answer)));
        }
    }
}

/// Somebody at the control socket, and the configuration that they mean.
struct Asked {
    stream: UnixStream,
    main: PathBuf,
}

/// Hears everybody at the control socket, each for itself, so that nobody waits for one who says nothing.
async fn accept(control: UnixListener, sender: Sender<Asked>) {
    loop {
        let Ok((stream, _)) = control.accept().await else {
            // Out of file descriptors, as a rule: trying again at once would change nothing.
            sleep(SAYING).await;
            continue;
        };
        let sender = sender.clone();
        tokio::spawn(async move {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            let said = timeout(SAYING, reader.read_line(&mut line)).await;
            if let (Ok(Ok(_)), Ok(Reload { reload })) = (said, serde_json::from_str(&line)) {
                // There is always somebody who reloads.
                let _ = sender.send(Asked { stream: reader.into_inner(), main: reload }).await;
            }
        });
    }
}

async fn tell(mut stream: UnixStream, answer: Answer) {
    let line = serde_json::to_string(&answer).unwrap_or_default() + "\n";
    // Whoever asked may be gone.
    let _ = stream.write_all(line.as_bytes()).await;
}
