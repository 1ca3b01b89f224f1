//! `#[config]`, `#[params]` and `#[response]`: serde and schemars derives with this project's conventions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Expr, Fields, Path, Token, parse_quote, parse2};

use crate::{constraints, sources};

/// A type that is read from TOML.
pub(crate) fn config(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(args, item, |parsed| {
        let (item, marked) = (read(parsed), marked(parsed, &quote!(Config)));
        quote!(#item #marked)
    })
}

/// A type that is read from a caller. It may be answered with as well.
pub(crate) fn params(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(args, item, |parsed| {
        let mut parsed = parsed.clone();
        let wrong = sources::tell(&mut parsed).err().map(Error::into_compile_error);
        let (item, marked, response) = (read(&parsed), marked(&parsed, &quote!(Params)), response(&parsed));
        quote!(#wrong #item #marked #response)
    })
}

/// A type that is written to a caller.
pub(crate) fn written(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(args, item, |parsed| {
        let (conventions, response) = (conventions(parsed, false), response(parsed));
        quote! {
            #[derive(
                ::wicketgate_action::__private::serde::Serialize,
                ::wicketgate_action::__private::schemars::JsonSchema,
            )]
            #conventions
            #parsed
            #response
        }
    })
}

fn read(parsed: &DeriveInput) -> TokenStream {
    let (conventions, item, lost) = (conventions(parsed, true), with_aliases(parsed), constraints::lost(parsed));
    quote! {
        #lost
        // `Serialize` as well: schemars needs it to write a default into the schema.
        #[derive(
            ::wicketgate_action::__private::serde::Deserialize,
            ::wicketgate_action::__private::serde::Serialize,
            ::wicketgate_action::__private::schemars::JsonSchema,
        )]
        #conventions
        #item
    }
}

/// What makes a type what it is marked as.
fn marked(parsed: &DeriveInput, what: &TokenStream) -> TokenStream {
    let (name, (generics, arguments, bounds)) = (&parsed.ident, parsed.generics.split_for_impl());
    let predicates = bounds.map(|bounds| &bounds.predicates);
    quote! {
        impl #generics ::wicketgate_action::#what for #name #arguments
        where
            #name #arguments: ::wicketgate_action::__private::serde::de::DeserializeOwned
                + ::wicketgate_action::__private::schemars::JsonSchema
                + ::core::marker::Send
                + 'static,
            #predicates
        {
        }
    }
}

/// What makes a type an answer.
fn response(parsed: &DeriveInput) -> TokenStream {
    let (name, (generics, arguments, bounds)) = (&parsed.ident, parsed.generics.split_for_impl());
    let predicates = bounds.map(|bounds| &bounds.predicates);
    quote! {
        impl #generics ::wicketgate_action::Response for #name #arguments
        where
            #name #arguments: ::wicketgate_action::__private::serde::Serialize
                + ::wicketgate_action::__private::schemars::JsonSchema
                + ::core::marker::Send
                + 'static,
            #predicates
        {
            fn replies(
                generator: &mut ::wicketgate_action::__private::schemars::SchemaGenerator,
            ) -> ::std::vec::Vec<::wicketgate_action::ReplyInfo> {
                ::std::vec![::wicketgate_action::ReplyInfo::value::<Self>(generator)]
            }

            fn into_answer(
                self,
                format: ::wicketgate_action::__private::Format,
            ) -> ::wicketgate_action::Result<::wicketgate_action::Answer> {
                ::wicketgate_action::Answer::value(&self, format)
            }
        }
    }
}

fn expand(args: TokenStream, item: TokenStream, with: impl FnOnce(&DeriveInput) -> TokenStream) -> TokenStream {
    let parsed = parse2::<DeriveInput>(item.clone()).and_then(|parsed| match &parsed.data {
        Data::Union(_) => Err(Error::new_spanned(&parsed.ident, "mark a struct or an enum, not a union")),
        _ if !args.is_empty() => Err(Error::new_spanned(&args, "this attribute takes no arguments")),
        _ => Ok(parsed),
    });
    match parsed {
        Ok(parsed) => with(&parsed),
        // The item stays, so that the editor keeps completing it.
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#error #item)
        }
    }
}

/// The attributes that the author did not write: names in camelCase, and no unknown names where that is possible.
fn conventions(item: &DeriveInput, closed: bool) -> TokenStream {
    let transparent = has(&item.attrs, "transparent");
    let is_enum = matches!(item.data, Data::Enum(_));
    let camel = (!transparent && !has(&item.attrs, "rename_all")).then(|| quote!(rename_all = "camelCase",));
    let camel_fields =
        (is_enum && !has(&item.attrs, "rename_all_fields")).then(|| quote!(rename_all_fields = "camelCase",));
    // serde can't close a struct that flattens another; the gateway checks those by the schema alone.
    // Nor one that tells its variants apart by a tag, which would refuse what is flattened beside it.
    let tagged = is_enum && has(&item.attrs, "tag") && !has(&item.attrs, "content");
    let open =
        tagged || transparent || !has_named_fields(item) || flattens(item) || has(&item.attrs, "deny_unknown_fields");
    let deny = (closed && !open).then(|| quote!(deny_unknown_fields,));
    quote! {
        #[serde(crate = "::wicketgate_action::__private::serde", #camel #camel_fields #deny)]
        #[schemars(crate = "::wicketgate_action::__private::schemars")]
    }
}

/// Whether one of the serde attributes among `attrs` holds the word `option`.
fn has(attrs: &[Attribute], option: &str) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("serde")).any(|attr| {
        let mut found = false;
        // Only a look: what is malformed is serde's to report.
        let _ = each_option(attr, |name, _| found |= name.is_ident(option));
        found
    })
}

/// Shows each word of an attribute, with its value if it has one.
fn each_option(attr: &Attribute, mut seen: impl FnMut(&Path, Option<&Expr>)) -> syn::Result<()> {
    attr.parse_nested_meta(|meta| {
        let value = if meta.input.peek(Token![=]) { Some(meta.value()?.parse::<Expr>()?) } else { None };
        seen(&meta.path, value.as_ref());
        if meta.input.peek(syn::token::Paren) {
            meta.parse_nested_meta(|inner| inner.value()?.parse::<Expr>().map(drop))?;
        }
        Ok(())
    })
}

/// The item, with what serde knows and schemars does not: the other names of fields and variants.
fn with_aliases(item: &DeriveInput) -> DeriveInput {
    let mut item = item.clone();
    match &mut item.data {
        Data::Struct(data) => data.fields.iter_mut().for_each(|field| tell_aliases(&mut field.attrs)),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                tell_aliases(&mut variant.attrs);
                variant.fields.iter_mut().for_each(|field| tell_aliases(&mut field.attrs));
            }
        }
        Data::Union(_) => {}
    }
    item
}

fn tell_aliases(attrs: &mut Vec<Attribute>) {
    let mut aliases = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // Only a look: what is malformed is serde's to report.
        let _ = each_option(attr, |name, value| {
            if let (true, Some(Expr::Lit(alias))) = (name.is_ident("alias"), value) {
                aliases.push(alias.clone());
            }
        });
    }
    if !aliases.is_empty() {
        attrs.push(parse_quote!(#[schemars(extend("x-aliases" = [#(#aliases),*]))]));
    }
}

fn has_named_fields(item: &DeriveInput) -> bool {
    match &item.data {
        Data::Struct(data) => matches!(data.fields, Fields::Named(_)),
        Data::Enum(data) => data.variants.iter().any(|variant| matches!(variant.fields, Fields::Named(_))),
        Data::Union(_) => false,
    }
}

fn flattens(item: &DeriveInput) -> bool {
    let flatten = |fields: &Fields| fields.iter().any(|field| has(&field.attrs, "flatten"));
    match &item.data {
        Data::Struct(data) => flatten(&data.fields),
        Data::Enum(data) => data.variants.iter().any(|variant| flatten(&variant.fields)),
        Data::Union(_) => false,
    }
}
