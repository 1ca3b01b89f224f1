//! The code behind `#[action]`: the `Action` trait, the note and the exported descriptor.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::action::{Action, Handler};

/// Everything that follows the author's block.
pub(crate) fn glue(action: &Action) -> TokenStream {
    let Action { name, client, doc, this, config, handlers } = action;
    let commands = handlers.iter().map(|handler| command(client, handler));
    let exports = exports(name, this);
    quote! {
        const _: () = {
            use ::wicketgate_action::__private as sdk;

            impl ::wicketgate_action::Action for #this {
                type Config = #config;
                const NAME: &'static str = #name;
                const CLIENT: &'static str = #client;
                const DOC: &'static str = #doc;
                const COMMANDS: &'static [sdk::Command<Self>] = &[#(#commands),*];

                fn configure(
                    config: #config,
                    host: &::wicketgate_action::Host,
                ) -> ::wicketgate_action::Result<Self> {
                    <#this>::configure(config, host)
                }
            }

            #exports
        };
    }
}

fn command(client: &str, handler: &Handler) -> TokenStream {
    let Handler { method, doc, is_async, params, output, mounts } = handler;
    let (name, method_name) = (command_name(client, &method.to_string()), method.to_string());
    // At the author's method, so that "the future is not Send" points there.
    let run = if *is_async {
        quote_spanned! { method.span()=>
            sdk::run_async(call, move |request, params| async move { this.#method(&request, params).await })
        }
    } else {
        quote_spanned! { method.span()=>
            sdk::run_blocking(call, move |request, params| this.#method(&request, params))
        }
    };
    let mounts = mounts.iter().map(|(method, path)| quote!((#method, #path)));
    quote! {
        sdk::Command {
            info: sdk::CommandInfo::of::<#params, #output>(#name, #method_name, #doc, &[#(#mounts),*]),
            run: |this, call| #run,
        }
    }
}

fn exports(name: &str, this: &syn::Type) -> TokenStream {
    quote! {
        #[used]
        #[allow(unsafe_code)]
        #[unsafe(link_section = ".wicketgate")]
        static NOTE: sdk::Note =
            sdk::Note::new(#name, ::core::env!("CARGO_PKG_VERSION"), sdk::SDK_VERSION);

        #[allow(unsafe_code, non_upper_case_globals)]
        #[unsafe(no_mangle)]
        static wicketgate_plugin_v2: sdk::Descriptor = sdk::Descriptor {
            magic: sdk::MAGIC,
            abi_major: sdk::ABI_MAJOR,
            abi_minor: sdk::ABI_MINOR,
            size: ::core::mem::size_of::<sdk::Descriptor>() as u32,
            note: &NOTE,
            spec: sdk::spec::<#this>,
            init: sdk::init::<#this>,
            call: sdk::call::<#this>,
            shutdown: sdk::shutdown::<#this>,
        };
    }
}

/// `map` and `http_get_box` make `mapHttpGetBox`; the prefix `api_` is dropped.
pub(crate) fn command_name(client: &str, method: &str) -> String {
    let mut name = client.to_owned();
    for word in method.strip_prefix("api_").unwrap_or(method).split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}
