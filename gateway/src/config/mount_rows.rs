//! `[[mounts]]` as an operator writes them, turned into rows of the table.

use std::sync::Arc;

use http::Method;
use wicketgate_spec::{Action, Command, Mounting, read::near, write::Dialect};

use super::{
    Site,
    mounts::{COMMON, Mounts, Row},
    pattern::Pattern,
    source::At,
};

/// The most rows that the values of placeholders may make of one.
const MOST: usize = 1000;

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The list of mounts, for the commands of these actions. Nothing is mounted below the client paths of `sites`.
pub(super) fn resolve(list: &At<'_, '_>, actions: &[&Arc<Action>], sites: &[Site]) -> Mounts {
    let mut mounts = Mounts::default();
    for at in list.items() {
        let mount = Mount { at: &at, actions };
        let Some(base) = mount.pattern(sites) else { continue };
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
    mounts
}

/// A table of the list.
struct Mount<'m, 's, 't> {
    at: &'m At<'s, 't>,
    actions: &'m [&'m Arc<Action>],
}

impl Mount<'_, '_, '_> {
    fn pattern(&self, sites: &[Site]) -> Option<Pattern> {
        let at = self.at.key("path");
        let pattern = Pattern::parse(at.text()?).map_err(|problem| at.wrong(problem)).ok()?;
        let is_below = |site: &Site| {
            let prefix = site.client_path.iter().map(|segment| Some(segment.as_str()));
            !site.client_path.is_empty() && pattern.texts().take(site.client_path.len()).eq(prefix)
        };
        if sites.iter().any(is_below) {
            at.wrong(format!("`{pattern}` is below the `clientPath` of a site, and never mounted"));
            return None;
        }
        Some(pattern)
    }

    fn command(&self, at: &At<'_, '_>, name: &str) -> Option<(&Action, &Command)> {
        let commands =
            || self.actions.iter().flat_map(|action| action.commands.iter().map(move |one| (&***action, one)));
        let found = commands().find(|(_, command)| command.name == name);
        if found.is_none() {
            let near = near(commands().map(|(_, command)| command.name.as_str()), name);
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
        let mounting = Mounting { method: method.as_str(), placeholders: &names, rest, common: &COMMON };
        let lookups = match action.mounted(command, &mounting) {
            Ok(lookups) => lookups,
            Err(problems) => return problems.into_iter().for_each(|problem| at.wrong(problem)),
        };
        let errors = self.at.key("errors").text().and_then(Dialect::of).unwrap_or_default();
        let upgrade = self.at.key("upgrade").text().filter(|_| *method == Method::GET).map(str::to_owned);
        for (pattern, settled) in self.settled(pattern) {
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
            let is_wrong = |text: &&String| text.is_empty() || text.contains(['/', '{', '}', '%', '?', '#']);
            if let Some(wrong) = texts.iter().find(is_wrong) {
                at.wrong(format!("expected values that are segments of a path, as they read decoded; got `{wrong}`"));
                continue;
            }
            if texts.is_empty() || all.len() * texts.len() > MOST {
                at.wrong(format!("expected at least one value, and no more than {MOST} paths in all"));
                continue;
            }
            all = all
                .iter()
                .flat_map(|(pattern, settled)| {
                    texts.iter().map(move |text| {
                        let more = [(name.to_owned(), text.clone())];
                        (pattern.with(name, text), [&settled[..], &more].concat())
                    })
                })
                .collect();
        }
        all
    }
}
