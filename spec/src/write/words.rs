//! Types in words, for the manual.

use crate::model::{Choice, Graph, Length, Text, Type, TypeId};

/// A type as a cell of a table says it, such as `list of int (1 to 5 items)`.
pub(super) fn words(graph: &Graph, id: TypeId) -> String {
    within_types(graph, id, &[])
}

/// The same, within types that have no section of their own: one that comes again is told by its name.
fn within_types(graph: &Graph, id: TypeId, outer: &[TypeId]) -> String {
    if let Some(named) = graph.named(id).filter(|_| has_section(graph, id) || outer.contains(&id)) {
        return named.name.clone();
    }
    let outer = [outer, &[id]].concat();
    let words = |graph: &Graph, id: TypeId| within_types(graph, id, &outer);
    match graph.get(id) {
        Type::List { item, length, unique } => {
            let what = if *unique { "set" } else { "list" };
            format!("{what} of {}{}", words(graph, *item), within(*length, "item", "items"))
        }
        Type::Tuple(items) => {
            let items: Vec<_> = items.iter().map(|item| words(graph, *item)).collect();
            format!("tuple of ({})", items.join(", "))
        }
        Type::Map { value, length, .. } => {
            format!("map of {}{}", words(graph, *value), within(*length, "entry", "entries"))
        }
        Type::Optional(inner) => format!("{} or null", words(graph, *inner)),
        Type::Union(union) => {
            union.branches.iter().map(|branch| words(graph, *branch)).collect::<Vec<_>>().join(" or ")
        }
        Type::Enum(choices) => values(choices),
        Type::Str(Text { length, pattern, format }) => {
            let format = format.map(|format| format!(", {}", format.words())).unwrap_or_default();
            let pattern = pattern.as_ref().map(|pattern| format!(", matching `{pattern}`")).unwrap_or_default();
            format!("str{format}{pattern}{}", within(*length, "character", "characters"))
        }
        // A width says as much as its bounds, and everybody knows it.
        Type::Int { min, max, step } => {
            let widths = [(i128::from(i64::MIN), i128::from(i64::MAX)), (i32::MIN.into(), i32::MAX.into())];
            let range = if widths.contains(&(*min, *max)) { String::new() } else { format!(" from {min} to {max}") };
            let step = if *step == 1 { String::new() } else { format!(", a multiple of {step}") };
            format!("int{range}{step}")
        }
        Type::Float(bounds) => {
            if bounds.min.or(bounds.max).is_some() {
                bounds.to_string()
            } else {
                "float".into()
            }
        }
        Type::Object(object) => {
            let fields: Vec<_> =
                object.fields.iter().map(|field| format!("`{}`: {}", field.name, words(graph, field.ty))).collect();
            format!("object of {}", fields.join(", "))
        }
        Type::Upload { max: Some(max) } => format!("file of at most {max} bytes"),
        Type::Any | Type::Bool | Type::Bytes | Type::Upload { .. } | Type::Variants(_) | Type::External(_) => {
            graph.get(id).kind().to_owned()
        }
    }
}

/// Whether the manual has a section for a type of its own.
pub(super) fn has_section(graph: &Graph, id: TypeId) -> bool {
    graph.named(id).is_some()
        && match graph.get(id) {
            Type::Object(_) | Type::Variants(_) | Type::External(_) => true,
            Type::Union(union) => union.branches.iter().any(|branch| matches!(graph.get(*branch), Type::External(_))),
            Type::Enum(choices) => choices.iter().any(|choice| !choice.doc.is_empty()),
            _ => false,
        }
}

fn values(choices: &[Choice]) -> String {
    choices.iter().map(|choice| format!("`{}`", choice.value)).collect::<Vec<_>>().join(", ")
}

fn within(length: Length, one: &'static str, many: &'static str) -> String {
    if length == Length::ANY { String::new() } else { format!(" ({})", length.of(one, many)) }
}
