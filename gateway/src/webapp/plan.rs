//! Who answers which command: built once from specs and configuration. Names are looked up, never taken apart.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use wicketgate_spec::{Action, Asked, Command as CommandSpec, Type, Verb, read::Lookup};

use super::{
    WebError,
    decode::{Command, Way},
    error::shortened,
    permit,
};
use crate::{
    auth::User,
    config::{Access, Place},
};

/// All commands of all generated specs, and where they are configured.
pub struct Plan {
    commands: HashMap<String, Entry>,
    /// The numbers of the actions, by name.
    actions: HashMap<String, usize>,
    access: Access,
    application: Vec<Option<Assignment>>,
    projects: HashMap<String, Project>,
}

/// An action that is configured somewhere.
#[derive(Clone)]
pub struct Assignment {
    /// Where.
    pub place: Place,
    /// Its own rules.
    pub access: Access,
    /// The number of the plugin's instance.
    pub instance: usize,
}

struct Entry {
    action: Arc<Action>,
    /// The action's number.
    number: usize,
    /// The command's place in the action's spec.
    index: usize,
    /// Where its parameters are at `/_`, by [`Asked`].
    lookups: [Option<Vec<Lookup>>; 3],
    /// What it takes of a form, if it takes one.
    form: Option<Arc<FormSpec>>,
}

/// What a command takes of a form in parts.
pub(super) struct FormSpec {
    /// Its files.
    pub(super) files: Vec<FileSpec>,
    /// All names of all other fields.
    fields: Vec<String>,
}

/// A file of a form.
pub(super) struct FileSpec {
    /// The field, and what else it may be called.
    pub(super) names: Vec<String>,
    /// The most bytes.
    pub(super) max: Option<usize>,
    /// How many there may be of this name.
    pub(super) most: usize,
}

impl FormSpec {
    fn of(action: &Action, command: &CommandSpec) -> Option<Arc<Self>> {
        let Type::Object(object) = action.graph.get(command.params) else { return None };
        let (mut files, mut fields) = (Vec::new(), Vec::new());
        for field in &object.fields {
            let names: Vec<_> = [&field.name].into_iter().chain(&field.aliases).cloned().collect();
            match (action.graph.uploads(field.ty), action.graph.get(field.ty)) {
                (Some(Type::Upload { max }), Type::List { length, .. }) => {
                    files.push(FileSpec { names, max: *max, most: length.max });
                }
                (Some(Type::Upload { max }), _) => files.push(FileSpec { names, max: *max, most: 1 }),
                _ => fields.extend(names),
            }
        }
        (!files.is_empty()).then(|| Arc::new(Self { files, fields }))
    }

    /// The file of that name, in whatever case, by its place.
    pub(super) fn file(&self, name: &str) -> Option<usize> {
        self.files.iter().position(|file| file.names.iter().any(|own| own.eq_ignore_ascii_case(name)))
    }

    /// Whether another field has that name.
    pub(super) fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

struct Project {
    access: Access,
    actions: Vec<Option<Assignment>>,
}

/// A command that can be called, if the caller may.
pub(super) struct Target<'p> {
    pub(super) action: &'p Action,
    /// Place of the command in the action's spec.
    pub(super) index: usize,
    lookups: &'p [Option<Vec<Lookup>>; 3],
    pub(super) assignment: &'p Assignment,
    /// The rules that are asked, one after the other.
    pub(super) rules: [Option<&'p Access>; 3],
    /// The project, if the request names one.
    pub(super) project: Option<&'p str>,
}

/// Two actions have a command of the same name.
#[derive(Debug, thiserror::Error)]
#[error("the command `{command}` is in both `{first}` and `{second}`; rename one, or give its action another `client`")]
pub struct DuplicateCommand {
    command: String,
    first: String,
    second: String,
}

impl Plan {
    /// A plan in which the commands of `actions` are known, but none is available yet. `access` is asked when all other
    /// rules say nothing.
    ///
    /// # Errors
    /// If two of them have a command of the same name.
    pub fn new<'a>(actions: impl Iterator<Item = &'a Arc<Action>>, access: Access) -> Result<Self, DuplicateCommand> {
        let (mut commands, mut numbers) = (HashMap::new(), HashMap::new());
        for (number, action) in actions.enumerate() {
            numbers.insert(action.name.clone(), number);
            for (index, command) in action.commands.iter().enumerate() {
                let lookups = [Asked::Api, Asked::Get, Asked::Form].map(|asked| action.lookups(command, asked));
                let form = FormSpec::of(action, command);
                let entry = Entry { action: action.clone(), number, index, lookups, form };
                if let Some(other) = commands.insert(command.name.clone(), entry) {
                    let (first, second) = (other.action.name.clone(), action.name.clone());
                    return Err(DuplicateCommand { command: command.name.clone(), first, second });
                }
            }
        }
        let application = vec![None; numbers.len()];
        Ok(Self { commands, actions: numbers, access, application, projects: HashMap::new() })
    }

    /// Makes an action of the application available.
    pub fn assign(&mut self, action: &str, assignment: Assignment) {
        if let Some(number) = self.actions.get(action) {
            self.application[*number] = Some(assignment);
        }
    }

    /// Adds a project with the actions that it has for itself.
    pub fn add_project<'a>(
        &mut self,
        uid: String,
        access: Access,
        actions: impl Iterator<Item = (&'a str, Assignment)>,
    ) {
        let mut own = vec![None; self.actions.len()];
        for (name, assignment) in actions {
            if let Some(number) = self.actions.get(name) {
                own[*number] = Some(assignment);
            }
        }
        self.projects.insert(uid, Project { access, actions: own });
    }

    /// Finds what was asked for: the command, then the project, then the action in it or else in the application.
    pub(super) fn resolve(&self, command: &Command<'_>, user: &User) -> Result<Target<'_>, WebError> {
        let entry = self.entry(&command.name, command.way)?;
        // Without a body, a command that takes none of a URL has no parameters.
        let verb = entry.action.commands[entry.index].verb;
        let project = command.project.as_deref().filter(|_| !(matches!(command.way, Way::Empty) && verb == Verb::Api));
        let project = project.map(|uid| self.project(uid, user)).transpose()?;
        self.target(entry, project)
    }

    /// Whether somebody may use a command, in a project if one is named; false if there is no such command or project.
    #[must_use]
    pub fn permits(&self, name: &str, project: Option<&str>, user: &User) -> bool {
        let Some(entry) = self.commands.get(name) else { return false };
        let project = project.map(|uid| self.project(uid, user)).transpose();
        let target = project.and_then(|project| self.target(entry, project));
        target.is_ok_and(|target| permit::decide(&target.rules, user))
    }

    /// The commands that are available in the application, or that a project has for itself or from there; by name.
    pub fn commands(&self, project: Option<&str>) -> impl Iterator<Item = &str> {
        let project = project.and_then(|uid| self.projects.get(uid));
        let own = move |number: usize| project.is_some_and(|project| project.actions[number].is_some());
        let available = move |entry: &Entry| self.application[entry.number].is_some() || own(entry.number);
        let mut names: Vec<_> =
            self.commands.iter().filter(|(_, entry)| available(entry)).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.into_iter()
    }

    fn target<'p>(&'p self, entry: &'p Entry, project: Option<(&'p str, &'p Project)>) -> Result<Target<'p>, WebError> {
        let name = &entry.action.commands[entry.index].name;
        let own = project.and_then(|(_, project)| Some((project, project.actions[entry.number].as_ref()?)));
        let (assignment, inherited) = match own {
            Some((project, assignment)) => (assignment, Some(&project.access)),
            None => {
                let missing = || WebError::not_found(format!("the command `{name}` is not available here"));
                (self.application[entry.number].as_ref().ok_or_else(missing)?, None)
            }
        };
        let rules = [Some(&assignment.access), inherited, Some(&self.access)];
        let project = project.map(|(uid, _)| uid);
        let Entry { action, index, lookups, .. } = entry;
        Ok(Target { action, index: *index, lookups, assignment, rules, project })
    }

    /// Whether the user could use the command, in the application or in some project.
    pub(super) fn admit(&self, name: &str, way: Way<'_>, user: &User) -> Result<(), WebError> {
        let entry = self.entry(name, way)?;
        let mut found = false;
        let application = self.application[entry.number].iter().map(|own| (own, None));
        let projects = self.projects.values();
        let projects =
            projects.filter_map(|project| Some((project.actions[entry.number].as_ref()?, Some(&project.access))));
        for (own, inherited) in application.chain(projects) {
            found = true;
            if permit::decide(&[Some(&own.access), inherited, Some(&self.access)], user) {
                return Ok(());
            }
        }
        if found {
            Err(permit::refusal(name))
        } else {
            Err(WebError::not_found(format!("the command `{name}` is not available here")))
        }
    }

    /// What a command takes of a form in parts; `None` if it takes no files.
    pub(super) fn form(&self, name: &str) -> Option<Arc<FormSpec>> {
        self.commands.get(name)?.form.clone()
    }

    fn entry(&self, name: &str, way: Way<'_>) -> Result<&Entry, WebError> {
        let unknown = || WebError::not_found(format!("there is no command {:?}", shortened(name)));
        let entry = self.commands.get(name).ok_or_else(unknown)?;
        let verb = entry.action.commands[entry.index].verb;
        let answers = match way {
            Way::Native(asked) => verb.answers(asked),
            Way::Empty => verb != Verb::Get,
            Way::Mounted(_) => true,
        };
        if answers {
            return Ok(entry);
        }
        let what = match verb {
            Verb::Api => "POST with JSON or MsgPack",
            Verb::Get => "GET",
            Verb::Post => "POST with a form",
            Verb::Http => "GET, and POST with a form",
        };
        Err(WebError::not_found(format!("the command `{name}` does not answer this request, but {what}")))
    }

    /// Which rule decides whether the user may use a project, if there is one of that name.
    pub(super) fn reason_of_project(&self, uid: &str, user: &User) -> Option<String> {
        let project = self.projects.get(uid)?;
        Some(format!("the project `{uid}`: {}", permit::reason_of_project(&project.access, &self.access, user)))
    }

    /// A project that the caller may use.
    fn project(&self, uid: &str, user: &User) -> Result<(&str, &Project), WebError> {
        let unknown = || WebError::not_found(format!("there is no project {:?}", shortened(uid)));
        let (uid, project) = self.projects.get_key_value(uid).ok_or_else(unknown)?;
        if permit::decide(&[Some(&project.access), Some(&self.access)], user) {
            Ok((uid, project))
        } else {
            Err(permit::refusal(uid))
        }
    }
}

impl Target<'_> {
    /// Where the parameters are at `/_`; `None`: where that way of asking has them all.
    pub(super) fn lookups(&self, asked: Asked) -> Option<&[Lookup]> {
        self.lookups[asked as usize].as_deref()
    }

    /// How it is asked for by POST.
    pub(super) fn posted(&self) -> Asked {
        if self.command().verb == Verb::Api { Asked::Api } else { Asked::Form }
    }

    pub(super) fn command(&self) -> &CommandSpec {
        &self.action.commands[self.index]
    }
}
