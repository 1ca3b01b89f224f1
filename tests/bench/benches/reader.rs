//! `cargo bench -p wicketgate-bench`: the time of each way to read, by criterion.

#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use wicketgate_bench::reader::{Case, WAYS};

fn ways(criterion: &mut Criterion) {
    for case in Case::all() {
        let mut group = criterion.benchmark_group(case.name);
        for (name, way) in WAYS {
            group.bench_function(name, |bencher| bencher.iter(|| way(&case)));
        }
    }
}

criterion_group!(benches, ways);
criterion_main!(benches);
