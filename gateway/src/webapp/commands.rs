//! The table of commands, built once from the specs: names are looked up, never taken apart.

use std::{collections::HashMap, sync::Arc};

use wicketgate_spec::{Action, Command as CommandSpec};

use super::{WebError, decode::Command, error::shortened};
use crate::{config::Access, plugin::Instance};

/// All commands of all generated specs.
#[derive(Default)]
pub struct Commands(HashMap<String, Entry>);

/// An action that the configuration asks for.
#[derive(Clone)]
pub struct Configured {
    /// Its own rules.
    pub access: Access,
    /// The plugin, configured.
    pub instance: Arc<Instance>,
}

struct Entry {
    action: Arc<Action>,
    index: usize,
    configured: Option<Configured>,
}

/// A command that can be called.
pub(super) struct Target<'c> {
    pub(super) action: &'c Action,
    /// Place of the command in the action's spec.
    pub(super) index: usize,
    pub(super) configured: &'c Configured,
}

/// Two actions have a command of the same name.
#[derive(Debug, thiserror::Error)]
#[error("the command `{command}` is in both `{first}` and `{second}`; rename one, or give its action another `client`")]
pub struct DuplicateCommand {
    command: String,
    first: String,
    second: String,
}

impl Commands {
    /// Adds the commands of `action`. Without a configuration they are known, but not available.
    ///
    /// # Errors
    /// If one of them is already there.
    pub fn add(&mut self, action: &Arc<Action>, configured: Option<&Configured>) -> Result<(), DuplicateCommand> {
        for (index, command) in action.commands.iter().enumerate() {
            let entry = Entry { action: action.clone(), index, configured: configured.cloned() };
            if let Some(other) = self.0.insert(command.name.clone(), entry) {
                let (first, second) = (other.action.name.clone(), action.name.clone());
                return Err(DuplicateCommand { command: command.name.clone(), first, second });
            }
        }
        Ok(())
    }

    /// Finds the command that was asked for.
    pub(super) fn resolve(&self, command: &Command<'_>) -> Result<Target<'_>, WebError> {
        let name = &command.name;
        let unknown = || WebError::not_found(format!("there is no command {:?}", shortened(name)));
        let entry = self.0.get(name.as_ref()).ok_or_else(unknown)?;
        let verb = entry.action.commands[entry.index].verb;
        if verb != command.verb {
            return Err(WebError::not_found(format!("the command `{name}` does not answer this method")));
        }
        let missing = || WebError::not_found(format!("the command `{name}` is not available here"));
        let configured = entry.configured.as_ref().ok_or_else(missing)?;
        Ok(Target { action: &entry.action, index: entry.index, configured })
    }
}

impl Target<'_> {
    pub(super) fn command(&self) -> &CommandSpec {
        &self.action.commands[self.index]
    }
}
