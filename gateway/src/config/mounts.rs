//! Other URLs for commands: `[[mounts]]`, expanded to one row for each method and path.

use std::{collections::HashMap, fmt, sync::Arc};

use http::Method;
use matchit::Router;
use percent_encoding::percent_decode_str;
use wicketgate_spec::{
    Action, Command, Mounting,
    read::{Lookup, Origin, near},
    write::{Dialect, Mounted},
};

use super::{
    Place, Site,
    pattern::{Kind, Pattern, Placeholder},
    source::At,
};

/// Parameters that every command takes, and a placeholder may name.
const COMMON: [&str; 2] = ["projectUid", "localeUid"];

/// The most rows that the values of placeholders may make of one.
const MOST: usize = 1000;

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The table of mounts.
#[derive(Default)]
pub struct Mounts {
    router: Router<usize>,
    pub(super) routes: Vec<Route>,
    /// Their places, by what they match.
    known: HashMap<String, usize>,
}

/// All rows of paths that match the same.
pub(super) struct Route {
    pub(super) pattern: Pattern,
    pub(super) rows: Vec<Arc<Row>>,
}

/// A command under another URL.
#[derive(Debug)]
pub struct Row {
    /// Where it stands.
    pub place: Place,
    /// The path with its placeholders, such as `/articles/{id}`.
    pub path: String,
    /// The method; GET stands for HEAD as well.
    pub method: Method,
    /// The command.
    pub command: String,
    /// In the order of the path.
    pub placeholders: Vec<Placeholder>,
    /// Placeholders with a value of their own, and that value.
    pub settled: Vec<(String, String)>,
    /// Where the parameters are; `None`: all in the body.
    pub lookups: Option<Vec<Lookup>>,
    /// How errors are told.
    pub errors: Dialect,
    /// The protocol that has to be asked for by `Upgrade`.
    pub upgrade: Option<String>,
}

/// What a request with a body has to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Whatever it carries is not looked at.
    Nothing,
    /// A value in JSON or MsgPack.
    Value,
    /// A form.
    Form,
}

/// What the table says of a method and a path.
pub enum Found<'m> {
    /// This row answers, with these values of its placeholders.
    Row(&'m Arc<Row>, Vec<String>),
    /// Other methods have a row: these.
    Others(Vec<&'m Arc<Row>>),
}

impl Row {
    /// What a request has to carry.
    #[must_use]
    pub fn takes(&self) -> Takes {
        let Some(lookups) = &self.lookups else { return Takes::Value };
        let has = |origin: &Origin| lookups.iter().any(|lookup| lookup.origin == *origin);
        match (has(&Origin::Form), has(&Origin::Body)) {
            (true, _) => Takes::Form,
            (false, true) => Takes::Value,
            (false, false) => Takes::Nothing,
        }
    }
}

impl Row {
    /// The row as documents have it.
    #[must_use]
    pub fn documented(&self) -> Mounted<'_> {
        let is_common = |name: &&str| COMMON.contains(name);
        let others = self.placeholders.iter().map(|one| one.name.as_str()).filter(is_common).collect();
        let format = |one: &Placeholder| if let Kind::Format(format) = one.kind { Some(format.name()) } else { None };
        let formats = self.placeholders.iter().filter_map(|one| Some((one.name.as_str(), format(one)?))).collect();
        Mounted {
            path: self.path.clone(),
            method: self.method.as_str(),
            command: &self.command,
            lookups: self.lookups.as_deref(),
            settled: self.settled.iter().map(|(name, _)| name.as_str()).collect(),
            others,
            formats,
            errors: self.errors,
            is_upgrade: self.upgrade.is_some(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Mounts {
    /// Whether there is any row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.routes.iter().flat_map(|route| &route.rows)
    }

    /// What answers that method at that path, in which `/ % ? #` and controls of a segment are percent-encoded.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let found = self.router.at(path).ok()?;
        let values = found.params.iter().map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned());
        let values: Vec<String> = values.collect();
        let fits = |row: &&Arc<Row>| row.placeholders.iter().zip(&values).all(|(one, value)| one.kind.holds(value));
        let rows: Vec<_> = self.routes[*found.value].rows.iter().filter(fits).collect();
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        match rows.iter().find(|row| row.method == *wanted) {
            Some(row) => Some(Found::Row(row, values)),
            None if rows.is_empty() => None,
            None => Some(Found::Others(rows)),
        }
    }

    /// Notes the rows that no request would ever get to.
    pub(super) fn refuse_hidden(&self, list: &At<'_, '_>, sites: &[Site]) {
        let prefixes: Vec<Vec<_>> =
            sites.iter().map(|site| site.client_path.iter().map(|segment| Some(segment.as_str())).collect()).collect();
        let is_hidden = |route: &&Route| {
            let texts: Vec<_> = route.pattern.texts().collect();
            prefixes.iter().any(|prefix| !prefix.is_empty() && texts.starts_with(prefix))
        };
        // Looked for once, and not for each of the list: it may be long.
        let hidden: Vec<_> = self.routes.iter().filter(is_hidden).collect();
        if hidden.is_empty() {
            return;
        }
        for at in list.items() {
            let below = format!("{}.", at.place().path);
            let is_own = |route: &&&Route| route.rows.iter().any(|row| row.place.path.starts_with(&below));
            if let Some(route) = hidden.iter().find(is_own) {
                let told = format!("`{}` is below the `clientPath` of a site, and never mounted", route.pattern);
                at.key("path").wrong(told);
            }
        }
    }

    fn add(&mut self, at: &At<'_, '_>, pattern: Pattern, row: Row) {
        let route = pattern.route();
        if let Some(known) = self.known.get(&route) {
            let rows = &mut self.routes[*known].rows;
            match rows.iter().find(|other| other.method == row.method) {
                Some(other) => {
                    at.wrong(format!("`{row}` is the same as `{other}` ({}); one of them has to go", other.place));
                }
                None => rows.push(Arc::new(row)),
            }
            return;
        }
        match self.router.insert(route.clone(), self.routes.len()) {
            Ok(()) => {
                self.known.insert(route, self.routes.len());
                self.routes.push(Route { pattern, rows: vec![Arc::new(row)] });
            }
            Err(matchit::InsertError::Conflict { with }) => {
                let other = self.known.get(&with).map(|known| &self.routes[*known].rows[0]);
                let other = other.map_or(format!("`{with}`"), |other| format!("`{other}` ({})", other.place));
                at.wrong(format!("`{row}` collides with {other}: no path could tell which one is meant"));
            }
            Err(e) => at.wrong(format!("`{row}` is no path that can be matched: {e}")),
        }
    }
}

/// The list of mounts, for the commands of these actions.
pub(super) fn resolve(list: &At<'_, '_>, actions: &[&Arc<Action>]) -> Mounts {
    let mut mounts = Mounts::default();
    for at in list.items() {
        let mount = Mount { at: &at, actions };
        let Some(base) = mount.pattern() else { continue };
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
    fn pattern(&self) -> Option<Pattern> {
        let at = self.at.key("path");
        Pattern::parse(at.text()?).map_err(|problem| at.wrong(problem)).ok()
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
