//! Wicketgate: a reverse-proxy gateway with action plugins.
//!
//! Two flows, each readable top to bottom in one function:
//!
//! 1. A request: [`front`] (site → path → rewrite → destiny) answers with a file, passes it on to another server, or hands
//!    a command to [`webapp`] (decode → identify → resolve → permit → read → call → reply).
//! 2. A start or a reload: [`config`] (files → one tree → resolved) → [`plugin`] (loaded, specs compared) → [`app`] → swap.
//!
//! Who knows whom: cli → app → front → webapp → {[`plugin`], [`auth`] → [`state`]} → config. No circles. [`notes`] is what `explain` listens by.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod front;
pub mod notes;
pub mod plugin;
pub mod state;
pub mod webapp;
