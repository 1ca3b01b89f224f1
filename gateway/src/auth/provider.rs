//! Where users are looked for: files, which are read with the configuration, and databases.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{database::Database, user::User};
use crate::{
    config::{self, UserRecord, check_login},
    state::{Background, Seconds, StateError, now},
};

/// All of them, in the order in which they are asked.
pub(super) struct Providers {
    all: Vec<Provider>,
    background: Option<Arc<Background>>,
}

enum Provider {
    File(FileUsers),
    Sql(Arc<SqlUsers>),
}

/// A user, and until when it is known that this is so.
pub(super) struct Found {
    pub(super) record: Arc<UserRecord>,
    pub(super) until: Seconds,
}

#[derive(Default)]
struct FileUsers {
    by_login: HashMap<String, Arc<UserRecord>>,
    by_token: HashMap<[u8; 32], (Arc<UserRecord>, Option<SystemTime>)>,
}

struct SqlUsers {
    place: config::Place,
    database: Database,
    query: String,
    token_query: Option<String>,
    refresh: Duration,
}

impl Providers {
    /// What the configuration says. Nothing is connected to before somebody is looked for.
    ///
    /// # Errors
    /// If a database's URL can't be used.
    pub(super) async fn new(all: Vec<config::Provider>, background: Arc<Background>) -> Result<Self, sqlx::Error> {
        let provider = |provider| match provider {
            config::Provider::File { users, .. } => Ok(Provider::File(FileUsers::new(users))),
            config::Provider::Sql(sql) => SqlUsers::new(sql).map(Arc::new).map(Provider::Sql),
        };
        let all = all.into_iter().map(provider).collect::<Result<Vec<_>, sqlx::Error>>()?;
        let providers = Self { all, background: Some(background) };
        providers.probe();
        Ok(providers)
    }

    /// None at all.
    pub(super) fn none() -> Self {
        Self { all: Vec::new(), background: None }
    }

    /// Has each database answer once, so that a mistake in a query is told at the start and not at the first login.
    fn probe(&self) {
        let Some(background) = &self.background else { return };
        for provider in &self.all {
            if let Provider::Sql(sql) = provider {
                let sql = sql.clone();
                background.spawn(async move {
                    for query in [Some(&sql.query), sql.token_query.as_ref()].into_iter().flatten() {
                        if let Err(e) = sql.database.find(query, "").await {
                            tracing::warn!("users can't be looked for ({}): {e}", sql.place);
                        }
                    }
                });
            }
        }
    }

    /// The user of that login: the first provider that knows one decides.
    pub(super) async fn find(&self, login: &str) -> Result<Option<Found>, StateError> {
        if check_login(login).is_err() {
            // Nobody is called that, and a database may not even take it.
            return Ok(None);
        }
        for provider in &self.all {
            let found = match provider {
                Provider::File(file) => file.by_login.get(login).map(forever),
                Provider::Sql(sql) => self.ask(sql, |sql| Some(&sql.query), login).await?,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The user of a token.
    pub(super) async fn find_by_token(&self, token: &str) -> Result<Option<Found>, StateError> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        for provider in &self.all {
            let found = match provider {
                Provider::File(file) => file.by_token.get(&hash).and_then(|(record, expires)| {
                    let left = expires.map(|expires| expires.duration_since(SystemTime::now()));
                    let left = left.transpose().ok()?;
                    let until = left.map_or(Seconds::MAX, |left| now() + left.as_secs());
                    Some(Found { record: record.clone(), until })
                }),
                Provider::Sql(sql) => {
                    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                    self.ask(sql, |sql| sql.token_query.as_ref(), &hash).await?
                }
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn ask(
        &self,
        sql: &Arc<SqlUsers>,
        query: fn(&SqlUsers) -> Option<&String>,
        parameter: &str,
    ) -> Result<Option<Found>, StateError> {
        let Some(background) = &self.background else { return Ok(None) };
        let (sql, parameter) = (sql.clone(), parameter.to_owned());
        let asked = background.spawn(async move {
            let Some(query) = query(&sql) else { return Ok(None) };
            let record = sql.database.find(query, &parameter).await;
            let told = |e| StateError::new(format!("users can't be looked for ({}): {e}", sql.place));
            record.map_err(told).map(|record: Option<UserRecord>| {
                let until = now() + sql.refresh.as_secs();
                record.map(|record| Found { record: Arc::new(record), until })
            })
        });
        asked.await.map_err(|e| StateError::new(e.to_string()))?
    }
}

impl Providers {
    /// The hashes of passwords that are known without asking.
    pub(super) fn hashes(&self) -> impl Iterator<Item = &str> {
        let files = self.all.iter().filter_map(|provider| match provider {
            Provider::File(file) => Some(file),
            Provider::Sql(_) => None,
        });
        files.flat_map(|file| file.by_login.values()).filter_map(|user| user.password.as_deref())
    }
}

fn forever(record: &Arc<UserRecord>) -> Found {
    Found { record: record.clone(), until: Seconds::MAX }
}

impl FileUsers {
    fn new(users: Vec<UserRecord>) -> Self {
        let mut all = Self::default();
        for user in users {
            let user = Arc::new(user);
            for token in &user.tokens {
                all.by_token.insert(token.hash, (user.clone(), token.expires));
            }
            all.by_login.insert(user.login.clone(), user);
        }
        all
    }
}

impl SqlUsers {
    fn new(sql: config::Sql) -> Result<Self, sqlx::Error> {
        let config::Sql { place, query, token_query, refresh, url } = sql;
        Ok(Self { place, database: Database::new(&url)?, query, token_query, refresh })
    }
}

/// Attributes of a map.
pub(super) type Attributes = BTreeMap<String, Value>;

/// The user of that login, without a gateway that runs.
///
/// # Errors
/// If a database does not answer.
pub fn find_user(providers: Vec<config::Provider>, login: &str) -> Result<Option<User>, StateError> {
    let background = Background::start().map_err(|e| StateError::new(e.to_string()))?;
    let (login, shared) = (login.to_owned(), background.clone());
    background.wait(async move {
        let found = Providers::new(providers, shared).await?.find(&login).await?;
        Ok(found.map(|found| (&*found.record).into()))
    })?
}
