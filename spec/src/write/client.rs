//! `client.js` and `client.d.ts`: a typed client in one ES module that needs nothing else.

use std::fmt::{self, Write};

use super::{
    names::Names,
    typescript::{Writer, comment},
};
use crate::{
    document::{Action, Command, ReplyKind, Verb},
    model::{Source, Type},
};

/// What all clients share: `spec/client/runtime.js` with its library, made by `make bundle`.
const RUNTIME: &str = include_str!("../../client/runtime.bundle.js");

/// Its types.
const RUNTIME_TYPES: &str = include_str!("../../client/runtime.d.ts");

/// The text of `client.js` for `actions`, in their order.
#[must_use]
pub fn client_js(actions: &[&Action]) -> String {
    let mut out = RUNTIME.to_owned();
    // Writing to a string can't fail.
    let _ = methods(&mut out, actions);
    out
}

/// The text of `client.d.ts` for `actions`, in their order.
#[must_use]
pub fn client_d_ts(actions: &[&Action]) -> String {
    let mut out = format!("// The types of client.js. Made by `make spec`; not to be edited.\n\n{RUNTIME_TYPES}");
    // Writing to a string can't fail.
    let _ = types(&mut out, actions);
    out
}

fn methods(out: &mut String, actions: &[&Action]) -> fmt::Result {
    writeln!(out, "\n// Made by `make spec` from the plugins' own types; not to be edited.\n")?;
    writeln!(out, "/** Calls the commands of a gateway. */\nexport class Client extends BaseClient {{")?;
    let commands = actions.iter().flat_map(|action| action.commands.iter().map(move |command| (action, command)));
    for (action, command) in commands {
        let call = match command.verb {
            Verb::Api => "post",
            Verb::Get => "get",
            Verb::Post | Verb::Http => "form",
        };
        let options = if is_raw(command) { "{ ...options, raw: true }" } else { "options" };
        let headers = headers(action, command);
        write!(out, "{}", comment(&command.doc, "  "))?;
        writeln!(out, "  {}(params, options) {{", command.name)?;
        writeln!(out, "    return this.{call}(\"{}\", params, {options}{headers});\n  }}\n", command.name)?;
    }
    // The last method is followed by an empty line that nobody needs.
    out.truncate(out.trim_end().len());
    writeln!(
        out,
        "\n}}\n\n/** The commands of the gateway that this page comes from. */\nexport const client = new Client();"
    )
}

fn types(out: &mut String, actions: &[&Action]) -> fmt::Result {
    let names = Names::all(actions);
    for (action, names) in actions.iter().zip(&names) {
        let sent = action.commands.iter().map(|command| (command.params, true));
        let got = action.commands.iter().flat_map(Command::values).map(|value| (value, false));
        let mut done = Vec::new();
        for (root, sent) in sent.chain(got) {
            let writer = Writer { graph: &action.graph, names, sent };
            for id in action.graph.named_within(root) {
                if !done.contains(&id) {
                    done.push(id);
                    writer.declaration(id).map_or(Ok(()), |declaration| write!(out, "\n{declaration}"))?;
                }
            }
        }
    }
    writeln!(out, "\n/** Calls the commands of a gateway. */\nexport class Client {{")?;
    writeln!(out, "  constructor(options?: ClientOptions);")?;
    for (action, names) in actions.iter().zip(&names) {
        let writer = Writer { graph: &action.graph, names, sent: true };
        for command in &action.commands {
            let optional = if needs_params(action, command) { "" } else { "?" };
            let params = sent(action, command, &writer);
            write!(out, "\n{}", comment(&command.doc, "  "))?;
            writeln!(
                out,
                "  {}(params{optional}: {params} & CommonParams, options?: CallOptions): Promise<{}>;",
                command.name,
                answer(command, &writer)
            )?;
        }
    }
    writeln!(out, "}}\n\n/** The commands of the gateway that this page comes from. */\nexport const client: Client;")
}

/// The parameters that are sent as headers, as an argument that names them.
fn headers(action: &Action, command: &Command) -> String {
    let Type::Object(object) = action.graph.get(command.params) else { return String::new() };
    let named = object.fields.iter().filter_map(|field| match &field.source {
        Some(Source::Header(name)) => Some(format!("{:?}: {name:?}", field.name)),
        _ => None,
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() { String::new() } else { format!(", {{ {} }}", named.join(", ")) }
}

/// The type of the parameters, without cookies: those are the browser's to send.
fn sent(action: &Action, command: &Command, writer: &Writer<'_>) -> String {
    let params = writer.ty(command.params, "  ");
    let Type::Object(object) = action.graph.get(command.params) else { return params };
    let cookies = object.fields.iter().filter(|field| matches!(field.source, Some(Source::Cookie(_))));
    let names: Vec<_> = cookies.map(|field| format!("{:?}", field.name)).collect();
    if names.is_empty() { params } else { format!("Omit<{params}, {}>", names.join(" | ")) }
}

/// Whether a reply goes to the caller as it is.
fn is_raw(command: &Command) -> bool {
    command.replies.iter().any(|reply| reply.is_success() && reply.is_raw())
}

fn answer(command: &Command, writer: &Writer<'_>) -> String {
    if is_raw(command) {
        return "Response".into();
    }
    let mut types: Vec<String> = Vec::new();
    for reply in command.replies.iter().filter(|reply| reply.is_success()) {
        let ty = match (reply.value, reply.kind) {
            (Some(value), _) => writer.ty(value, "  "),
            (None, ReplyKind::Text) => "string".into(),
            (None, _) => "void".into(),
        };
        if !types.contains(&ty) {
            types.push(ty);
        }
    }
    // Nothing but errors comes of it.
    if types.is_empty() { "never".into() } else { types.join(" | ") }
}

fn needs_params(action: &Action, command: &Command) -> bool {
    let Type::Object(object) = action.graph.get(command.params) else { return true };
    let mut fields = object.fields.iter().filter(|field| !matches!(field.source, Some(Source::Cookie(_))));
    fields.any(|field| field.is_required())
}
