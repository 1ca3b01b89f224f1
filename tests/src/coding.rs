//! Content codings.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

/// Compresses, quickly.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
