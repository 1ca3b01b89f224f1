//! Who calls: users, methods, sessions.

mod bad_credentials;
mod basic;
mod crossing;
mod login;
mod sessions;
mod throttle;
