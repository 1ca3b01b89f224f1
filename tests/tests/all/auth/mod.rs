//! Who calls: users, methods, sessions.

mod bad_credentials;
mod basic;
mod config;
mod crossing;
mod explain;
mod login;
mod plugins;
mod second_factor;
mod secrets;
mod sessions;
mod sql;
mod throttle;
mod tls;
mod token;
mod user_command;
