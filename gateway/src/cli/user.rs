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
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};
use totp_rs::Secret;

use super::say;
use crate::{
    app::control,
    auth::Password,
    config::{self, UserFile, check_login, check_role, hex, second_factor, token_hash},
};

/// The longest lifetime of a token that a date can tell of: a hundred years.
const LONGEST_LIFETIME: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file of users; the first `[[auth.providers]]` of type `file` if it is not given
    #[arg(long, global = true, value_name = "FILE")]
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
        /// Take the token of that purpose away instead
        #[arg(long, conflicts_with = "lifetime")]
        remove: bool,
    },
}

/// Changes the file, or tells what is in it. A gateway that runs with it has read it again when this returns.
pub(super) fn run(config: &Path, arguments: &Arguments) -> Result<()> {
    let told = run_command(config, arguments)?;
    if arguments.file.is_none() && !matches!(arguments.command, Command::List) {
        take_effect(config)?;
    }
    told.map_or(Ok(()), say)
}

/// Has the gateway of this configuration, if one runs, read the file again.
fn take_effect(config: &Path) -> Result<()> {
    // What is wrong with the configuration is told by `check`.
    let Ok((data_dir, _)) = config::load_server(config) else { return Ok(()) };
    if !control::is_running(&data_dir) {
        return Ok(());
    }
    let answer = control::ask(&data_dir, config).map_err(anyhow::Error::msg)?;
    if answer.done {
        return Ok(());
    }
    bail!("the file is written, but the gateway that runs does not use it yet:\n{}", answer.told.join("\n"))
}

/// Returns what there is to tell once all is done.
fn run_command(config: &Path, arguments: &Arguments) -> Result<Option<String>> {
    let file = match &arguments.file {
        Some(path) => UserFile { path: path.clone(), roles: None },
        None => config::load_user_file(config)?.with_context(|| {
            let config = config.display();
            format!("{config} has no `[[auth.providers]]` of type `file`; add one, or name a file with --file")
        })?,
    };
    let file = UserFile { path: real(file.path), ..file };
    match &arguments.command {
        Command::List => {
            fs::metadata(&file.path).with_context(|| format!("{} can't be read", file.path.display()))?;
            Users::read(&file)?.list()
        }
        Command::Add { name, roles, display_name, password_stdin } => {
            let roles: Vec<_> = roles.iter().map(|role| role.trim().to_owned()).collect();
            let add = |users: &mut Users<'_>| users.add(name, &roles, display_name.as_deref());
            // What is wrong is told before a password is asked for.
            add(&mut Users::read(&file)?)?;
            let password = password(*password_stdin)?;
            change(&file, |users| {
                add(users)?;
                users.find(name)?["password"] = value(password);
                Ok(None)
            })
        }
        Command::Passwd { name, password_stdin } => {
            Users::read(&file)?.find(name)?;
            let password = password(*password_stdin)?;
            change(&file, |users| {
                users.find(name)?["password"] = value(password);
                Ok(None)
            })
        }
        Command::Totp { name, off: true } => change(&file, |users| {
            let removed = users.find(name)?.remove("totp");
            removed.map(|_| None).with_context(|| format!("the user `{name}` has no second factor"))
        }),
        Command::Totp { name, off: false } => {
            let secret = Secret::generate().to_base32();
            let url = second_factor(&secret, name).and_then(|factor| factor.to_url().map_err(|e| e.to_string()));
            let url = url.map_err(anyhow::Error::msg)?;
            change(&file, |users| {
                let user = users.find(name)?;
                if user.contains_key("totp") {
                    bail!(
                        "the user `{name}` has a second factor already; `wicketgate user totp {name} --off` takes it away"
                    );
                }
                user["totp"] = value(&secret);
                Ok(Some(url))
            })
        }
        Command::Token { name, purpose, remove: true, .. } => change(&file, |users| {
            users.remove_token(name, purpose)?;
            Ok(None)
        }),
        Command::Token { name, purpose, lifetime, .. } => {
            change(&file, |users| users.add_token(name, purpose, lifetime.map(Duration::from)).map(Some))
        }
    }
}

/// Where the file is that a path leads to: who made a link wants it to stay one.
fn real(path: PathBuf) -> PathBuf {
    let target = || Some(path.parent()?.join(fs::read_link(&path).ok()?));
    path.canonicalize().ok().or_else(target).unwrap_or(path)
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Changes the file, one after the other.
fn change<T>(file: &UserFile, change: impl FnOnce(&mut Users<'_>) -> Result<T>) -> Result<T> {
    let locked = folder(&file.path);
    let context = || format!("the folder {} can't be locked", locked.display());
    let lock = fs::File::open(locked).with_context(context)?;
    flock(&lock, FlockOperation::LockExclusive).with_context(context)?;
    let mut users = Users::read(file)?;
    let changed = change(&mut users)?;
    users.write()?;
    lock.sync_all().with_context(context)?;
    Ok(changed)
}

/// A file of users, with its comments.
struct Users<'f> {
    file: &'f UserFile,
    document: DocumentMut,
}

impl<'f> Users<'f> {
    /// Reads the file; one that is not there yet has no users.
    fn read(file: &'f UserFile) -> Result<Self> {
        let path = file.path.display();
        let text = match fs::read_to_string(&file.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            other => other.with_context(|| format!("{path} can't be read"))?,
        };
        let document = text.parse().with_context(|| format!("{path} is no TOML"))?;
        Ok(Self { file, document })
    }

    fn all(&mut self) -> Result<&mut ArrayOfTables> {
        let users = self.document.entry("users").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        users
            .as_array_of_tables_mut()
            .with_context(|| format!("{}: `users` is no list of tables", self.file.path.display()))
    }

    fn find(&mut self, name: &str) -> Result<&mut Table> {
        let path = self.file.path.display().to_string();
        let is_named = |user: &&mut Table| user.get("login").and_then(Item::as_str) == Some(name);
        self.all()?.iter_mut().find(is_named).with_context(|| format!("{path} has no user `{name}`"))
    }

    fn add(&mut self, name: &str, roles: &[String], display_name: Option<&str>) -> Result<()> {
        check_login(name).map_err(anyhow::Error::msg)?;
        roles.iter().try_for_each(|role| check_role(role)).map_err(anyhow::Error::msg)?;
        if self.find(name).is_ok() {
            bail!(
                "{} has a user `{name}` already; `wicketgate user passwd {name}` changes the password",
                self.file.path.display()
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
        let mut token = Table::new();
        token["name"] = value(purpose);
        token["hash"] = value(hex(&token_hash(&text)));
        if let Some(lifetime) = lifetime {
            if lifetime.is_zero() || lifetime > LONGEST_LIFETIME {
                bail!("a token lives for a second at least, and for a hundred years at most");
            }
            token["expires"] = value(humantime::format_rfc3339_seconds(SystemTime::now() + lifetime).to_string());
        }
        let tokens = self.tokens(name)?;
        if tokens.iter().any(|token| token.get("name").and_then(Item::as_str) == Some(purpose)) {
            bail!(
                "the user `{name}` has a token `{purpose}` already; name another purpose, or take it away with --remove"
            );
        }
        tokens.push(token);
        Ok(text)
    }

    fn tokens(&mut self, name: &str) -> Result<&mut ArrayOfTables> {
        let tokens = self.find(name)?.entry("tokens").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        tokens.as_array_of_tables_mut().context("`tokens` is no list of tables: write `[[users.tokens]]`")
    }

    fn remove_token(&mut self, name: &str, purpose: &str) -> Result<()> {
        let tokens = self.tokens(name)?;
        let before = tokens.len();
        tokens.retain(|token| token.get("name").and_then(Item::as_str) != Some(purpose));
        if tokens.len() == before {
            bail!("the user `{name}` has no token `{purpose}`");
        }
        Ok(())
    }

    /// A line for each user.
    fn list(&mut self) -> Result<Option<String>> {
        let mut lines = Vec::new();
        for user in self.all()?.iter() {
            let text = |key: &str| user.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
            let roles = user.get("roles").and_then(Item::as_array).into_iter().flatten();
            let roles: Vec<_> = roles.filter_map(toml_edit::Value::as_str).collect();
            let tokens = user.get("tokens").and_then(Item::as_array_of_tables).map_or(0, ArrayOfTables::len);
            let kept = [("password", user.contains_key("password")), ("totp", user.contains_key("totp"))];
            let mut kept: Vec<_> = kept.iter().filter(|(_, has)| *has).map(|(name, _)| (*name).to_owned()).collect();
            kept.extend((tokens > 0).then(|| format!("tokens: {tokens}")));
            let line = [text("login"), text("displayName"), roles.join(","), kept.join(", ")].join("\t");
            lines.push(line.trim_end().to_owned());
        }
        Ok((!lines.is_empty()).then(|| lines.join("\n")))
    }

    /// Writes the file whole or not at all, for its owner alone; and only what the gateway takes.
    fn write(&self) -> Result<()> {
        let UserFile { path, roles } = self.file;
        let text = self.document.to_string();
        config::check_users(path, text.clone(), roles.as_deref())?;
        let failed = || format!("{} can't be written", path.display());
        let mut file = tempfile::Builder::new().prefix(".users").tempfile_in(folder(path)).with_context(failed)?;
        file.write_all(text.as_bytes()).with_context(failed)?;
        if let Ok(before) = fs::metadata(path) {
            // The gateway may run as somebody else than the operator.
            fchown(file.as_file(), Some(before.uid()), Some(before.gid())).with_context(|| {
                let path = path.display();
                format!("{path} belongs to another user, and would not any more; run this as its owner (`sudo -u`)")
            })?;
        }
        file.as_file().set_permissions(fs::Permissions::from_mode(0o600)).with_context(failed)?;
        file.as_file().sync_all().with_context(failed)?;
        file.persist(path).with_context(failed)?;
        Ok(())
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
