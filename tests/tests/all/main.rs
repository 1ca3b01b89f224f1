//! Black-box tests: the real binary, real plugins, real sockets. One file per feature.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod body;
mod cli;
mod config;
mod destiny;
mod example;
mod malformed;
mod params_soft;
mod params_strict;
mod plugin_behaviour;
mod plugin_loading;
mod shutdown;
mod sites;
mod spec_command;
mod static_files;
mod threads;
mod webapp_errors;
