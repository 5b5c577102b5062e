//! The kernels against Burn's own operations, and against themselves on other processors and threads.

use std::collections::BTreeMap;

use burn_core::tensor::{DType, Device, Tensor, TensorData};
use proptest::prelude::*;
use timeweave::networks::{Dropout, Level, Lstm, LstmOutput, Purpose, Random, StateDict, values};

/// The sizes of an LSTM and of its windows.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    inputs: usize,
    hidden: usize,
    layers: usize,
    steps: usize,
    samples: usize,
}

/// An LSTM with random parameters, random windows, and random factors that make a number of its outputs.
struct Case {
    sizes: Sizes,
    state: StateDict,
    random: Random,
}

impl Case {
    fn new(sizes: Sizes, seed: u64) -> Self {
        let mut random = Random::new(seed, Purpose::Initialisation, 0);
        let mut state = StateDict::default();
        let mut add = |name: &str, shape: &[usize], bound: f64| {
            let values = random.symmetric(shape.iter().product(), bound);
            state.insert(name, shape, values, &Device::flex()).unwrap();
        };
        let Sizes { inputs, hidden, layers, steps, samples } = sizes;
        for layer in 0..layers {
            let inputs = if layer == 0 { inputs } else { hidden };
            let bound = 1.0 / (hidden as f64).sqrt();
            add(&format!("lstm.weight_ih_l{layer}"), &[4 * hidden, inputs], bound);
            add(&format!("lstm.weight_hh_l{layer}"), &[4 * hidden, hidden], bound);
            add(&format!("lstm.bias_ih_l{layer}"), &[4 * hidden], bound);
            add(&format!("lstm.bias_hh_l{layer}"), &[4 * hidden], bound);
        }
        add("x", &[steps, samples * inputs], 2.0);
        Self { sizes, state, random }
    }

    fn lstm(&self) -> Lstm {
        Lstm::new(&self.state, "lstm").unwrap()
    }

    fn windows(&self, state: &StateDict) -> Tensor<3> {
        state.flat("x").unwrap().reshape([self.sizes.steps, self.sizes.samples, self.sizes.inputs])
    }

    /// The outputs one after the other; and the gradients, by name, of the sum of all outputs, each times a
    /// random factor.
    fn run(&self, path: Path) -> Vec<(String, Vec<f32>)> {
        let state = self.state.tracked(|_| true);
        let (lstm, windows) = (Lstm::new(&state, "lstm").unwrap(), self.windows(&state));
        let mut dropout = Dropout::new(0.3, Random::new(5, Purpose::Dropout, 0)).unwrap();
        let LstmOutput { output, hidden, cell } = match path {
            Path::Kernels => lstm.forward(windows, &mut dropout).unwrap(),
            Path::BySteps => lstm.by_steps(windows, &mut dropout),
        };
        let all: Vec<Tensor<1>> = [output.flatten(0, 2)]
            .into_iter()
            .chain(hidden.into_iter().chain(cell).map(|state| state.flatten(0, 1)))
            .collect();
        let all = Tensor::cat(all, 0);
        let factors = self.random.clone().symmetric(all.dims()[0], 1.0);
        let factors = Tensor::<1>::from_data(TensorData::from(&factors[..]), (&Device::flex(), DType::F32));
        let mut gradients = (all.clone() * factors).sum().backward();
        let mut found = vec![("output".to_owned(), values(all).unwrap())];
        for (name, gradient) in state.gradients(&mut gradients) {
            found.push((name, values(gradient).unwrap()));
        }
        // With one step Burn's operations do not meet the weights from step to step, and give no gradient.
        let unmet = if self.sizes.steps == 1 && matches!(path, Path::BySteps) { self.sizes.layers } else { 0 };
        assert_eq!(found.len(), 2 + 4 * self.sizes.layers - unmet);
        found
    }

    fn bits(&self) -> Vec<u32> {
        self.run(Path::Kernels).into_iter().flat_map(|(_, values)| values).map(f32::to_bits).collect()
    }

    /// The last layer's outputs at all steps for windows whose numbers were changed.
    fn outputs(&self, change: impl FnOnce(&mut [f32])) -> Vec<f32> {
        let Sizes { inputs, steps, samples, .. } = self.sizes;
        let mut windows = values(self.state.flat("x").unwrap()).unwrap();
        change(&mut windows);
        let windows = TensorData::new(windows, [steps, samples, inputs]);
        let windows = Tensor::from_data(windows, (&Device::flex(), DType::F32));
        values(self.lstm().forward(windows, &mut Dropout::none()).unwrap().output).unwrap()
    }
}

#[derive(Clone, Copy)]
enum Path {
    Kernels,
    BySteps,
}

fn sizes() -> impl Strategy<Value = Sizes> {
    (1..20_usize, 1..40_usize, 1..4_usize, 1..71_usize, 1..71_usize)
        .prop_map(|(inputs, hidden, layers, steps, samples)| Sizes { inputs, hidden, layers, steps, samples })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lstm_kernels_give_what_burn_s_operations_give(sizes in sizes(), seed in 0..1_000_u64) {
        let case = Case::new(sizes, seed);
        let burn: BTreeMap<String, Vec<f32>> = case.run(Path::BySteps).into_iter().collect();
        for (name, ours) in case.run(Path::Kernels) {
            let burn = burn.get(&name).cloned().unwrap_or_else(|| vec![0.0; ours.len()]);
            prop_assert_eq!(ours.len(), burn.len());
            let scale = burn.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            for (a, b) in ours.iter().zip(&burn) {
                // Both round: thousands of terms, in another order.
                prop_assert!((a - b).abs() <= 1e-5 * scale.max(1e-3), "{}: {} is not {}", name, a, b);
            }
        }
    }

    /// How many others a window is computed with, and where among them it stands, does not change a bit.
    #[test]
    fn lstm_forecasts_of_a_window_do_not_depend_on_its_batch(sizes in sizes(), seed in 0..1_000_u64) {
        let case = Case::new(sizes, seed);
        let together = case.outputs(|_| {});
        let windows = case.windows(&case.state);
        for sample in [0, sizes.samples / 2, sizes.samples - 1] {
            let alone = windows.clone().narrow(1, sample, 1);
            let alone = values(case.lstm().forward(alone, &mut Dropout::none()).unwrap().output).unwrap();
            for (step, alone) in alone.chunks_exact(sizes.hidden).enumerate() {
                let first = (step * sizes.samples + sample) * sizes.hidden;
                prop_assert_eq!(&together[first..first + sizes.hidden], alone);
            }
        }
    }
}

/// Sizes that fill registers and parts of a batch, and sizes that do not.
const SOME: [Sizes; 4] = [
    Sizes { inputs: 12, hidden: 64, layers: 1, steps: 6, samples: 64 },
    Sizes { inputs: 7, hidden: 33, layers: 3, steps: 5, samples: 70 },
    Sizes { inputs: 3, hidden: 24, layers: 2, steps: 9, samples: 3 },
    Sizes { inputs: 1, hidden: 1, layers: 2, steps: 1, samples: 1 },
];

#[test]
fn lstm_results_are_the_same_bytes_on_every_level_and_number_of_threads() {
    let exists: Vec<Level> = Level::ALL.into_iter().filter(|level| level.exists()).collect();
    for sizes in SOME {
        let case = Case::new(sizes, 11);
        let expected = case.bits();
        for level in &exists {
            for threads in [1, 2, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                Level::limit(*level);
                let found = pool.install(|| case.bits());
                Level::limit(Level::Avx512);
                assert!(found == expected, "{sizes:?}: {level} on {threads} threads differs");
            }
        }
    }
    assert!(exists.contains(&Level::Portable));
}

/// The gradient of every parameter of a tiny LSTM, against the slope between two points.
#[test]
fn lstm_gradients_are_finite_differences() {
    let mut case = Case::new(Sizes { inputs: 2, hidden: 3, layers: 2, steps: 4, samples: 2 }, 3);
    let gradients = case.run(Path::Kernels);
    let (outputs, random) = (gradients[0].1.len(), case.random.clone());
    let factors = random.clone().symmetric(outputs, 1.0);
    let names: Vec<String> = case.state.names().map(str::to_owned).collect();
    let mut compared = 0;
    for name in names {
        let shape = case.state.shapes().find(|(other, _)| *other == name).unwrap().1.to_vec();
        let at = values(case.state.flat(&name).unwrap()).unwrap();
        let (_, gradient) = gradients.iter().find(|(other, _)| *other == name).unwrap();
        for index in 0..at.len() {
            let step = 1.0 / 128.0;
            let sums = [step, -step].map(|step| {
                let mut moved = at.clone();
                moved[index] += step;
                case.state.insert(&name, &shape, moved, &Device::flex()).unwrap();
                let outputs = case.run(Path::Kernels).swap_remove(0).1;
                outputs.iter().zip(&factors).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
            });
            let slope = (sums[0] - sums[1]) / (2.0 * f64::from(step));
            assert!((slope - f64::from(gradient[index])).abs() < 1e-3, "{name}[{index}]: {slope}, {}", gradient[index]);
            compared += 1;
        }
        case.state.insert(&name, &shape, at, &Device::flex()).unwrap();
    }
    assert_eq!(compared, 12 * (2 + 3 + 2) + 12 * (3 + 3 + 2) + 4 * 2 * 2);
}

#[test]
fn lstm_outputs_saturate_and_nan_stays_in_its_window() {
    for sizes in SOME {
        let case = Case::new(sizes, 2);
        let hidden = sizes.hidden;
        for large in [1e4, 1e30, f32::MAX, -f32::MAX] {
            let outputs = case.outputs(|windows| windows.fill(large));
            assert!(outputs.iter().all(|value| value.abs() <= 1.0), "{sizes:?}: {large}");
        }
        let zero = case.outputs(|windows| windows.fill(0.0));
        assert!(zero.iter().all(|value| value.is_finite()));
        // One number of the last sample at the first step is none.
        let plain = case.outputs(|_| {});
        let spoiled = case.outputs(|windows| windows[sizes.samples * sizes.inputs - 1] = f32::NAN);
        let mut kept = 0;
        for (row, (plain, spoiled)) in plain.chunks(hidden).zip(spoiled.chunks(hidden)).enumerate() {
            if row % sizes.samples == sizes.samples - 1 {
                assert!(spoiled.iter().all(|value| value.is_nan()), "{sizes:?}: row {row}");
            } else {
                assert_eq!(plain, spoiled);
                kept += 1;
            }
        }
        assert_eq!(kept, (sizes.samples - 1) * sizes.steps);
    }
}

#[test]
fn lstm_parameters_and_windows_that_do_not_fit_are_errors() {
    let sizes = SOME[2];
    let case = Case::new(sizes, 1);
    let wide = Tensor::<3>::zeros([sizes.steps, 2, sizes.inputs + 1], &Device::flex());
    let message = case.lstm().forward(wide, &mut Dropout::none()).unwrap_err().to_string();
    assert!(message.contains("an LSTM of 3 inputs"), "{message}");
    let mut state = case.state.clone();
    state.insert("lstm.weight_hh_l1", &[96, 23], vec![0.0; 96 * 23], &Device::flex()).unwrap();
    let message = Lstm::new(&state, "lstm").unwrap_err().to_string();
    assert!(message.contains("`lstm.weight_hh_l1` is [96, 23], but [96, 24] is needed"), "{message}");
}
