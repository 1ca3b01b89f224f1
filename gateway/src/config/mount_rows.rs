//! `[[mounts]]` as an operator writes them, turned into rows of the table.

use std::sync::Arc;

use http::Method;
use wicketgate_spec::{Action, Command, Dialect, Mounting, read::near};

use super::{
    Site,
    mounts::{Mounts, Row},
    pattern::{Kind, Pattern},
    source::At,
};

/// The most rows that the values of placeholders may make of one.
const MOST: usize = 1000;

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The list of mounts, for the commands of these actions. Nothing is mounted below the client paths of `sites`.
pub(super) fn resolve(list: &At<'_, '_>, actions: &[&Arc<Action>], sites: &[Site]) -> Mounts {
    let mut mounts = Mounts::default();
    for at in list.items() {
        let mount = Mount { at: &at, actions, sites };
        let path = at.key("path");
        let Some(base) = path.text().and_then(|text| Pattern::parse(text).map_err(|e| path.wrong(e)).ok()) else {
            continue;
        };
        if !mount.is_usable(&base, &path) {
            continue;
        }
        let mut count = 0;
        for method in &METHODS {
            let place = at.key(method.as_str());
            let Some(name) = place.text() else { continue };
            count += 1;
            let Some((action, command)) = mount.command(&place, name) else { continue };
            mount.rows(&mut mounts, &place, method, &base, action, command);
        }
        let used = at.key("use");
        match used.text() {
            Some(name) => mount.suggested(&mut mounts, &used, name, &base),
            None if count == 0 => at.wrong(
                "nothing is mounted here: name a command by its method, as in `GET = \"…\"`, or an action by `use`",
            ),
            None => {}
        }
        if at.key("upgrade").exists() && !at.key("GET").exists() {
            at.key("upgrade").wrong("only GET asks for another protocol: name its command by `GET`");
        }
    }
    mounts.complete();
    mounts
}

/// A table of the list.
struct Mount<'m, 's, 't> {
    at: &'m At<'s, 't>,
    actions: &'m [&'m Arc<Action>],
    sites: &'m [Site],
}

impl Mount<'_, '_, '_> {
    /// Whether a pattern can be mounted; notes why if it can't.
    fn is_usable(&self, pattern: &Pattern, at: &At<'_, '_>) -> bool {
        let is_below = |site: &Site| {
            let prefix = site.client_path.iter().map(|segment| Some(segment.as_str()));
            !site.client_path.is_empty() && pattern.texts().take(site.client_path.len()).eq(prefix)
        };
        let checked = match pattern.check() {
            Ok(()) if self.sites.iter().any(is_below) => {
                Err(format!("`{pattern}` is below the `clientPath` of a site, and never mounted"))
            }
            checked => checked,
        };
        checked.map_err(|problem| at.wrong(problem)).is_ok()
    }

    fn command(&self, at: &At<'_, '_>, name: &str) -> Option<(&Action, &Command)> {
        let commands =
            || self.actions.iter().flat_map(|action| action.commands.iter().map(move |one| (&***action, one)));
        let found = commands().find(|(_, command)| command.name == name);
        if found.is_none() {
            let near = nearest(commands().map(|(_, command)| command.name.as_str()), name);
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            at.wrong(format!("there is no command `{name}`{hint}"));
        }
        found
    }

    /// The rows that an action's author suggests.
    fn suggested(&self, mounts: &mut Mounts, at: &At<'_, '_>, name: &str, base: &Pattern) {
        let Some(action) = self.actions.iter().find(|action| action.name == name) else {
            let known: Vec<_> = self.actions.iter().map(|action| format!("`{}`", action.name)).collect();
            return at.wrong(format!("there is no action `{name}`; there are: {}", known.join(", ")));
        };
        if action.commands.iter().all(|command| command.mounts.is_empty()) {
            return at.wrong(format!("the action `{name}` suggests no mounts; name its commands by their methods"));
        }
        for command in &action.commands {
            for suggested in &command.mounts {
                let method = Method::from_bytes(suggested.method.as_bytes()).unwrap_or(Method::GET);
                let path = if suggested.path.is_empty() { "/" } else { &suggested.path };
                match Pattern::parse(path) {
                    Ok(pattern) => self.rows(mounts, at, &method, &pattern.below(base), action, command),
                    Err(problem) => at.wrong(format!("`{}` suggests `{path}`: {problem}", command.name)),
                }
            }
        }
    }

    /// The rows of one method: one for each value that placeholders may have.
    fn rows(
        &self,
        mounts: &mut Mounts,
        at: &At<'_, '_>,
        method: &Method,
        pattern: &Pattern,
        action: &Action,
        command: &Command,
    ) {
        let names: Vec<_> = pattern.placeholders().map(|one| one.name.as_str()).collect();
        let rest = self.at.key("rest").text();
        let mounting = Mounting { method: method.as_str(), placeholders: &names, rest };
        let lookups = match action.mounted(command, &mounting) {
            Ok(lookups) => lookups,
            Err(problems) => return problems.into_iter().for_each(|problem| at.wrong(problem)),
        };
        let errors = self.at.key("errors").text().and_then(Dialect::of).unwrap_or_default();
        let upgrade = self.at.key("upgrade").text().filter(|_| *method == Method::GET).map(str::to_owned);
        for (pattern, settled) in self.settled(pattern) {
            if !self.is_usable(&pattern, at) {
                return;
            }
            let row = Row {
                place: at.place(),
                path: pattern.to_string(),
                method: method.clone(),
                command: command.name.clone(),
                placeholders: pattern.placeholders().cloned().collect(),
                settled,
                lookups: lookups.clone(),
                errors,
                upgrade: upgrade.clone(),
            };
            mounts.add(at, pattern, row);
        }
    }

    /// The pattern with each value in place of its placeholder, and those values.
    fn settled(&self, pattern: &Pattern) -> Vec<(Pattern, Vec<(String, String)>)> {
        let values = self.at.key("where");
        let mut all = vec![(pattern.clone(), Vec::new())];
        for name in values.names() {
            let at = values.key(name);
            if !pattern.placeholders().any(|one| one.name == name) {
                at.wrong(format!("`{pattern}` has no placeholder `{{{name}}}`"));
                continue;
            }
            let texts: Vec<String> = at.get().unwrap_or_default();
            let kind = pattern.placeholders().find(|one| one.name == name).map_or(Kind::Any, |one| one.kind);
            if let Some(wrong) = texts.iter().find(|text| !kind.holds(text)) {
                at.wrong(format!("`{wrong}` is no {} as `{{{name}}}` wants it", kind.name()));
                continue;
            }
            if let Some(wrong) = texts.iter().find(|text| text.is_empty() || pattern.with(name, text).is_err()) {
                at.wrong(format!("expected values that are segments of a path, as they read decoded; got `{wrong}`"));
                continue;
            }
            if texts.is_empty() || all.len() * texts.len() > MOST {
                at.wrong(format!("expected at least one value, and no more than {MOST} paths in all"));
                continue;
            }
            let fill = |(pattern, settled): &(Pattern, Vec<(String, String)>)| {
                let fill = |text: &String| {
                    let more = [(name.to_owned(), text.clone())];
                    Some((pattern.with(name, text).ok()?, [&settled[..], &more].concat()))
                };
                texts.iter().filter_map(fill).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(fill).collect();
        }
        all
    }
}

/// The name that is meant: the one that says by which method it is called, or the nearest.
fn nearest<'n>(names: impl Iterator<Item = &'n str> + Clone, name: &str) -> Option<&'n str> {
    let plain = |known: &str| known.replacen("HttpGet", "", 1).replacen("HttpPost", "", 1).replacen("Http", "", 1);
    names.clone().find(|known| plain(known) == name).or_else(|| near(names, name))
}
