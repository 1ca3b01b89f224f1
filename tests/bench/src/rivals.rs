//! The servers that are compared, as far as they are installed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    place::Place,
    running::{Ports, Running},
    server::Result,
    setup::Setup,
};

/// Where the pinned versions of dependencies are.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// A kind of server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The gateway.
    Gateway,
    /// nginx with sendfile: what all others are compared with.
    Nginx,
    /// The same, with a cache of open files.
    NginxCached,
    /// Caddy.
    Caddy,
    /// static-web-server.
    StaticWebServer,
    /// The program `bare`: the floor.
    Bare,
}

/// A server that is installed.
pub struct Rival {
    /// What it is.
    pub kind: Kind,
    version: String,
    program: PathBuf,
}

impl Kind {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 6] =
        [Self::Gateway, Self::Nginx, Self::NginxCached, Self::Caddy, Self::StaticWebServer, Self::Bare];

    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Nginx => "nginx",
            Self::NginxCached => "nginx + `open_file_cache`",
            Self::Caddy => "Caddy",
            Self::StaticWebServer => "static-web-server",
            Self::Bare => "bare pingora, from memory",
        }
    }

    /// Finds it, the project's own programs in that folder; `None` if it is not installed.
    ///
    /// # Errors
    /// If it is there, but does not tell its version.
    pub fn find(self, binaries: &Path) -> Result<Option<Rival>> {
        let program = match self {
            Self::Gateway => binaries.join("wicketgate"),
            Self::Nginx | Self::NginxCached => installed("nginx"),
            Self::Caddy => installed("caddy"),
            Self::StaticWebServer => {
                std::env::var_os("STATIC_WEB_SERVER").map_or_else(|| installed("static-web-server"), PathBuf::from)
            }
            Self::Bare => binaries.join("bare"),
        };
        if !program.is_file() {
            return Ok(None);
        }
        let version = match self {
            Self::Gateway | Self::StaticWebServer => version(&program, "--version")?,
            Self::Nginx | Self::NginxCached => version(&program, "-v")?,
            Self::Caddy => version(&program, "version")?,
            Self::Bare => pingora().ok_or("pingora is not in Cargo.lock")?.to_owned(),
        };
        Ok(Some(Rival { kind: self, version, program }))
    }
}

/// Where a program is: in the project's folder of tools, or where programs are installed.
fn installed(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let tools = std::env::current_dir().unwrap_or_default().join("target/tools/bin");
    let mut programs = std::iter::once(tools).chain(folders).map(|folder| folder.join(name));
    programs.find(|program| program.is_file()).unwrap_or_default()
}

/// The version that a program tells: the first word that begins with a digit.
///
/// # Errors
/// If it is not installed, or tells none.
pub fn version(program: &Path, argument: &str) -> Result<String> {
    let output = Command::new(program).arg(argument).output().map_err(|e| format!("{}: {e}", program.display()))?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let mut words = text.split(|c: char| c.is_whitespace() || c == '/').map(|word| word.trim_start_matches('v'));
    let version = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    Ok(version.ok_or_else(|| format!("{} tells no version:\n{text}", program.display()))?.to_owned())
}

/// The version of pingora.
fn pingora() -> Option<&'static str> {
    LOCK.split_once("name = \"pingora\"\nversion = \"")?.1.split('"').next()
}

impl Rival {
    /// The program and its version.
    pub fn title(&self) -> String {
        let name = if self.kind == Kind::Bare { "pingora" } else { self.kind.name() };
        format!("{name} {}", self.version)
    }

    /// Starts it, with a folder and ports of its own.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start(&self, place: &Place) -> Result<Running> {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let folder = place.scratch.join(format!("server-{}", STARTED.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&folder)?;
        let setup = Setup { program: &self.program, place, folder: &folder, ports: Ports::free()? };
        let commands = match self.kind {
            Kind::Gateway => setup.gateway(),
            Kind::Nginx => setup.nginx(""),
            Kind::NginxCached => setup.nginx("open_file_cache max=20000;"),
            Kind::Caddy => setup.caddy(),
            Kind::StaticWebServer => Ok(setup.static_web_server()),
            Kind::Bare => Ok(setup.bare()),
        };
        let has_tls = self.kind != Kind::Bare;
        let running = commands.and_then(|it| Running::start(&it, setup.ports, has_tls, &folder.join("log")));
        running.map_err(|e| format!("{}: {e}", self.kind.name()).into())
    }
}
