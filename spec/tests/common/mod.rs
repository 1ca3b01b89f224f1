//! Reads values by the schemas of Rust types.

#![allow(dead_code, unreachable_pub)]

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};
use wicketgate_spec::{
    Graph, TypeId,
    read::{Checked, Limits, Rejected, SoftValue, Target},
    schema::Compiler,
};

/// What becomes of a value.
pub enum Case {
    /// This is written.
    Good(Value),
    /// The problems begin with this.
    Bad(&'static str),
}

/// The graph of a type.
pub fn graph<T: JsonSchema>() -> (Graph, TypeId) {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.subschema_for::<T>().to_value();
    let root = json!({ "$defs": generator.take_definitions(true) });
    let mut compiler = Compiler::new(&root);
    let ty = compiler.add(&schema, "Test");
    (compiler.finish().unwrap(), ty)
}

fn read<T: JsonSchema>(with: impl FnOnce(&Target<'_>) -> Result<Checked, Rejected>) -> Result<Vec<u8>, String> {
    let (graph, ty) = graph::<T>();
    with(&Target::new(&graph, ty, "")).map(|checked| checked.value).map_err(|rejected| rejected.to_string())
}

fn value(bytes: &[u8]) -> Value {
    rmp_serde::from_slice(bytes).unwrap()
}

/// Reads JSON.
pub fn json<T: JsonSchema>(input: &[u8]) -> Result<Value, String> {
    read::<T>(|target| target.json(input)).map(|bytes| value(&bytes))
}

/// Reads JSON; what is written.
pub fn json_bytes<T: JsonSchema>(input: &[u8]) -> Result<Vec<u8>, String> {
    read::<T>(|target| target.json(input))
}

/// Reads JSON within limits.
pub fn limited<T: JsonSchema>(input: &[u8], limits: Limits) -> Result<Value, String> {
    read::<T>(|target| Target { limits, ..*target }.json(input)).map(|bytes| value(&bytes))
}

/// Reads MsgPack.
pub fn msgpack<T: JsonSchema>(input: &[u8]) -> Result<Value, String> {
    read::<T>(|target| target.msgpack(input)).map(|bytes| value(&bytes))
}

/// Reads MsgPack; what is written.
pub fn msgpack_bytes<T: JsonSchema>(input: &[u8]) -> Result<Vec<u8>, String> {
    read::<T>(|target| target.msgpack(input))
}

/// Reads a query; what is written.
pub fn soft_bytes<T: JsonSchema>(pairs: &[(&str, &str)]) -> Result<Vec<u8>, String> {
    let values: Vec<_> =
        pairs.iter().map(|(name, text)| SoftValue { name: (*name).into(), texts: vec![(*text).into()] }).collect();
    read::<T>(|target| target.soft(&values))
}

/// Reads a query.
pub fn soft<T: JsonSchema>(pairs: &[(&str, &str)]) -> Result<Value, String> {
    soft_bytes::<T>(pairs).map(|bytes| value(&bytes))
}

/// Reads each value as JSON and as MsgPack, which must agree, and what is written once more, which must not change.
pub fn check<T: JsonSchema>(cases: &[(Value, Case)]) {
    for (input, case) in cases {
        let packed = rmp_serde::to_vec(input).unwrap();
        let (text, binary) = (json::<T>(input.to_string().as_bytes()), msgpack::<T>(&packed));
        assert_eq!(text, binary, "{input}");
        match (text, case) {
            (Ok(got), Case::Good(expected)) => {
                assert_eq!(got, *expected, "{input}");
                let written = read::<T>(|target| target.msgpack(&packed)).unwrap();
                assert_eq!(read::<T>(|target| target.msgpack(&written)).unwrap(), written, "{input}");
            }
            (Err(told), Case::Bad(expected)) => {
                assert!(told.starts_with(expected), "{input}: {told}\ninstead of {expected}")
            }
            (got, Case::Good(_)) => panic!("{input} is good, but: {got:?}"),
            (got, Case::Bad(expected)) => panic!("{input} is bad, {expected}, but: {got:?}"),
        }
    }
}
