//! `#[action]`: reads the author's `impl` block and says at its own lines what is wrong with it.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Error, Expr, ExprLit, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Lit, LitStr, MetaNameValue, ReceiverKind,
    ReturnType, Token, Type, parse::Parser, parse2, punctuated::Punctuated, spanned::Spanned,
};

use crate::{
    errors::{Errors, doc},
    expand, mounts,
};

/// What the attribute and the block say.
pub(crate) struct Action {
    pub(crate) name: String,
    pub(crate) client: String,
    pub(crate) doc: String,
    pub(crate) this: Type,
    pub(crate) config: Type,
    pub(crate) handlers: Vec<Handler>,
}

/// A method that answers a command.
pub(crate) struct Handler {
    pub(crate) method: Ident,
    pub(crate) doc: String,
    pub(crate) is_async: bool,
    pub(crate) params: Type,
    pub(crate) output: Type,
    /// Methods and paths of `#[mount(GET, "/{id}")]`.
    pub(crate) mounts: Vec<(String, String)>,
}

/// The expansion of `#[action(args)] item`.
pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut block = match parse2::<ItemImpl>(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let glue = match read(args, &block) {
        Ok(action) => expand::glue(&action),
        Err(error) => error.into_compile_error(),
    };
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item {
            method.attrs.retain(|attr| !mounts::is_mount(attr));
        }
    }
    // The block stays, whatever is wrong with it, so that the editor keeps completing it.
    quote!(#block #glue)
}

fn read(args: TokenStream, block: &ItemImpl) -> syn::Result<Action> {
    let mut errors = Errors::default();
    if let Some((path, _)) = &block.trait_ {
        errors.add(path, "`#[action]` marks an inherent `impl` block, not one of a trait");
    }
    if !block.generics.params.is_empty() {
        errors.add(&block.generics, "an action can't be generic: the gateway makes it by name");
    }
    let (name, client) = errors.keep(names(args)).unwrap_or_default();
    let methods = || block.items.iter().filter_map(|item| if let ImplItem::Fn(f) = item { Some(f) } else { None });
    let config = methods().find(|method| method.sig.ident == "configure").map(config_type);
    let config = match config {
        Some(config) => errors.keep(config),
        None => {
            errors.add(&block.self_ty, "missing `fn configure(config: Config, host: &Host) -> Result<Self>`");
            None
        }
    };
    for method in methods().filter(|method| !is_command(method)) {
        errors.keep(mounts::refuse(&method.attrs));
    }
    let handlers: Vec<Handler> =
        methods().filter_map(|method| handler(method).and_then(|read| errors.keep(read))).collect();
    let mut names = std::collections::HashMap::new();
    for handler in &handlers {
        let command = expand::command_name(&client, &handler.method.to_string());
        if let Some(other) = names.insert(command.clone(), &handler.method) {
            errors.add(&handler.method, &format!("this is the command `{command}`, and `{other}` is it as well"));
        }
    }
    // One that is wrong has been told of, and one that is mounted was meant to be one.
    let is_meant = |method: &ImplItemFn| is_command(method) || mounts::refuse(&method.attrs).is_err();
    if !methods().any(is_meant) {
        errors.add(
            &block.self_ty,
            "no command: name a method `api_…` (JSON and MsgPack), `http_get_…` (GET) or `http_post_…` (forms)",
        );
    }
    errors.finish()?;
    let config = config.ok_or_else(|| Error::new(Span::call_site(), "no configuration"))?;
    Ok(Action { name, client, doc: doc(&block.attrs), this: (*block.self_ty).clone(), config, handlers })
}

/// Reads `name = "…"` and `client = "…"`.
fn names(args: TokenStream) -> syn::Result<(String, String)> {
    let usage = "write `#[action(name = \"example\")]`, optionally with `client = \"…\"`";
    let (mut name, mut client) = (None, None);
    let span = args.span();
    for pair in Punctuated::<MetaNameValue, Token![,]>::parse_terminated.parse2(args)? {
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else {
            return Err(Error::new_spanned(&pair.value, "a string is expected here"));
        };
        let slot = if pair.path.is_ident("name") {
            &mut name
        } else if pair.path.is_ident("client") {
            &mut client
        } else {
            return Err(Error::new_spanned(&pair.path, usage));
        };
        *slot = Some(camel_case(text)?);
    }
    let name = name.ok_or_else(|| Error::new(span, usage))?;
    let client = client.unwrap_or_else(|| name.clone());
    Ok((name, client))
}

fn camel_case(text: &LitStr) -> syn::Result<String> {
    let value = text.value();
    let starts = value.starts_with(|c: char| c.is_ascii_lowercase());
    if starts && value.chars().all(|c| c.is_ascii_alphanumeric()) && value.len() < 64 {
        return Ok(value);
    }
    Err(Error::new_spanned(text, "a name is camelCase: a small letter, then letters and digits, 63 at most"))
}

fn config_type(method: &ImplItemFn) -> syn::Result<Type> {
    let usage = "write `fn configure(config: Config, host: &Host) -> Result<Self>`";
    if let Some(token) = &method.sig.asyncness {
        return Err(Error::new_spanned(token, "`configure` is a plain `fn`; use `host.runtime()` for what must wait"));
    }
    let mut arguments = method.sig.inputs.iter();
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(FnArg::Typed(config)), Some(FnArg::Typed(_)), None) => Ok((*config.ty).clone()),
        _ => Err(Error::new_spanned(&method.sig, usage)),
    }
}

/// The handler that a method is; `None` for a private method.
fn handler(method: &ImplItemFn) -> Option<syn::Result<Handler>> {
    is_command(method).then(|| signature(method))
}

fn is_command(method: &ImplItemFn) -> bool {
    let name = method.sig.ident.to_string();
    name.starts_with("api_") || name.starts_with("http_")
}

fn signature(method: &ImplItemFn) -> syn::Result<Handler> {
    let usage = "a command is `async fn NAME(&self, req: &Request, p: Params) -> Result<Response>`, or the same as a plain `fn`";
    let mut arguments = method.sig.inputs.iter();
    let (Some(FnArg::Receiver(this)), Some(FnArg::Typed(request)), Some(FnArg::Typed(params)), None) =
        (arguments.next(), arguments.next(), arguments.next(), arguments.next())
    else {
        return Err(Error::new_spanned(&method.sig, usage));
    };
    if !matches!(this.kind, ReceiverKind::Reference(_, _, None)) {
        return Err(Error::new_spanned(this, "a command borrows the action as `&self`: calls run side by side"));
    }
    if !matches!(*request.ty, Type::Reference(_)) {
        return Err(Error::new_spanned(&request.ty, "this is `&Request`"));
    }
    let ReturnType::Type(_, output) = &method.sig.output else {
        return Err(Error::new_spanned(&method.sig, usage));
    };
    Ok(Handler {
        method: method.sig.ident.clone(),
        doc: doc(&method.attrs),
        is_async: method.sig.asyncness.is_some(),
        params: (*params.ty).clone(),
        output: (**output).clone(),
        mounts: mounts::read(&method.attrs)?,
    })
}
