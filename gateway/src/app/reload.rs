//! Reload: a new application is built beside the one that serves, and takes its place only when it is complete.

use std::{path::PathBuf, sync::Arc, sync::mpsc, thread};

use arc_swap::ArcSwap;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    signal::unix::{SignalKind, signal},
    sync::mpsc::Sender,
    time::timeout,
};

use super::{
    Plugins, build,
    control::{Answer, RELOAD},
    watch::Watcher,
};
use crate::{
    config::{self, Listen, Mistake, Mistakes},
    front::Front,
};

/// How long somebody at the control socket may take to say what they want.
const SAYING: std::time::Duration = std::time::Duration::from_secs(5);

/// What can be reloaded.
pub struct Reloader {
    /// The main file of the configuration.
    pub main: PathBuf,
    /// What serves.
    pub front: Arc<ArcSwap<Front>>,
    /// Its plugins.
    pub plugins: Plugins,
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
        self.same_process(&config)?;
        let (front, plugins) = build(config, &self.plugins)?;
        self.front.store(Arc::new(front));
        self.plugins = plugins;
        Ok(())
    }

    /// Sockets are bound once in the life of a process, and so is its folder.
    fn same_process(&self, config: &config::Config) -> Result<(), Mistakes> {
        let changed =
            [("server.listen", config.listen != self.listen), ("server.dataDir", config.data_dir != self.data_dir)];
        let mistake = |path: &str| Mistake {
            file: self.main.clone(),
            position: None,
            path: path.to_owned(),
            text: "this can't change while the gateway runs; restart it".to_owned(),
        };
        let mistakes: Vec<_> = changed.iter().filter(|(_, changed)| *changed).map(|(path, _)| mistake(path)).collect();
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
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

/// Reloads whenever a file changes, at SIGHUP, and when asked over the control socket: on a thread of its own, for as long
/// as the process lives. Returns once it listens.
pub fn run(reloader: Reloader, control: Option<std::os::unix::net::UnixListener>) -> std::io::Result<()> {
    let (ready, listening) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("reload".into()).spawn(move || {
        if let Err(e) = runtime.block_on(listen(reloader, control, ready)) {
            tracing::error!("there will be no reload: {e}");
        }
    })?;
    // Without it there was an error, which is told.
    let _ = listening.recv();
    Ok(())
}

async fn listen(
    mut reloader: Reloader,
    control: Option<std::os::unix::net::UnixListener>,
    ready: mpsc::Sender<()>,
) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let (sender, mut requests) = tokio::sync::mpsc::channel(1);
    if let Some(control) = control.map(UnixListener::from_std).transpose()? {
        tokio::spawn(accept(control, sender.clone()));
    }
    let mut watcher = Watcher::new(&reloader.main);
    drop(ready);
    loop {
        let mut asked = None;
        let why = tokio::select! {
            _ = hangup.recv() => "SIGHUP",
            () = watcher.changed() => "a file has changed",
            // The sender lives as long as this does.
            stream = requests.recv() => {
                asked = stream;
                "asked for"
            }
        };
        // Before the files are read: what changes from now on is one more change.
        watcher.look();
        let answer = reloader.reload_and_tell(why);
        if let Some(stream) = asked {
            tell(stream, &answer).await;
        }
    }
}

/// Hears everybody at the control socket, each for itself, so that nobody waits for one who says nothing.
async fn accept(control: UnixListener, sender: Sender<UnixStream>) {
    loop {
        let Ok((stream, _)) = control.accept().await else { continue };
        let sender = sender.clone();
        tokio::spawn(async move {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            let said = timeout(SAYING, reader.read_line(&mut line)).await;
            if matches!(said, Ok(Ok(_))) && line.trim() == RELOAD {
                // There is always somebody who reloads.
                let _ = sender.send(reader.into_inner()).await;
            }
        });
    }
}

async fn tell(mut stream: UnixStream, answer: &Answer) {
    let line = serde_json::to_string(answer).unwrap_or_default() + "\n";
    // Whoever asked may be gone.
    let _ = stream.write_all(line.as_bytes()).await;
}
