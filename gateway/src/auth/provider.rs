//! Where users are looked for: files, which are read with the configuration, and databases.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{database::Database, user::User};
use crate::{
    config::{self, UserRecord, check_login, hex, token_hash},
    state::{Background, Seconds, StateError, now},
};

/// All of them, in the order in which they are asked.
#[derive(Default)]
pub(super) struct Providers(Vec<Provider>);

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
    background: Arc<Background>,
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
    pub(super) fn new(all: Vec<config::Provider>, background: &Arc<Background>) -> Result<Self, StateError> {
        let provider = |provider| match provider {
            config::Provider::File(users) => Ok(Provider::File(FileUsers::new(users))),
            config::Provider::Sql(sql) => SqlUsers::new(sql, background.clone()).map(Provider::Sql),
        };
        all.into_iter().map(provider).collect::<Result<_, _>>().map(Self)
    }

    /// The user of that login: the first provider that knows one decides.
    pub(super) async fn find(&self, login: &str) -> Result<Option<Found>, StateError> {
        if check_login(login).is_err() {
            // Nobody is called that, and a database may not even take it.
            return Ok(None);
        }
        for provider in &self.0 {
            let found = match provider {
                Provider::File(file) => file.by_login.get(login).map(forever),
                Provider::Sql(sql) => sql.ask(|sql| Some(&sql.query), login).await?,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The user of a token.
    pub(super) async fn find_by_token(&self, token: &str) -> Result<Option<Found>, StateError> {
        let hash = token_hash(token);
        for provider in &self.0 {
            let found = match provider {
                Provider::File(file) => file.by_token.get(&hash).and_then(|(record, expires)| {
                    let left = expires.map(|expires| expires.duration_since(SystemTime::now()));
                    let left = left.transpose().ok()?;
                    let until = left.map_or(Seconds::MAX, |left| now() + left.as_secs());
                    Some(Found { record: record.clone(), until })
                }),
                Provider::Sql(sql) => sql.ask(|sql| sql.token_query.as_ref(), &hex(&hash)).await?,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The hashes of passwords that are known without asking.
    pub(super) fn hashes(&self) -> impl Iterator<Item = &str> {
        let files = self.0.iter().filter_map(|provider| match provider {
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
    fn new(sql: config::Sql, background: Arc<Background>) -> Result<Arc<Self>, StateError> {
        let config::Sql { place, query, token_query, refresh, url } = sql;
        let database = background.within(|| Database::new(&url))?;
        let users = Arc::new(Self { background, place, database, query, token_query, refresh });
        users.background.spawn(users.clone().probe());
        Ok(users)
    }

    /// Has the database answer once, so that a mistake in a query is told at the start and not at the first login.
    async fn probe(self: Arc<Self>) {
        for query in [Some(&self.query), self.token_query.as_ref()].into_iter().flatten() {
            if let Err(e) = self.database.find(query, "").await {
                tracing::warn!("users can't be looked for ({}): {e}", self.place);
            }
        }
    }

    async fn ask(
        self: &Arc<Self>,
        query: fn(&Self) -> Option<&String>,
        parameter: &str,
    ) -> Result<Option<Found>, StateError> {
        let (sql, parameter) = (self.clone(), parameter.to_owned());
        let asked = self.background.spawn(async move {
            let Some(query) = query(&sql) else { return Ok(None) };
            let told = |e| StateError::new(format!("users can't be looked for ({}): {e}", sql.place));
            let record = sql.database.find(query, &parameter).await.map_err(told)?;
            let until = now() + sql.refresh.as_secs();
            Ok(record.map(|record| Found { record: Arc::new(record), until }))
        });
        asked.await.map_err(|e| StateError::new(e.to_string()))?
    }
}

/// The user of that login, without a gateway that runs.
///
/// # Errors
/// If a database does not answer.
pub fn find_user(providers: Vec<config::Provider>, login: &str) -> Result<Option<User>, StateError> {
    let background = Background::start().map_err(|e| StateError::new(e.to_string()))?;
    let (providers, login) = (Providers::new(providers, &background)?, login.to_owned());
    let found = background.wait(async move { providers.find(&login).await })??;
    Ok(found.map(|found| (&*found.record).into()))
}
