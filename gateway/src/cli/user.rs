//! `wicketgate user`: the users of a file.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Write},
    os::unix::fs::{MetadataExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use clap::Subcommand;
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest, Sha256};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};
use totp_rs::Secret;

use super::say;
use crate::{
    auth::Password,
    config::{self, check_login, check_role, second_factor},
};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file of users; the first `[[auth.providers]]` of type `file` if it is not given
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add a user
    Add {
        /// The login
        name: String,
        /// Roles beside `all` and `user`, separated by commas
        #[arg(long, value_delimiter = ',')]
        roles: Vec<String>,
        /// The name to show to people
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a user another password: their sessions end
    Passwd {
        /// The login
        name: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the users
    List,
    /// Give a user a second factor (TOTP), and print what their device needs
    Totp {
        /// The login
        name: String,
        /// Take it away instead
        #[arg(long)]
        off: bool,
    },
    /// Give a user a token for programs, and print it: it is shown once
    Token {
        /// The login
        name: String,
        /// What it is for
        #[arg(long, value_name = "PURPOSE", default_value = "token")]
        purpose: String,
        /// How long it is valid, such as `90d`; for ever if it is not given
        #[arg(long, value_name = "TIME")]
        lifetime: Option<humantime::Duration>,
    },
}

/// Changes the file, or tells what is in it. A gateway that runs reads it again by itself.
pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<()> {
    let path = match &arguments.file {
        Some(path) => path.clone(),
        None => config::load_user_file(config)?.with_context(|| {
            let config = config.display();
            format!("{config} has no `[[auth.providers]]` of type `file`; add one, or name a file with --file")
        })?,
    };
    let mut users = Users::read(path)?;
    let told = match &arguments.command {
        Command::List => return users.list(),
        Command::Add { name, roles, display_name, password_stdin } => {
            users.add(name, roles, display_name.as_deref())?;
            let password = password(*password_stdin)?;
            users.find(name)?["password"] = value(password);
            None
        }
        Command::Passwd { name, password_stdin } => {
            users.find(name)?;
            let password = password(*password_stdin)?;
            users.find(name)?["password"] = value(password);
            None
        }
        Command::Totp { name, off: true } => {
            users.find(name)?.remove("totp");
            None
        }
        Command::Totp { name, off: false } => {
            let secret = Secret::generate().to_base32();
            users.find(name)?["totp"] = value(&secret);
            let url = second_factor(&secret, name).and_then(|factor| factor.to_url().map_err(|e| e.to_string()));
            Some(url.map_err(anyhow::Error::msg)?)
        }
        Command::Token { name, purpose, lifetime } => {
            Some(users.add_token(name, purpose, lifetime.map(Duration::from))?)
        }
    };
    users.write()?;
    told.map_or(Ok(()), say)
}

/// A file of users, with its comments.
struct Users {
    path: PathBuf,
    document: DocumentMut,
    /// Its folder, locked: one changes the file after the other.
    folder: fs::File,
}

impl Users {
    /// Reads the file; one that is not there yet has no users.
    fn read(path: PathBuf) -> Result<Self> {
        // Who made a link to the file wants it to stay one.
        let path = path.canonicalize().unwrap_or(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::File::open(folder).with_context(|| format!("{} can't be opened", folder.display()))?;
        flock(&folder, FlockOperation::LockExclusive).context("the folder can't be locked")?;
        let text = match fs::read_to_string(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            other => other.with_context(|| format!("{} can't be read", path.display()))?,
        };
        let document = text.parse().with_context(|| format!("{} is no TOML", path.display()))?;
        Ok(Self { path, document, folder })
    }

    fn all(&mut self) -> Result<&mut ArrayOfTables> {
        let users = self.document.entry("users").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        users.as_array_of_tables_mut().with_context(|| format!("{}: `users` is no list of tables", self.path.display()))
    }

    fn find(&mut self, name: &str) -> Result<&mut Table> {
        let path = self.path.display().to_string();
        let is_named = |user: &&mut Table| user.get("login").and_then(Item::as_str) == Some(name);
        self.all()?.iter_mut().find(is_named).with_context(|| format!("{path} has no user `{name}`"))
    }

    fn add(&mut self, name: &str, roles: &[String], display_name: Option<&str>) -> Result<()> {
        check_login(name).map_err(anyhow::Error::msg)?;
        roles.iter().try_for_each(|role| check_role(role)).map_err(anyhow::Error::msg)?;
        if self.find(name).is_ok() {
            bail!(
                "{} has a user `{name}` already; `wicketgate user passwd {name}` changes the password",
                self.path.display()
            );
        }
        let mut user = Table::new();
        user["login"] = value(name);
        if let Some(display_name) = display_name {
            user["displayName"] = value(display_name);
        }
        if !roles.is_empty() {
            user["roles"] = value(roles.iter().collect::<toml_edit::Array>());
        }
        if self.all()?.is_empty() {
            // Comments at the top stay there.
            let comments = self.document.trailing().as_str().unwrap_or_default().to_owned();
            self.document.set_trailing("");
            user.decor_mut().set_prefix(comments);
        }
        self.all()?.push(user);
        Ok(())
    }

    /// A random token: whoever reads the file finds its hash.
    fn add_token(&mut self, name: &str, purpose: &str, lifetime: Option<Duration>) -> Result<String> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).context("there is no randomness")?;
        let text = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let hash: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut token = Table::new();
        token["name"] = value(purpose);
        token["hash"] = value(hash);
        if let Some(lifetime) = lifetime {
            token["expires"] = value(humantime::format_rfc3339_seconds(SystemTime::now() + lifetime).to_string());
        }
        let tokens = self.find(name)?.entry("tokens").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        tokens.as_array_of_tables_mut().context("`tokens` is no list of tables: write `[[users.tokens]]`")?.push(token);
        Ok(text)
    }

    fn list(&mut self) -> Result<()> {
        for user in self.all()?.iter() {
            let text = |key: &str| user.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
            let roles = user.get("roles").and_then(Item::as_array).into_iter().flatten();
            let roles: Vec<_> = roles.filter_map(toml_edit::Value::as_str).collect();
            let tokens = user.get("tokens").and_then(Item::as_array_of_tables).map_or(0, ArrayOfTables::len);
            let kept = [("password", user.contains_key("password")), ("totp", user.contains_key("totp"))];
            let mut kept: Vec<_> = kept.iter().filter(|(_, has)| *has).map(|(name, _)| (*name).to_owned()).collect();
            kept.extend((tokens > 0).then(|| format!("tokens: {tokens}")));
            let line = [text("login"), text("displayName"), roles.join(","), kept.join(", ")].join("\t");
            say(line.trim_end())?;
        }
        Ok(())
    }

    /// Writes the file whole or not at all, for its owner alone.
    fn write(&self) -> Result<()> {
        let path = &self.path;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = || format!("{} can't be written", path.display());
        let mut file = tempfile::Builder::new().prefix(".users").tempfile_in(folder).with_context(failed)?;
        file.write_all(self.document.to_string().as_bytes()).with_context(failed)?;
        if let Ok(before) = fs::metadata(path) {
            // The gateway may run as somebody else than the operator.
            let _ = fchown(file.as_file(), Some(before.uid()), Some(before.gid()));
        }
        file.as_file().set_permissions(fs::Permissions::from_mode(0o600)).with_context(failed)?;
        file.as_file().sync_all().with_context(failed)?;
        file.persist(path).with_context(failed)?;
        self.folder.sync_all().with_context(failed)
    }
}

/// The hash of a new password: asked for twice on a terminal, else read from stdin.
fn password(stdin: bool) -> Result<String> {
    let text = if stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("stdin can't be read")?;
        line.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).unwrap_or(&line).to_owned()
    } else if io::stdin().is_terminal() {
        let text = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Once more: ")? != text {
            bail!("these are two different passwords");
        }
        text
    } else {
        bail!("there is no terminal to ask for a password; use --password-stdin");
    };
    Password::new(text).hash().map_err(anyhow::Error::msg)
}
