//! The message `{cmd, params}`: its syntax is checked, and `params` is found, not read.

use std::{borrow::Cow, sync::LazyLock};

use rmp::{Marker, decode};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What a message holds.
#[derive(Debug)]
pub struct Message<'r, P> {
    /// The command's name; an empty one is none.
    pub cmd: Option<Cow<'r, str>>,
    /// Its parameters, unread: to be read by [`super::Target`].
    pub params: P,
}

/// Why something is no message, for whoever sent it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoMessage(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'r> {
    /// Empty if it is not given.
    #[serde(borrow, default)]
    cmd: Cow<'r, str>,
    #[serde(borrow, default = "no_params")]
    params: &'r RawValue,
}

fn no_params<'r>() -> &'r RawValue {
    static EMPTY: LazyLock<Box<RawValue>> = LazyLock::new(|| RawValue::from_string("{}".into()).unwrap_or_default());
    &EMPTY
}

/// The message in a JSON body.
///
/// # Errors
/// If it is none. Entries beside `cmd` and `params`, and two of a kind, are refused.
pub fn json(body: &[u8]) -> Result<Message<'_, &str>, NoMessage> {
    // serde would take a list for a struct.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(NoMessage("the body is no JSON object {cmd, params}".into()));
    }
    let broken = |told: String| NoMessage(format!("the body is no JSON object {{cmd, params}}: {told}"));
    // Once for all: then no text has to be looked at by itself.
    let body = std::str::from_utf8(body).map_err(|e| broken(format!("this is no UTF-8: {e}")))?;
    let envelope: Envelope<'_> = serde_json::from_str(body).map_err(|e| broken(told(&e)))?;
    Ok(Message { cmd: Some(envelope.cmd).filter(|cmd| !cmd.is_empty()), params: envelope.params.get() })
}

/// The message in a MsgPack body.
///
/// # Errors
/// As for [`json`].
pub fn msgpack(body: &[u8]) -> Result<Message<'_, &[u8]>, NoMessage> {
    const EMPTY_MAP: &[u8] = &[0x80];
    let broken = || NoMessage("the body is no complete MsgPack map {cmd, params}".into());
    let mut rest = body;
    let entries = decode::read_map_len(&mut rest).map_err(|_| broken())?;
    let (mut name, mut params) = (None, None);
    for _ in 0..entries {
        let (key, after_key) = decode::read_str_from_slice(rest).map_err(|_| broken())?;
        let after = skip(after_key).ok_or_else(broken)?;
        let value = &after_key[..after_key.len() - after.len()];
        match key {
            "cmd" if name.is_none() => {
                let text = decode::read_str_from_slice(value)
                    .map_err(|_| NoMessage("the body is no MsgPack map {cmd, params}: `cmd` is no text".into()))?;
                name = Some(Cow::Borrowed(text.0));
            }
            "params" if params.is_none() => params = Some(value),
            "cmd" | "params" => return Err(NoMessage(format!("the body has `{key}` twice"))),
            other => return Err(unknown(other)),
        }
        rest = after;
    }
    if !rest.is_empty() {
        return Err(NoMessage("the body goes on after its MsgPack map".into()));
    }
    let cmd = name.filter(|name: &Cow<'_, str>| !name.is_empty());
    Ok(Message { cmd, params: params.unwrap_or(EMPTY_MAP) })
}

/// What serde says of a body. It repeats the names it does not know, which may be as long as the body.
fn told(error: &serde_json::Error) -> String {
    let told = error.to_string();
    if told.len() <= 200 {
        told
    } else {
        format!("{} at line {} column {}", shortened(&told), error.line(), error.column())
    }
}

fn unknown(key: &str) -> NoMessage {
    NoMessage(format!("the body has an unknown entry {:?}; it consists of `cmd` and `params`", shortened(key)))
}

/// A stranger's text, cut to what an error should repeat of it.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What follows the first MsgPack value of `bytes`; `None` if the value is incomplete. Lengths are claims of a stranger:
/// they are counted down, never allocated for.
fn skip(mut bytes: &[u8]) -> Option<&[u8]> {
    let mut pending = 1_u64;
    while pending > 0 {
        pending -= 1;
        let (marker, rest) = bytes.split_first()?;
        bytes = rest;
        let length = |bytes: &mut &[u8], width: usize| -> Option<u64> {
            let (head, rest) = bytes.split_at_checked(width)?;
            *bytes = rest;
            Some(head.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)))
        };
        // Bytes to step over, and values inside.
        let (payload, values) = match Marker::from_u8(*marker) {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => (0, 0),
            Marker::U8 | Marker::I8 => (1, 0),
            Marker::U16 | Marker::I16 | Marker::FixExt1 => (2, 0),
            Marker::U32 | Marker::I32 | Marker::F32 => (4, 0),
            Marker::U64 | Marker::I64 | Marker::F64 => (8, 0),
            Marker::FixExt2 => (3, 0),
            Marker::FixExt4 => (5, 0),
            Marker::FixExt8 => (9, 0),
            Marker::FixExt16 => (17, 0),
            Marker::FixStr(length) => (u64::from(length), 0),
            Marker::Str8 | Marker::Bin8 => (length(&mut bytes, 1)?, 0),
            Marker::Str16 | Marker::Bin16 => (length(&mut bytes, 2)?, 0),
            Marker::Str32 | Marker::Bin32 => (length(&mut bytes, 4)?, 0),
            Marker::Ext8 => (length(&mut bytes, 1)? + 1, 0),
            Marker::Ext16 => (length(&mut bytes, 2)? + 1, 0),
            Marker::Ext32 => (length(&mut bytes, 4)? + 1, 0),
            Marker::FixArray(length) => (0, u64::from(length)),
            Marker::Array16 => (0, length(&mut bytes, 2)?),
            Marker::Array32 => (0, length(&mut bytes, 4)?),
            Marker::FixMap(length) => (0, 2 * u64::from(length)),
            Marker::Map16 => (0, 2 * length(&mut bytes, 2)?),
            Marker::Map32 => (0, 2 * length(&mut bytes, 4)?),
            Marker::Reserved => return None,
        };
        bytes = bytes.split_at_checked(usize::try_from(payload).ok()?)?.1;
        pending += values;
    }
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn skip_steps_over_exactly_one_value() {
        let value = serde_json::json!({"a": [1, -5, 1.5, null, true, "x".repeat(300)], "b": {"c": vec![70_000; 20]}});
        let mut bytes = rmp_serde::to_vec(&value).unwrap();
        let whole = bytes.len();
        bytes.extend(b"rest");
        assert_eq!(skip(&bytes), Some(&b"rest"[..]));
        for end in 0..whole {
            assert_eq!(skip(&bytes[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn claimed_lengths_cost_nothing() {
        assert_eq!(skip(&[0xdd, 0xff, 0xff, 0xff, 0xff, 0xdf, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(skip(&[0xc6, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(skip(&[0xc1]), None);
    }
}
