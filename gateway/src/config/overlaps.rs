//! Which routes of the table of mounts match the same paths.

use std::collections::HashMap;

use super::mounts::Route;

/// A tree of segments, so that not each route has to be compared with each.
#[derive(Default)]
struct Node<'p> {
    texts: HashMap<&'p str, Node<'p>>,
    /// Segments that are no plain text.
    others: Option<Box<Node<'p>>>,
    /// The routes that end here.
    ends: Vec<usize>,
    /// Those that end here, and take all that follows.
    takes_all: Vec<usize>,
}

/// For each route the others that match some of its paths, the most special one first.
pub(super) fn all(routes: &[Route]) -> Vec<Vec<usize>> {
    let mut root = Node::default();
    for (number, route) in routes.iter().enumerate() {
        root.insert(number, route);
    }
    let find = |(number, route): (usize, &Route)| {
        let texts: Vec<_> = route.pattern.texts().collect();
        let mut found = Vec::new();
        root.find(&texts, route.pattern.takes_all(), &mut found);
        // The tree knows nothing of the texts around placeholders.
        found.retain(|other| *other != number && routes[*other].pattern.meets(&route.pattern));
        found.sort_by_cached_key(|other| routes[*other].pattern.rank());
        found.dedup();
        found
    };
    routes.iter().enumerate().map(find).collect()
}

impl<'p> Node<'p> {
    fn insert(&mut self, number: usize, route: &'p Route) {
        let mut node = self;
        for text in route.pattern.texts() {
            node = match text {
                Some(text) => node.texts.entry(text).or_default(),
                None => node.others.get_or_insert_default(),
            };
        }
        if route.pattern.takes_all() { node.takes_all.push(number) } else { node.ends.push(number) }
    }

    /// The routes that may match paths of these segments, of which the last one perhaps takes all that follows.
    fn find(&self, texts: &[Option<&str>], takes_all: bool, found: &mut Vec<usize>) {
        found.extend(&self.takes_all);
        let Some((first, rest)) = texts.split_first() else {
            found.extend(&self.ends);
            return;
        };
        if takes_all && rest.is_empty() {
            return self.below(found);
        }
        match first {
            Some(text) => self.texts.get(text).into_iter().for_each(|node| node.find(rest, takes_all, found)),
            None => self.texts.values().for_each(|node| node.find(rest, takes_all, found)),
        }
        self.others.iter().for_each(|node| node.find(rest, takes_all, found));
    }

    /// All routes below.
    fn below(&self, found: &mut Vec<usize>) {
        for node in self.texts.values().chain(self.others.as_deref()) {
            found.extend(node.ends.iter().chain(&node.takes_all));
            node.below(found);
        }
    }
}
