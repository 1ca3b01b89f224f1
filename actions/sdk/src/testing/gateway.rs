//! What a handler finds in place of a gateway.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Deserialize;
use serde_json::json;

use crate::{Bytes, Error, encoding, gateway::Services};

/// A session in memory, and what the test has permitted.
#[derive(Default)]
pub(super) struct TestGateway {
    pub(super) session: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(super) permitted: Mutex<Vec<String>>,
    pub(super) guest: AtomicBool,
}

impl Services for TestGateway {
    fn serve(&self, name: &str, params: &[u8]) -> Result<Vec<u8>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Params {
            name: String,
            value: Bytes,
            command: String,
        }
        const NIL: u8 = 0xc0;
        let Params { name: key, value, command } =
            if matches!(name, "user.logout" | "request.head") { Params::default() } else { encoding::read(params)? };
        match name {
            "session.get" => return Ok(locked(&self.session).get(&key).cloned().unwrap_or_else(|| vec![NIL])),
            "session.set" if self.guest.load(Ordering::Relaxed) => {
                return Err(Error::new(403, "there is no session to keep this in: log in first"));
            }
            "session.set" => drop(locked(&self.session).insert(key, value.to_vec())),
            "session.delete" => drop(locked(&self.session).remove(&key)),
            "request.head" => return Ok(encoding::msgpack(&json!({"method": "POST", "path": "/_"}))?),
            "user.permit" => return Ok(encoding::msgpack(&locked(&self.permitted).contains(&command))?),
            "user.logout" => locked(&self.session).clear(),
            _ => return Err(Error::new(501, format!("a test has no `{name}`"))),
        }
        Ok(vec![NIL])
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
