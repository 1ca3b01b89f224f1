//! Sessions in SQLite.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use tokio::sync::Mutex;

use super::{Seconds, SessionKey, SessionStore, StateError, StoredSession};

/// What a new database begins with; `user_version` counts changes of it.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS session (
        key BLOB PRIMARY KEY, login TEXT NOT NULL, mark TEXT NOT NULL, tries INTEGER,
        created INTEGER NOT NULL, used INTEGER NOT NULL, data BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS session_used ON session (used);
    CREATE INDEX IF NOT EXISTS session_login ON session (login, used);
    CREATE TABLE IF NOT EXISTS secret (id INTEGER PRIMARY KEY CHECK (id = 1), value BLOB NOT NULL);
    INSERT OR IGNORE INTO secret (id, value) VALUES (1, randomblob(32));
    CREATE TABLE IF NOT EXISTS second_factor (login TEXT PRIMARY KEY, step INTEGER NOT NULL) WITHOUT ROWID;
    PRAGMA user_version = 1;
";

/// The version of [`SCHEMA`].
const VERSION: i64 = 1;

/// One connection: what is asked for seldom needs no more, and what is written is written in order.
pub struct Embedded(Mutex<SqliteConnection>);

/// Why the database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its folder or file can't be made.
    #[error("{0} can't be made: {1}")]
    Io(PathBuf, io::Error),
    /// It is damaged, or no database.
    #[error("{0} can't be used: {1}; move it away, and all sessions are begun anew")]
    Sql(PathBuf, sqlx::Error),
    /// A later gateway has made it.
    #[error("{0} is of a later version of the gateway; move it away, and all sessions are begun anew")]
    Version(PathBuf),
}

impl Embedded {
    /// Opens the database below the gateway's own folder, and makes it if it is missing. Nobody else can read it.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let path = data_dir.join("state.db");
        make(&path).map_err(|e| OpenError::Io(path.clone(), e))?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            // A power failure may cost the last moments, but never the database.
            .synchronous(SqliteSynchronous::Normal)
            .disable_statement_logging();
        let failed = |e| OpenError::Sql(path.clone(), e);
        let mut connection = options.connect().await.map_err(failed)?;
        let version: i64 =
            sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await.map_err(failed)?;
        if version > VERSION {
            return Err(OpenError::Version(path));
        }
        sqlx::raw_sql(SCHEMA).execute(&mut connection).await.map_err(failed)?;
        Ok(Self(Mutex::new(connection)))
    }
}

/// What SQLite makes beside the file has the file's permissions.
fn make(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

#[async_trait]
impl SessionStore for Embedded {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StateError> {
        let query = sqlx::query("SELECT login, mark, tries, created, used, data FROM session WHERE key = ?");
        let row = query.bind(&key[..]).fetch_optional(&mut *self.0.lock().await).await?;
        row.map(|row| read(&row)).transpose()
    }

    async fn insert(&self, key: &SessionKey, session: &StoredSession) -> Result<(), StateError> {
        let query = "INSERT INTO session (key, login, mark, tries, created, used, data) VALUES (?, ?, ?, ?, ?, ?, ?)";
        let query = sqlx::query(query).bind(&key[..]).bind(&session.login).bind(&session.mark).bind(session.tries);
        let query = query.bind(signed(session.created)).bind(signed(session.used)).bind(data(session)?);
        query.execute(&mut *self.0.lock().await).await?;
        Ok(())
    }

    async fn update(&self, key: &SessionKey, session: &StoredSession) -> Result<(), StateError> {
        let query = sqlx::query("UPDATE session SET tries = ?, data = ? WHERE key = ?");
        let query = query.bind(session.tries).bind(data(session)?).bind(&key[..]);
        query.execute(&mut *self.0.lock().await).await?;
        Ok(())
    }

    async fn touch(&self, used: &[(SessionKey, Seconds)]) -> Result<(), StateError> {
        let mut connection = self.0.lock().await;
        let mut transaction = connection.begin().await?;
        for (key, used) in used {
            let query = sqlx::query("UPDATE session SET used = max(used, ?) WHERE key = ?");
            query.bind(signed(*used)).bind(&key[..]).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn remove(&self, key: &SessionKey) -> Result<(), StateError> {
        let query = sqlx::query("DELETE FROM session WHERE key = ?").bind(&key[..]);
        query.execute(&mut *self.0.lock().await).await?;
        Ok(())
    }

    async fn purge(&self, since: Seconds, limit: usize) -> Result<Vec<SessionKey>, StateError> {
        let query = "DELETE FROM session WHERE used < ?1 OR key IN (SELECT key FROM session ORDER BY used DESC LIMIT -1 OFFSET ?2) RETURNING key";
        let query = sqlx::query(query).bind(signed(since)).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(keys(&query.fetch_all(&mut *self.0.lock().await).await?))
    }

    async fn trim(&self, login: &str, keep: usize) -> Result<Vec<SessionKey>, StateError> {
        let query = "DELETE FROM session WHERE key IN (SELECT key FROM session WHERE login = ?1 ORDER BY used DESC LIMIT -1 OFFSET ?2) RETURNING key";
        let query = sqlx::query(query).bind(login).bind(i64::try_from(keep).unwrap_or(i64::MAX));
        Ok(keys(&query.fetch_all(&mut *self.0.lock().await).await?))
    }

    async fn secret(&self) -> Result<[u8; 32], StateError> {
        let query = sqlx::query_scalar("SELECT value FROM secret");
        let value: Vec<u8> = query.fetch_one(&mut *self.0.lock().await).await?;
        value.try_into().map_err(|_| StateError::new("the secret of the sessions is damaged"))
    }

    async fn claim_step(&self, login: &str, step: u64) -> Result<bool, StateError> {
        let query = "INSERT INTO second_factor (login, step) VALUES (?, ?) \
                     ON CONFLICT (login) DO UPDATE SET step = excluded.step WHERE excluded.step > step";
        let query = sqlx::query(query).bind(login).bind(signed(step));
        Ok(query.execute(&mut *self.0.lock().await).await?.rows_affected() > 0)
    }
}

fn keys(rows: &[SqliteRow]) -> Vec<SessionKey> {
    let key = |row: &SqliteRow| row.try_get::<&[u8], _>(0).ok()?.try_into().ok();
    rows.iter().filter_map(key).collect()
}

fn read(row: &SqliteRow) -> Result<StoredSession, StateError> {
    let unsigned = |value: i64| u64::try_from(value).unwrap_or_default();
    Ok(StoredSession {
        login: row.try_get("login")?,
        mark: row.try_get("mark")?,
        tries: row.try_get("tries")?,
        created: unsigned(row.try_get("created")?),
        used: unsigned(row.try_get("used")?),
        data: rmp_serde::from_slice(row.try_get("data")?).map_err(|e| StateError(e.to_string()))?,
    })
}

fn data(session: &StoredSession) -> Result<Vec<u8>, StateError> {
    rmp_serde::to_vec(&session.data).map_err(|e| StateError(e.to_string()))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
