//! What the gateway offers to a plugin.

/// The gateway, as `configure` sees it. An action that needs it later keeps a clone.
#[derive(Clone)]
pub struct Host {
    runtime: tokio::runtime::Handle,
}

impl Host {
    pub(crate) fn new(runtime: tokio::runtime::Handle) -> Self {
        Self { runtime }
    }

    /// This plugin's own tokio runtime, for background work. Its instances share it, and it ends with the last of them: a
    /// task that belongs to one instance has to end when that is dropped.
    #[must_use]
    pub fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }
}

/// The configuration of an action without keys of its own, and the parameters of a command without any.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

impl crate::Config for Empty {}

impl crate::Params for Empty {}
