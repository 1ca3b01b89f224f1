//! What an operator may not have meant: rows that match the same paths, and files that a mount hides.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use http::Method;

use super::{Config, Found, Mistake, Mounts, Row, is_hidden, mounts::Route};

/// So many entries of a folder are looked at.
const MOST: usize = 20_000;

/// All of it, in words.
#[must_use]
pub fn mount_warnings(config: &Config) -> Vec<Mistake> {
    let mut warnings = overlapping(&config.mounts);
    if !config.mounts.is_empty() {
        warnings.extend(
            config.sites.iter().filter_map(|site| site.root.as_deref()).flat_map(|root| hidden(&config.mounts, root)),
        );
    }
    warnings
}

/// Rows of which some paths are taken by others.
fn overlapping(mounts: &Mounts) -> Vec<Mistake> {
    let told = |(general, special): (usize, usize)| {
        let (general, special) = (&mounts.routes[general], &mounts.routes[special]);
        let [row, other] = [&general.rows[0], &special.rows[0]];
        let (pattern, taken) = (&general.pattern, &special.pattern);
        row.place.mistake(format!("`{pattern}` also matches the paths of `{taken}` ({}), which has them", other.place))
    };
    overlaps(&mounts.routes).into_iter().map(told).collect()
}

/// Files below a root whose paths are mounted: one for each row, and how many there are.
fn hidden(mounts: &Mounts, root: &Path) -> Vec<Mistake> {
    let mut found: HashMap<*const Row, (Arc<Row>, PathBuf, usize)> = HashMap::new();
    let (mut folders, mut left) = (vec![(root.to_owned(), String::new())], MOST);
    while let Some((folder, url)) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().take(left).collect();
        left -= entries.len();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            let Some(name) = name.to_str().filter(|name| !is_hidden(name)) else { continue };
            let url = format!("{url}/{}", name.replace('%', "%25").replace('?', "%3F").replace('#', "%23"));
            if path.is_dir() {
                folders.push((path, url));
                continue;
            }
            let row = match mounts.find(&Method::GET, &url) {
                Some(Found::Row(row, _)) => row,
                Some(Found::Others(rows)) => rows[0],
                None => continue,
            };
            found.entry(Arc::as_ptr(row)).or_insert_with(|| (row.clone(), path, 0)).2 += 1;
        }
    }
    let told = |(row, path, count): (Arc<Row>, PathBuf, usize)| {
        let more = if count > 1 { format!(" (nor are {} more)", count - 1) } else { String::new() };
        row.place.mistake(format!("the file {} is never served{more}: its path is that of `{row}`", path.display()))
    };
    let mut told: Vec<_> = found.into_values().map(told).collect();
    told.sort_by_key(|warning| warning.position);
    told
}

/// A tree of segments, to find patterns that match the same paths without comparing each with each.
#[derive(Default)]
struct Node<'p> {
    texts: HashMap<&'p str, Node<'p>>,
    placeholder: Option<Box<Node<'p>>>,
    /// The pattern that ends here.
    end: Option<usize>,
}

/// Pairs of routes: the second matches some paths of the first.
fn overlaps(routes: &[Route]) -> Vec<(usize, usize)> {
    let mut root = Node::default();
    for (number, route) in routes.iter().enumerate() {
        let mut node = &mut root;
        for text in route.pattern.texts() {
            node = match text {
                Some(text) => node.texts.entry(text).or_default(),
                None => node.placeholder.get_or_insert_default(),
            };
        }
        node.end.get_or_insert(number);
    }
    let mut pairs = Vec::new();
    for (number, route) in routes.iter().enumerate() {
        let texts: Vec<_> = route.pattern.texts().collect();
        let mut general = Vec::new();
        root.matching(&texts, &mut general);
        pairs.extend(general.into_iter().filter(|other| *other != number).map(|other| (other, number)));
    }
    pairs
}

impl Node<'_> {
    /// The patterns that match all paths that begin with these texts, or more.
    fn matching(&self, texts: &[Option<&str>], found: &mut Vec<usize>) {
        let Some((first, rest)) = texts.split_first() else { return found.extend(self.end) };
        if let Some(node) = first.and_then(|text| self.texts.get(text)) {
            node.matching(rest, found);
        }
        if let Some(node) = &self.placeholder {
            node.matching(rest, found);
        }
    }
}
