//! Every indicator at its defaults over a million bars, in whole columns: time divided by a million
//! is nanoseconds a bar (criterion's throughput says bars a second).

#![allow(clippy::unwrap_used)] // what fails here fails the bench

mod random_walk;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use timeweave::data::{Column, Field};
use timeweave::indicators;
use timeweave::node::{Inputs, Registry, bind_record};

use random_walk::{BARS, bars};

fn columns(criterion: &mut Criterion) {
    let bars = bars();
    let mut registry = Registry::new();
    indicators::register(&mut registry).unwrap();
    let mut group = criterion.benchmark_group("indicators");
    group.throughput(Throughput::Elements(BARS as u64)).sample_size(10);
    for node in registry.indicators() {
        let arguments = bind_record(&registry, node.spec.name, node.spec.parameters, Vec::new()).unwrap();
        let fields = match node.spec.inputs {
            Inputs::None => Vec::new(),
            Inputs::Bars(fields) => fields.to_vec(),
            Inputs::Series(names) => [Field::Close, Field::Open][..names.len()].to_vec(),
        };
        let inputs: Vec<Column> = fields.into_iter().map(|field| bars.field(field).clone()).collect();
        group.bench_function(node.spec.name, |bencher| {
            bencher.iter(|| (node.machine)(&arguments).unwrap().columns(black_box(&inputs)));
        });
    }
    group.finish();
}

criterion_group!(benches, columns);
criterion_main!(benches);
