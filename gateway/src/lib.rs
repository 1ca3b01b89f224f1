//! Wicketgate: a reverse-proxy gateway with action plugins.
//!
//! Two flows, each readable top to bottom in one function:
//!
//! 1. A request: [`front`] (site → path → destiny) answers with a file, or hands a command to [`webapp`]
//!    (decode → resolve → permit → read → call → reply).
//! 2. A start: [`config`] (file → raw → resolved) → [`plugin`] (loaded, specs compared) → [`app`].
//!
//! Who knows whom: cli → app → front → webapp → plugin → config. No circles.

pub mod app;
pub mod cli;
pub mod config;
pub mod front;
pub mod plugin;
pub mod webapp;
