//! Who calls: users, methods, sessions.

mod login;
mod sessions;
