//! What an operator may not have meant: rows that match the same paths, and files that a mount hides.

use std::{collections::HashMap, fs, path::PathBuf, sync::Arc};

use http::Method;

use super::{Config, Found, Mistake, Mounts, Row, Site, is_hidden};

/// So many entries of a folder are looked at.
const MOST: usize = 20_000;

/// All of it, in words.
#[must_use]
pub fn mount_warnings(config: &Config) -> Vec<Mistake> {
    let mut warnings = overlapping(&config.mounts);
    if !config.mounts.is_empty() {
        warnings.extend(config.sites.iter().flat_map(|site| hidden(&config.mounts, site)));
    }
    warnings
}

/// Rows of one method that match the same paths, of which others have them.
fn overlapping(mounts: &Mounts) -> Vec<Mistake> {
    let mut told = Vec::new();
    for special in &mounts.routes {
        for general in special.next.iter().map(|next| &mounts.routes[*next]) {
            let same = |one: &&Arc<Row>| special.rows.iter().find(|other| other.method == one.method).cloned();
            let pair = general.rows.iter().find_map(|row| Some((row, same(&row)?)));
            if let Some((row, other)) = pair.filter(|_| special.pattern.rank() < general.pattern.rank()) {
                let text = format!("`{row}` also matches paths of `{other}` ({}), which has them", other.place);
                told.push(row.place.mistake(text));
            }
        }
    }
    told.sort_by_key(|warning| warning.position);
    told
}

/// Files below a root whose paths are mounted: one for each row, and how many there are.
fn hidden(mounts: &Mounts, site: &Site) -> Vec<Mistake> {
    let Some(root) = &site.root else { return Vec::new() };
    let mut found: HashMap<*const Row, (Arc<Row>, PathBuf, usize)> = HashMap::new();
    let (mut folders, mut left) = (vec![(root.to_owned(), String::new())], MOST);
    while let Some((folder, above)) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().take(left).collect();
        left -= entries.len();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            let Some(name) = name.to_str().filter(|name| !is_hidden(name)) else { continue };
            if path.is_dir() {
                folders.push((path, format!("{above}/{}", encoded(name))));
                continue;
            }
            let own = names(site, name).find_map(|name| match mounts.find(&Method::GET, &format!("{above}/{name}")) {
                Some(Found::Row(row, _)) => Some(row),
                Some(Found::Others(rows)) => Some(rows[0]),
                None => None,
            });
            let Some(row) = own else { continue };
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

/// The last segments by which a file is asked for: its name, nothing if it stands for its folder, and perhaps its name without
/// the extension.
fn names(site: &Site, name: &str) -> impl Iterator<Item = String> {
    let files = &site.files;
    let index = files.index.iter().any(|index| index == name).then(String::new);
    let short = name.strip_suffix(".html").filter(|_| files.html_extension).map(encoded);
    [encoded(name)].into_iter().chain(index).chain(short)
}

/// A segment as the table of mounts is asked for it.
fn encoded(segment: &str) -> String {
    segment.replace('%', "%25").replace('?', "%3F").replace('#', "%23")
}
