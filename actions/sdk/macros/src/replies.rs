//! `#[replies]`: an enum whose variants are the replies of a command.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitInt, Type, Variant, parse2};

use crate::errors::{Errors, doc};

/// A reply.
struct Reply {
    name: Ident,
    doc: String,
    /// `None`: that of its type.
    status: Option<u16>,
    /// `None`: it has no body.
    body: Option<Type>,
}

/// The expansion of `#[replies] item`.
pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut parsed = match parse2::<DeriveInput>(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let glue = match read(args, &parsed) {
        Ok(replies) => glue(&parsed, &replies),
        Err(error) => error.into_compile_error(),
    };
    if let Data::Enum(data) = &mut parsed.data {
        data.variants.iter_mut().for_each(|variant| variant.attrs.retain(|attr| !is_reply(attr)));
    }
    // The item stays, whatever is wrong with it, so that the editor keeps completing it.
    quote!(#parsed #glue)
}

fn read(args: TokenStream, item: &DeriveInput) -> syn::Result<Vec<Reply>> {
    let mut errors = Errors::default();
    if !args.is_empty() {
        errors.add(args, "this attribute takes no arguments");
    }
    let Data::Enum(data) = &item.data else {
        return Err(Error::new_spanned(&item.ident, "mark an enum: each of its variants is a reply"));
    };
    if data.variants.is_empty() {
        errors.add(&item.ident, "an enum without variants is no reply");
    }
    let replies = data.variants.iter().filter_map(|variant| errors.keep(reply(variant))).collect();
    errors.finish()?;
    Ok(replies)
}

fn reply(variant: &Variant) -> syn::Result<Reply> {
    let mut attrs = variant.attrs.iter().filter(|attr| is_reply(attr));
    let status = attrs.next().map(status).transpose()?;
    if let Some(second) = attrs.next() {
        return Err(Error::new_spanned(second, "a reply has one status"));
    }
    let body = match &variant.fields {
        Fields::Unit => None,
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first().map(|field| field.ty.clone()),
        fields => {
            let problem = "a reply holds one value, as in `Missing(String)`, or none; mark a struct with `#[response]`";
            return Err(Error::new_spanned(fields, problem));
        }
    };
    if body.is_none() && status.is_none() {
        return Err(Error::new_spanned(variant, "a reply without a body needs a status, such as `#[reply(204)]`"));
    }
    let has_body = body.as_ref().is_some_and(|body| !matches!(body, Type::Tuple(unit) if unit.elems.is_empty()));
    if let (Some(status @ (204 | 205 | 304)), true) = (status, has_body) {
        let problem = format!("a reply of status {status} has no body: write `{}` alone", variant.ident);
        return Err(Error::new_spanned(&variant.fields, problem));
    }
    Ok(Reply { name: variant.ident.clone(), doc: doc(&variant.attrs), status, body })
}

fn is_reply(attr: &Attribute) -> bool {
    attr.path().is_ident("reply")
}

fn status(attr: &Attribute) -> syn::Result<u16> {
    let usage = "write `#[reply(404)]`, with a status between 200 and 599";
    let status: LitInt = attr.parse_args().map_err(|_| Error::new_spanned(attr, usage))?;
    let number = status.base10_parse::<u16>().ok().filter(|status| (200..600).contains(status));
    number.ok_or_else(|| Error::new_spanned(status, usage))
}

fn glue(item: &DeriveInput, replies: &[Reply]) -> TokenStream {
    let (name, (generics, arguments, bounds)) = (&item.ident, item.generics.split_for_impl());
    let told = replies.iter().map(|Reply { doc, status, body, .. }| match (body, status) {
        (None, status) => quote!(all.push(::wicketgate_action::ReplyInfo::nothing(#status, #doc));),
        (Some(body), status) => {
            let status = option(*status);
            quote! {
                all.extend(
                    <#body as ::wicketgate_action::Response>::replies(generator)
                        .into_iter()
                        .map(|reply| reply.with(#status, #doc)),
                );
            }
        }
    });
    let written = replies.iter().map(|Reply { name, status, body, .. }| match (body, status) {
        (None, status) => {
            quote!(Self::#name => ::core::result::Result::Ok(::wicketgate_action::Answer::empty(#status)),)
        }
        (Some(_), None) => quote!(Self::#name(body) => ::wicketgate_action::Response::into_answer(body, format),),
        (Some(_), Some(status)) => quote! {
            Self::#name(body) => ::core::result::Result::Ok(
                ::wicketgate_action::Response::into_answer(body, format)?.with_status(#status),
            ),
        },
    });
    quote! {
        impl #generics ::wicketgate_action::Response for #name #arguments #bounds {
            fn replies(
                generator: &mut ::wicketgate_action::__private::schemars::SchemaGenerator,
            ) -> ::std::vec::Vec<::wicketgate_action::ReplyInfo> {
                let mut all = ::std::vec::Vec::new();
                #(#told)*
                all
            }

            fn into_answer(
                self,
                format: ::wicketgate_action::__private::Format,
            ) -> ::wicketgate_action::Result<::wicketgate_action::Answer> {
                match self {
                    #(#written)*
                }
            }
        }

        impl #generics ::core::convert::From<#name #arguments> for ::wicketgate_action::Error #bounds {
            fn from(reply: #name #arguments) -> Self {
                Self::raise(reply)
            }
        }
    }
}

fn option(status: Option<u16>) -> TokenStream {
    match status {
        Some(status) => quote!(::core::option::Option::Some(#status)),
        None => quote!(::core::option::Option::None),
    }
}
