//! Types as TypeScript.

use std::fmt::Write;

use super::names::Names;
use crate::model::{Field, Graph, Object, Presence, Source, Text, Type, TypeId};

/// Writes the types of one graph.
pub(super) struct Writer<'a> {
    pub(super) graph: &'a Graph,
    pub(super) names: &'a Names,
    /// Whether this is what callers send; what they get is complete with defaults.
    pub(super) sent: bool,
}

impl Writer<'_> {
    /// The declaration of a named type.
    pub(super) fn declaration(&self, id: TypeId) -> Option<String> {
        let (name, named) = (self.names.get(id)?, self.graph.named(id)?);
        let doc = comment(&named.doc, "");
        Some(match self.graph.get(id) {
            Type::Object(object) => format!("{doc}export interface {name} {}\n", self.object(object, "")),
            _ => format!("{doc}export type {name} ={};\n", spaced(&self.body(id, ""))),
        })
    }

    /// A type: its name, if it has one.
    pub(super) fn ty(&self, id: TypeId, indent: &str) -> String {
        self.names.get(id).map_or_else(|| self.body(id, indent), str::to_owned)
    }

    fn body(&self, id: TypeId, indent: &str) -> String {
        match self.graph.get(id) {
            Type::Any => "unknown".into(),
            Type::Bool => "boolean".into(),
            Type::Int { .. } | Type::Float(_) => "number".into(),
            Type::Str(Text { .. }) => "string".into(),
            Type::Bytes => "Bytes".into(),
            Type::Upload { .. } => "Blob".into(),
            Type::List { item, .. } => format!("Array<{}>", self.ty(*item, indent)),
            Type::Tuple(items) => {
                format!("[{}]", items.iter().map(|item| self.ty(*item, indent)).collect::<Vec<_>>().join(", "))
            }
            Type::Map { key, value, .. } => {
                let value = self.ty(*value, indent);
                // Not `Record`, which may not refer to itself.
                match self.graph.get(*key) {
                    Type::Enum(_) => format!("{{ [name in {}]?: {value} }}", self.ty(*key, indent)),
                    Type::Int { .. } => format!("{{ [name: number]: {value} }}"),
                    _ => format!("{{ [name: string]: {value} }}"),
                }
            }
            Type::Optional(inner) => format!("{} | null", self.ty(*inner, indent)),
            Type::Object(object) => self.object(object, indent),
            Type::Enum(_) | Type::Variants(_) | Type::External(_) | Type::Union(_) => {
                one_of(&self.alternatives(id, &format!("{indent}  ")), indent)
            }
        }
    }

    /// What a type that is one of several may be, each with its doc.
    fn alternatives(&self, id: TypeId, indent: &str) -> Vec<(String, String)> {
        match self.graph.get(id) {
            Type::Enum(choices) => {
                choices.iter().map(|choice| (choice.doc.clone(), choice.value.to_string())).collect()
            }
            Type::Variants(variants) => {
                let variants = variants.variants.iter();
                variants.map(|variant| (variant.doc.clone(), self.object(&variant.object, indent))).collect()
            }
            Type::External(object) => {
                let branch = |field: &Field| format!("{{ {}: {} }}", property(&field.name), self.ty(field.ty, indent));
                object.fields.iter().map(|field| (field.doc.clone(), branch(field))).collect()
            }
            Type::Union(union) => {
                let is_named = |branch: &TypeId| self.names.get(*branch).is_some();
                let several = |branch: &TypeId| match is_named(branch) {
                    true => vec![(String::new(), self.ty(*branch, indent))],
                    false => self.alternatives(*branch, indent),
                };
                union.branches.iter().flat_map(several).collect()
            }
            _ => vec![(String::new(), self.body(id, indent))],
        }
    }

    fn object(&self, object: &Object, indent: &str) -> String {
        if object.fields.is_empty() && object.rest.is_none() {
            return "{}".into();
        }
        let inner = format!("{indent}  ");
        let mut text = String::from("{\n");
        for field in &object.fields {
            let is_needed = if self.sent { matches!(field.presence, Presence::Required) } else { field.always };
            let optional = if is_needed { "" } else { "?" };
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "{}{inner}{}{optional}: {};",
                comment(&self.about(field), &inner),
                property(&field.name),
                self.ty(field.ty, &inner)
            );
        }
        if let Some(rest) = object.rest {
            // TypeScript wants the named properties to be of that type as well, which they are not.
            let _ = writeln!(text, "{inner}/** others: {} */\n{inner}[name: string]: unknown;", self.ty(rest, &inner));
        }
        text.push_str(indent);
        text.push('}');
        text
    }

    /// A field's doc, its default, and whether it is still to be used.
    fn about(&self, field: &Field) -> String {
        let mut text = field.doc.clone();
        if let (true, Presence::Default { value, .. }) = (self.sent, &field.presence) {
            let _ = write!(text, "\n@default {value}");
        }
        if let (true, Some(Source::Header(name))) = (self.sent, &field.source) {
            let _ = write!(text, "\nsent as the header `{name}`");
        }
        for example in &field.examples {
            let _ = write!(text, "\n@example {example}");
        }
        if field.deprecated {
            text.push_str("\n@deprecated");
        }
        text.trim().to_owned()
    }
}

/// After an equals sign: in the same line, unless the text begins with a new one.
fn spaced(text: &str) -> String {
    if text.starts_with('\n') { text.to_owned() } else { format!(" {text}") }
}

/// Several types, in lines of their own if they have docs.
fn one_of(branches: &[(String, String)], indent: &str) -> String {
    if branches.iter().all(|(doc, _)| doc.is_empty()) {
        return branches.iter().map(|(_, ty)| ty.as_str()).collect::<Vec<_>>().join(" | ");
    }
    let inner = format!("{indent}  ");
    branches.iter().map(|(doc, ty)| format!("\n{}{inner}| {ty}", comment(doc, &inner))).collect()
}

/// A doc comment, in lines of its own.
pub(super) fn comment(doc: &str, indent: &str) -> String {
    let doc = doc.replace("*/", "*\\/");
    let lines: Vec<_> = doc.lines().collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: String =
                lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

/// The name of a property, quoted where it has to be.
fn property(name: &str) -> String {
    let plain = !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    if plain && !name.is_empty() { name.to_owned() } else { format!("{name:?}") }
}
