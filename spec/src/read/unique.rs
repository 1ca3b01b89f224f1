//! What must not be there twice: keys of a map, items of a set. They are compared as they were written.

use std::ops::Range;

/// Ranges of the output, those of nested containers after those of the outer ones.
#[derive(Default)]
pub(super) struct Ranges(Vec<(Range<usize>, usize)>);

impl Ranges {
    /// Where a container's own begin.
    pub(super) fn begin(&self) -> usize {
        self.0.len()
    }

    /// Adds one.
    pub(super) fn add(&mut self, range: Range<usize>) {
        let index = self.0.len();
        self.0.push((range, index));
    }

    /// The last place at which something stands that is there before, among those since `begin`, which are forgotten.
    pub(super) fn end(&mut self, begin: usize, out: &[u8]) -> Option<Range<usize>> {
        let own = &mut self.0[begin..];
        let bytes = |(range, index): &(Range<usize>, usize)| (&out[range.clone()], *index);
        // Most are few, and in no order.
        own.sort_unstable_by(|a, b| bytes(a).cmp(&bytes(b)));
        let twice = own.windows(2).filter(|pair| out[pair[0].0.clone()] == out[pair[1].0.clone()]);
        let found = twice.map(|pair| &pair[1]).max_by_key(|(_, index)| *index).map(|(range, _)| range.clone());
        self.0.truncate(begin);
        found
    }
}
