//! Where users are looked for: files, which are read with the configuration, and databases.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{
    AnyPool, Column, Row, TypeInfo, ValueRef,
    any::{AnyPoolOptions, AnyRow},
};

use crate::{
    config::{self, UserRecord},
    state::{Background, Seconds, StateError, now},
};

/// How many connections one database may have.
const CONNECTIONS: u32 = 4;

/// How long a database may take.
const PATIENCE: Duration = Duration::from_secs(5);

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
    pool: AnyPool,
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
                        if let Err(e) = sql.ask(query, "").await {
                            tracing::warn!("users can't be looked for ({}): {e}", sql.place);
                        }
                    }
                });
            }
        }
    }

    /// The user of that login: the first provider that knows one decides.
    pub(super) async fn find(&self, login: &str) -> Result<Option<Found>, StateError> {
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
            let record = sql.ask(query, &parameter).await;
            let told = |e| StateError::new(format!("users can't be looked for ({}): {e}", sql.place));
            record.map_err(told).map(|record: Option<UserRecord>| {
                let until = now() + sql.refresh.as_secs();
                record.map(|record| Found { record: Arc::new(record), until })
            })
        });
        asked.await.map_err(|e| StateError::new(e.to_string()))?
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
        sqlx::any::install_default_drivers();
        let options = AnyPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
        let pool = options.connect_lazy(&sql.url)?;
        let config::Sql { place, query, token_query, refresh, .. } = sql;
        Ok(Self { place, pool, query, token_query, refresh })
    }

    async fn ask(&self, query: &str, parameter: &str) -> Result<Option<UserRecord>, StateError> {
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(parameter);
        let asked = tokio::time::timeout(PATIENCE, query.fetch_optional(&self.pool)).await;
        let row = asked.map_err(|_| StateError::new(format!("the database is silent for {PATIENCE:?}")))??;
        row.map(|row| record(&row)).transpose()
    }
}

/// A row as a user. Columns that mean nothing here are attributes.
fn record(row: &AnyRow) -> Result<UserRecord, StateError> {
    let mut user = UserRecord::default();
    for (index, column) in row.columns().iter().enumerate() {
        let value = value(row, index).map_err(|e| {
            let (name, ty) = (column.name(), column.type_info());
            StateError::new(format!("the column `{name}` ({}) can't be read: {e}; cast it to text", ty.name()))
        })?;
        let text = || match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match column.name() {
            _ if value.is_null() => {}
            "login" => user.login = text(),
            "display_name" => user.display_name = text(),
            "roles" => user.roles = text().split([',', ' ']).filter(|r| !r.is_empty()).map(str::to_owned).collect(),
            "password" => user.password = Some(text()),
            "totp" => user.totp = Some(text()),
            name => drop(user.attributes.insert(name.to_owned(), value)),
        }
    }
    if user.login.is_empty() {
        return Err(StateError::new("the query gives no column `login`, or an empty one"));
    }
    if user.display_name.is_empty() {
        user.display_name.clone_from(&user.login);
    }
    Ok(user)
}

fn value(row: &AnyRow, index: usize) -> Result<Value, sqlx::Error> {
    if row.try_get_raw(index)?.is_null() {
        return Ok(Value::Null);
    }
    let text = row.try_get::<String, _>(index).map(Value::from);
    let number = |_| row.try_get::<i64, _>(index).map(Value::from);
    let float = |_| row.try_get::<f64, _>(index).map(Value::from);
    text.or_else(number).or_else(float).or_else(|_| row.try_get::<bool, _>(index).map(Value::from))
}

/// What of a user must stay as it is for those who are logged in: another password ends their sessions.
pub(super) fn mark(record: &UserRecord) -> String {
    let hash = Sha256::digest(record.password.as_deref().unwrap_or_default());
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Attributes of a map.
pub(super) type Attributes = BTreeMap<String, Value>;
