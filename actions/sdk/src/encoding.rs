//! How values cross the boundary: MsgPack inwards, MsgPack or JSON outwards.
//!
//! Types that have a text form, such as UUIDs and IP addresses, use it in both, as their schemas say; bytes are themselves in
//! MsgPack, and base64 in JSON.

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::ser::{Formatter, Serializer};

/// Reads a value that the gateway has checked.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, rmp_serde::decode::Error> {
    T::deserialize(&mut rmp_serde::Deserializer::from_read_ref(bytes).with_human_readable())
}

/// A value as MsgPack, structs as maps.
pub(crate) fn msgpack<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    let mut out = Vec::with_capacity(128);
    value.serialize(&mut rmp_serde::Serializer::new(&mut out).with_struct_map().with_human_readable())?;
    Ok(out)
}

/// A value as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(128);
    value.serialize(&mut Serializer::with_formatter(&mut out, Base64))?;
    Ok(out)
}

/// Compact JSON, with bytes in base64.
struct Base64;

impl Formatter for Base64 {
    fn write_byte_array<W: ?Sized + Write>(&mut self, writer: &mut W, value: &[u8]) -> io::Result<()> {
        write!(writer, "\"{}\"", STANDARD.encode(value))
    }
}
