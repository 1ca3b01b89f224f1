//! What has to hold of the reader whatever it is given: it never panics, takes no more memory than a small multiple of its
//! input, and what it accepts it accepts once more, unchanged. `cargo fuzz` and proptest both come through here.

#![allow(clippy::unwrap_used)]

mod memory;
mod types;

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::json;
use wicketgate_spec::{
    Graph, TypeId,
    read::{Checked, Limits, PROBLEMS, Rejected, SoftValue, Target, envelope},
    schema::Compiler,
};

use types::Everything;

/// What strangers' input is read within.
const LIMITS: Limits = Limits { values: 10_000, text: 100_000 };

static GRAPH: LazyLock<(Graph, TypeId)> = LazyLock::new(|| {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.subschema_for::<Everything>().to_value();
    let root = json!({ "$defs": generator.take_definitions(true) });
    let mut compiler = Compiler::new(&root);
    let ty = compiler.add(&schema, "Everything");
    (compiler.finish().unwrap(), ty)
});

fn target() -> Target<'static> {
    let (graph, ty) = &*GRAPH;
    Target { limits: LIMITS, common: &["projectUid"], ..Target::new(graph, *ty, "params") }
}

/// Parameters in JSON.
pub fn json(input: &[u8]) {
    check(input.len(), |target| target.json(input));
}

/// Parameters in MsgPack.
pub fn msgpack(input: &[u8]) {
    check(input.len(), |target| target.msgpack(input));
}

/// A query: pairs are separated by `&`, names from texts by `=`.
pub fn soft(input: &[u8]) {
    let Ok(query) = std::str::from_utf8(input) else { return };
    let pairs = query.split('&').take(100).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let values: Vec<_> = pairs.map(|(name, text)| SoftValue { name: name.into(), texts: vec![text.into()] }).collect();
    check(input.len(), |target| target.soft(&values));
}

/// A whole message, in either format: what is in it is read as well.
pub fn message(input: &[u8]) {
    if let Ok(message) = envelope::json(input) {
        check(input.len(), |target| target.json_text(message.params));
    }
    if let Ok(message) = envelope::msgpack(input) {
        check(input.len(), |target| target.msgpack(message.params));
    }
}

fn check(length: usize, read: impl FnOnce(&Target<'_>) -> Result<Checked, Rejected>) {
    let target = target();
    let (result, peak) = memory::peak_of(|| read(&target));
    // What defaults add is bounded apart from the input; an object that comes before its tag is kept for a while.
    let most = (1 << 20) + 64 * length + (64 << 10);
    assert!(peak <= most, "{peak} bytes for {length} bytes of input");
    match result {
        Ok(Checked { value, .. }) => {
            let again = Target { limits: Limits::NONE, ..target }.msgpack(&value);
            assert_eq!(again.unwrap().value, value, "what was accepted is not accepted as it is");
            // The author's own type takes it, too.
            let mut deserializer = rmp_serde::Deserializer::from_read_ref(&value).with_human_readable();
            <Everything as serde::Deserialize>::deserialize(&mut deserializer).unwrap();
        }
        Err(Rejected::Malformed(text)) => assert!(!text.is_empty()),
        Err(Rejected::Problems { problems, .. }) => {
            assert!((1..=PROBLEMS).contains(&problems.len()));
            let told = |problem: &wicketgate_spec::read::Problem| problem.to_string().len();
            // A problem repeats little of what it is about.
            assert!(problems.iter().all(|problem| told(problem) < 100_000), "{problems:?}");
        }
    }
}
