//! A database of users, asked by the operator's own query.

use std::time::Duration;

use serde_json::Value;
use sqlx::{
    Column, ColumnIndex, Decode, PgPool, Row, SqlitePool, Type, TypeInfo, ValueRef,
    postgres::{PgPoolOptions, PgRow, PgTypeKind},
    sqlite::{SqlitePoolOptions, SqliteRow},
};

use crate::{
    config::{UserRecord, split_roles},
    state::StateError,
};

/// How many connections one database may have.
const CONNECTIONS: u32 = 4;

/// How long a database may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// A database. Nothing is connected to before it is asked.
pub(super) enum Database {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Database {
    /// The database of that URL. Within a runtime, which then has its connections.
    ///
    /// # Errors
    /// If the URL makes no sense.
    pub(super) fn new(url: &str) -> Result<Self, sqlx::Error> {
        if url.starts_with("sqlite:") {
            let options = SqlitePoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
            return options.connect_lazy(url).map(Self::Sqlite);
        }
        let options = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
        options.connect_lazy(url).map(Self::Postgres)
    }

    /// The user that the query finds for its one parameter.
    ///
    /// # Errors
    /// If there is no answer in time, or none that is a user.
    pub(super) async fn find(&self, query: &str, parameter: &str) -> Result<Option<UserRecord>, StateError> {
        let query = sqlx::AssertSqlSafe(query);
        let answer = async {
            match self {
                Self::Postgres(pool) => {
                    let row = sqlx::query(query).bind(parameter).fetch_optional(pool).await?;
                    row.map(|row| record(&row, postgres)).transpose()
                }
                Self::Sqlite(pool) => {
                    let row = sqlx::query(query).bind(parameter).fetch_optional(pool).await?;
                    row.map(|row| record(&row, sqlite)).transpose()
                }
            }
        };
        let silent = |_| StateError::new(format!("the database is silent for {PATIENCE:?}"));
        tokio::time::timeout(PATIENCE, answer).await.map_err(silent)?
    }
}

/// A row as a user. Columns that mean nothing here are attributes.
fn record<R: Row>(row: &R, value: fn(&R, usize) -> Result<Value, sqlx::Error>) -> Result<UserRecord, StateError>
where
    usize: ColumnIndex<R>,
{
    let mut user = UserRecord::default();
    for (index, column) in row.columns().iter().enumerate() {
        let (name, ty) = (column.name(), column.type_info().name());
        let wrong = |e| StateError::new(format!("the column `{name}` ({ty}) can't be read: {e}; cast it to text"));
        let value = if row.try_get_raw(index)?.is_null() { Value::Null } else { value(row, index).map_err(wrong)? };
        match name {
            _ if value.is_null() => {}
            "login" => user.login = text(value),
            "display_name" => user.display_name = text(value),
            "roles" => user.roles = roles(value),
            "password" => user.password = Some(text(value)),
            "totp" => user.totp = Some(text(value)),
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

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A list, or a text with commas.
fn roles(value: Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        other => split_roles(&text(other)),
    }
}

fn get<'r, R: Row, T>(row: &'r R, index: usize) -> Result<Value, sqlx::Error>
where
    usize: ColumnIndex<R>,
    T: Decode<'r, R::Database> + Type<R::Database> + Into<Value>,
{
    row.try_get::<T, _>(index).map(Into::into)
}

fn postgres(row: &PgRow, index: usize) -> Result<Value, sqlx::Error> {
    let column = row.column(index).type_info();
    match column.name() {
        "BOOL" => get::<_, bool>(row, index),
        "INT2" => get::<_, i16>(row, index),
        "INT4" => get::<_, i32>(row, index),
        "INT8" => get::<_, i64>(row, index),
        "FLOAT4" => get::<_, f32>(row, index),
        "FLOAT8" => get::<_, f64>(row, index),
        "JSON" | "JSONB" => row.try_get(index),
        "TEXT[]" | "VARCHAR[]" | "NAME[]" => get::<_, Vec<String>>(row, index),
        _ if matches!(column.kind(), PgTypeKind::Enum(_)) => row.try_get_unchecked::<String, _>(index).map(Into::into),
        _ => get::<_, String>(row, index),
    }
}

/// Types are those of values, but what a column is called counts for what is true or false.
fn sqlite(row: &SqliteRow, index: usize) -> Result<Value, sqlx::Error> {
    if row.column(index).type_info().name() == "BOOLEAN" {
        return get::<_, bool>(row, index);
    }
    let value = row.try_get_raw(index)?;
    match value.type_info().name() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(index).map(Into::into),
        "REAL" => row.try_get_unchecked::<f64, _>(index).map(Into::into),
        _ => row.try_get_unchecked::<String, _>(index).map(Into::into),
    }
}
