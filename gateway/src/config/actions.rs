//! Actions, of the application and of projects.

use std::collections::HashSet;

use wicketgate_spec::read::Target;

use super::{Access, ActionSpec, Place, Specs, raw::ACTION_KEYS, source::At, values::access};

/// A configured action.
pub struct Action {
    /// Where it stands.
    pub place: Place,
    /// Its spec.
    pub spec: ActionSpec,
    /// Its own rules.
    pub access: Access,
    /// Its own keys: checked, complete with defaults, in MsgPack.
    pub config: Vec<u8>,
}

/// Actions and rules under a name.
pub struct Project {
    /// The name that callers send as `projectUid`.
    pub uid: String,
    /// Who may use it.
    pub access: Access,
    /// Actions that come before those of the application.
    pub actions: Vec<Action>,
}

/// The projects of the configuration.
pub(super) fn projects(list: &At<'_, '_>, specs: Option<&Specs>, roles: Option<&[String]>) -> Vec<Project> {
    let mut uids = HashSet::new();
    let project = |at: At<'_, '_>| {
        let uid = at.key("uid").get::<String>().unwrap_or_default();
        if uid.is_empty() && at.key("uid").text().is_some() {
            at.key("uid").wrong("expected a name that is not empty: an empty `projectUid` means no project");
        } else if !uid.is_empty() && !uids.insert(uid.clone()) {
            at.key("uid").wrong(format!("there is another project `{uid}`"));
        }
        let actions = action_list(&at.key("actions"), specs, roles);
        Project { uid, access: access(&at.key("access"), roles), actions }
    };
    list.items().map(project).collect()
}

/// The actions in a list. Without specs there are none, but their rules are looked at.
pub(super) fn action_list(list: &At<'_, '_>, specs: Option<&Specs>, roles: Option<&[String]>) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for at in list.items() {
        let access = access(&at.key("access"), roles);
        let Some(spec) = specs.and_then(|specs| spec_of(&at, specs)) else { continue };
        if actions.iter().any(|other| other.spec.action.name == spec.action.name) {
            at.wrong(format!("the action `{}` is configured twice", spec.action.name));
            continue;
        }
        let (graph, ty) = (&spec.action.graph, spec.action.config);
        // A plugin must not depend on where the gateway was started.
        let base = std::path::absolute(at.base().join(".")).ok();
        let (base, problems) = (base.as_deref(), usize::MAX);
        let checked = at.read(Target { common: &ACTION_KEYS, problems, base, ..Target::new(graph, ty, "") });
        if let Some(checked) = checked {
            actions.push(Action { place: at.place(), spec, access, config: checked.value });
        }
    }
    actions
}

/// The spec that an action's `type` names.
fn spec_of(at: &At<'_, '_>, specs: &Specs) -> Option<ActionSpec> {
    let key = at.key("type");
    let Some(name) = key.text() else {
        key.wrong("the action's name is missing: `type = \"…\"`");
        return None;
    };
    let found = specs.find(name).cloned();
    if found.is_none() {
        let known: Vec<_> = specs.iter().map(|spec| format!("`{}`", spec.action.name)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        key.wrong(format!(
            "there is no spec of an action `{name}`; there are: {known}. Is its plugin in `plugins.dir`? Then run `wicketgate spec`"
        ));
    }
    found
}
