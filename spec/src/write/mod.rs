//! The files in `spec/generated/`: deterministic, committed, compared by `make lint`.

mod index;
mod reference;

pub use index::{Index, IndexError};
pub use reference::reference;
