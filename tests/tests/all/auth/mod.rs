//! Who calls: users, methods, sessions.

mod bad_credentials;
mod basic;
mod crossing;
mod login;
mod second_factor;
mod sessions;
mod sql;
mod throttle;
mod tls;
mod token;
