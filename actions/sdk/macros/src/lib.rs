//! The attribute macros of `wicketgate-action`; documented there.

mod action;
mod constraints;
mod errors;
mod expand;
mod mounts;
mod replies;
mod sources;
mod types;

use proc_macro::TokenStream;

/// Marks the struct that an operator's TOML is read into: camelCase keys, unknown keys refused.
#[proc_macro_attribute]
pub fn config(args: TokenStream, item: TokenStream) -> TokenStream {
    types::config(args.into(), item.into()).into()
}

/// Marks the parameters of a command, and the structs and enums they are made of: camelCase names, unknown ones refused.
/// Such a type may be answered with as well, and be part of an answer.
///
/// `#[param(…)]` says where a field comes from: `path`, `query`, `header`, `cookie`, `form` or `body`. A header is called like the
/// field, with `-` for `_`, and a cookie like the field, unless they are named: `#[param(header = "X-Name")]`.
#[proc_macro_attribute]
pub fn params(args: TokenStream, item: TokenStream) -> TokenStream {
    types::params(args.into(), item.into()).into()
}

/// Marks the answer of a command, and the structs and enums it is made of: camelCase names.
#[proc_macro_attribute]
pub fn response(args: TokenStream, item: TokenStream) -> TokenStream {
    types::written(args.into(), item.into()).into()
}

/// Marks an enum whose variants are the replies of a command, each with its status: `#[reply(404)] Missing(String)` or, for
/// one without a body, `#[reply(204)] Empty`. What has a status of its own, such as `Created<Article>`, needs no attribute.
#[proc_macro_attribute]
pub fn replies(args: TokenStream, item: TokenStream) -> TokenStream {
    replies::attribute(args.into(), item.into()).into()
}

/// Makes the `impl` block of a type an action: `#[action(name = "example")]`, with `client = "…"` if its commands
/// shall start with another word than its name.
///
/// `#[mount(GET, "/{id}")]` before a command says where its author would have it mounted: below the path of a mount that an
/// operator makes with `use = "example"`.
#[proc_macro_attribute]
pub fn action(args: TokenStream, item: TokenStream) -> TokenStream {
    action::attribute(args.into(), item.into()).into()
}
