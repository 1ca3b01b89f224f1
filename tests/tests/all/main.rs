//! Black-box tests: the real binary, real plugins, real sockets. One file per feature.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod body;
mod call;
mod call_limit;
mod check;
mod cli;
mod client_folder;
mod config;
mod destiny;
mod error_pages;
mod example;
mod explain;
mod fallback;
mod hand_over;
mod include;
mod malformed;
mod params_soft;
mod params_strict;
mod plugin_behaviour;
mod plugin_loading;
mod reload;
mod replies;
mod rewrite;
mod security_headers;
mod shutdown;
mod sites;
mod spec_command;
mod static_files;
mod streams;
mod threads;
mod tls;
mod trusted_proxies;
mod upstream;
mod webapp_errors;
