//! What the reader of parameters is measured with: types, values, and three ways to read them.

use jsonschema::Validator;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use wicketgate_spec::{
    Graph, TypeId,
    read::{Target, envelope},
    schema::Compiler,
};

/// The parameters of `exampleHello`.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    color: String,
}

/// A command with its parameters, as serde reads it at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole<'r, T> {
    cmd: std::borrow::Cow<'r, str>,
    params: T,
}

/// Ten fields of different types.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ten {
    layer_uid: String,
    title: Option<String>,
    count: u32,
    #[schemars(range(min = 0.0, max = 1.0))]
    opacity: f64,
    visible: bool,
    bbox: Vec<f64>,
    mode: Mode,
    #[schemars(length(max = 20))]
    tags: Vec<String>,
    origin: Point,
    #[serde(default)]
    limit: i64,
}

/// One of three.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// the first
    Fast,
    /// the second
    Slow,
    /// the third
    Exact,
}

/// A place.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    x: f64,
    y: f64,
}

/// Long lists.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    floats: Vec<f64>,
    ints: Vec<i32>,
    words: Vec<String>,
}

/// Many objects.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Objects {
    features: Vec<Feature>,
}

/// One of them.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    uid: String,
    name: String,
    rank: u32,
    place: Point,
}

/// A value, and all that reads it.
pub struct Case {
    /// Its name in tables.
    pub name: &'static str,
    /// The value in JSON.
    pub json: Vec<u8>,
    /// The value in MsgPack.
    pub msgpack: Vec<u8>,
    graph: Graph,
    ty: TypeId,
    validator: Validator,
    /// Whether the value is a whole message.
    is_message: bool,
    decode: fn(&[u8]),
    from_json: fn(&[u8]),
    from_msgpack: fn(&[u8]),
}

/// A way to read a value.
pub type Way = fn(&Case);

/// What is compared, by name. The first is what the ratios are to.
pub const WAYS: [(&str, Way); 6] = [
    ("JSON: serde_json into the struct", |case| (case.from_json)(&case.json)),
    ("JSON: Value, jsonschema, MsgPack, decode", |case| case.by_tree(serde_json::from_slice(&case.json).unwrap())),
    ("JSON: reader, decode", |case| (case.decode)(&case.read_json())),
    ("MsgPack: rmp_serde into the struct", |case| (case.from_msgpack)(&case.msgpack)),
    ("MsgPack: Value, jsonschema, MsgPack, decode", |case| case.by_tree(rmp_serde::from_slice(&case.msgpack).unwrap())),
    ("MsgPack: reader, decode", |case| (case.decode)(&case.read_msgpack())),
];

impl Case {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let point = |n: i32| json!({"x": f64::from(n) * 1.25, "y": f64::from(n) * 2.5});
        let feature = |n: i32| json!({"uid": format!("feature{n}"), "name": "a name", "rank": n, "place": point(n)});
        let floats: Vec<f64> = (0..600).map(|n| f64::from(n) * 1.25).collect();
        let words: Vec<String> = (0..400).map(|n| format!("word{n}")).collect();
        vec![
            Self::message::<Hello>("exampleHello, the whole message", "exampleHello", &json!({"color": "blue"})),
            Self::new::<Hello>("exampleHello, its parameters alone", &json!({"color": "blue"})),
            Self::new::<Ten>(
                "ten fields",
                &json!({
                    "layerUid": "maps.test", "title": "A title", "count": 12, "opacity": 0.5, "visible": true,
                    "bbox": [11.5, 22.5, 33.5, 44.5], "mode": "exact", "tags": ["one", "two"], "origin": point(3), "limit": 100,
                }),
            ),
            Self::new::<Lists>(
                "10 KB of lists",
                &json!({"floats": floats, "ints": (0..500).collect::<Vec<_>>(), "words": words}),
            ),
            Self::new::<Objects>("10 KB of objects", &json!({"features": (0..120).map(feature).collect::<Vec<_>>()})),
        ]
    }

    fn new<T: DeserializeOwned + JsonSchema>(name: &'static str, value: &Value) -> Self {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let schema = generator.subschema_for::<T>().to_value();
        let root = json!({ "$defs": generator.take_definitions(true) });
        let mut compiler = Compiler::new(&root);
        let ty = compiler.add(&schema, name);
        let mut whole = schema.clone();
        whole["$defs"] = root["$defs"].clone();
        Self {
            name,
            json: serde_json::to_vec(value).unwrap(),
            msgpack: rmp_serde::to_vec_named(value).unwrap(),
            graph: compiler.finish().unwrap(),
            ty,
            validator: jsonschema::validator_for(&whole).unwrap(),
            is_message: false,
            decode: |bytes| drop(decoded::<T>(bytes)),
            from_json: |bytes| drop(std::hint::black_box(serde_json::from_slice::<T>(bytes).unwrap())),
            from_msgpack: |bytes| drop(std::hint::black_box(rmp_serde::from_slice::<T>(bytes).unwrap())),
        }
    }

    fn message<T: DeserializeOwned + JsonSchema>(name: &'static str, cmd: &str, params: &Value) -> Self {
        let whole = json!({"cmd": cmd, "params": params});
        Self {
            json: serde_json::to_vec(&whole).unwrap(),
            msgpack: rmp_serde::to_vec_named(&whole).unwrap(),
            is_message: true,
            from_json: |bytes| {
                let whole: Whole<'_, T> = serde_json::from_slice(bytes).unwrap();
                drop(std::hint::black_box((whole.cmd, whole.params)));
            },
            from_msgpack: |bytes| {
                let whole: Whole<'_, T> = rmp_serde::from_slice(bytes).unwrap();
                drop(std::hint::black_box((whole.cmd, whole.params)));
            },
            ..Self::new::<T>(name, params)
        }
    }

    fn by_tree(&self, value: Value) {
        let params = if self.is_message { &value["params"] } else { &value };
        assert!(self.validator.is_valid(params));
        (self.decode)(&rmp_serde::to_vec_named(params).unwrap());
    }

    /// Reads JSON as the gateway does, without decoding.
    #[must_use]
    pub fn read_json(&self) -> Vec<u8> {
        let target = Target::new(&self.graph, self.ty, "params");
        let read = if self.is_message {
            target.json_text(envelope::json(&self.json).unwrap().params)
        } else {
            target.json(&self.json)
        };
        read.unwrap().value
    }

    /// The same in MsgPack.
    #[must_use]
    pub fn read_msgpack(&self) -> Vec<u8> {
        let target = Target::new(&self.graph, self.ty, "params");
        let params = if self.is_message { envelope::msgpack(&self.msgpack).unwrap().params } else { &self.msgpack };
        target.msgpack(params).unwrap().value
    }
}

/// As the SDK reads it.
fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> T {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes).with_human_readable();
    std::hint::black_box(T::deserialize(&mut deserializer).unwrap())
}
