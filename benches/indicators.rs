//! Every indicator at its defaults over a million bars, in whole columns: time divided by a million
//! is nanoseconds a bar (criterion's throughput says bars a second).

#![allow(clippy::unwrap_used)] // what fails here fails the bench

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use timeweave::data::{Column, Field};
use timeweave::indicators;
use timeweave::node::{Inputs, Registry, bind_record};

const BARS: usize = 1_000_000;

/// A random walk's open, high, low, close and volume, always the same.
fn bars() -> [Column; 5] {
    let mut state: u64 = 1;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut columns: [Vec<f64>; 5] = Default::default();
    let mut close = 100.0;
    for _ in 0..BARS {
        let open = close;
        close *= 1.0 + (random() - 0.5) * 0.01;
        let (high, low) = (f64::max(open, close) + random() * 0.1, f64::min(open, close) - random() * 0.1);
        for (column, value) in columns.iter_mut().zip([open, high, low, close, random() * 1e6]) {
            column.push(value);
        }
    }
    columns.map(Column::from)
}

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
        let inputs: Vec<Column> = fields.into_iter().map(|field| bars[field as usize].clone()).collect();
        group.bench_function(node.spec.name, |bencher| {
            bencher.iter(|| (node.machine)(&arguments).unwrap().columns(black_box(&inputs)));
        });
    }
    group.finish();
}

criterion_group!(benches, columns);
criterion_main!(benches);
