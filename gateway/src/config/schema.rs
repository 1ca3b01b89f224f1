//! The raw types as a type graph, to read files by.

use std::sync::LazyLock;

use serde_json::{Value, json};
use wicketgate_spec::{Graph, TypeId, read::Target, schema::Compiler};

use super::raw;

/// The types that are read as a whole.
pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::compile);

/// The type graph, and where the types are in it.
pub(super) struct Schema {
    pub(super) graph: Graph,
    pub(super) config: TypeId,
    pub(super) server: TypeId,
    pub(super) plugins: TypeId,
    pub(super) users: TypeId,
    pub(super) mount: TypeId,
}

impl Schema {
    /// # Panics
    /// If a raw type uses what the reader can't check: seen by whoever changes one, in any test.
    #[allow(clippy::panic)]
    fn compile() -> Self {
        let (root, schemas) = document();
        let mut compiler = Compiler::new(&root);
        let [config, server, plugins, users, mount] =
            [("Config", 0), ("Server", 1), ("Plugins", 2), ("Users", 3), ("Mount", 4)]
                .map(|(name, i)| compiler.add(&schemas[i], name));
        match compiler.finish() {
            Ok(graph) => Self { graph, config, server, plugins, users, mount },
            Err(errors) => panic!("the configuration's own types: {errors:?}"),
        }
    }

    /// What to read a value of that type by. An operator gets to know all problems.
    pub(super) fn target(&self, ty: TypeId) -> Target<'_> {
        Target { problems: usize::MAX, ..Target::new(&self.graph, ty, "") }
    }
}

/// The JSON Schemas, and the document that their references lead into.
pub(super) fn document() -> (Value, [Value; 5]) {
    let mut generator = schemars::SchemaGenerator::default();
    let schemas = [
        generator.subschema_for::<raw::Config>().to_value(),
        generator.subschema_for::<raw::Server>().to_value(),
        generator.subschema_for::<raw::Plugins>().to_value(),
        generator.subschema_for::<raw::Users>().to_value(),
        generator.subschema_for::<raw::Mount>().to_value(),
    ];
    (json!({ "$defs": generator.take_definitions(true) }), schemas)
}
