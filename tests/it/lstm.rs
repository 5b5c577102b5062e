//! The LSTM against PyTorch.

mod kernels;
mod pytorch;

use std::fs;
use std::path::PathBuf;

use burn_core::tensor::Tensor;
use timeweave::networks::{DeviceKind, Dropout, Linear, Lstm, StateDict, matrix, values};

#[cfg(feature = "ndarray")]
use crate::training::fixture::{self, Market};
#[cfg(feature = "ndarray")]
use timeweave::models::{Regime, train};

/// A file of golden figures, as a state dict in which each case has its own prefix.
struct Golden {
    file: PathBuf,
    tensors: StateDict,
}

impl Golden {
    fn all(device: DeviceKind) -> Vec<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| {
            let name = file.file_name().unwrap().to_string_lossy();
            name.starts_with("lstm_") && name.ends_with(".safetensors")
        });
        files.sort();
        assert!(!files.is_empty(), "no golden file of LSTMs");
        let read = |file: PathBuf| {
            let tensors = StateDict::from_safetensors(&fs::read(&file).unwrap(), &device.device().unwrap()).unwrap();
            Self { file, tensors }
        };
        files.into_iter().map(read).collect()
    }

    fn cases(&self) -> Vec<String> {
        let mut cases: Vec<String> = self.tensors.names().map(|name| name.split('.').next().unwrap().into()).collect();
        cases.dedup();
        cases
    }

    fn shape(&self, name: &str) -> Vec<usize> {
        self.tensors.shapes().find(|(other, _)| *other == name).unwrap().1.to_vec()
    }

    fn numbers(&self, name: &str) -> Vec<f32> {
        values(self.tensors.flat(name).unwrap()).unwrap()
    }

    /// Compares to 1e-5 of the tensor's largest value: figures of `f32` near zero carry the
    /// rounding of their larger neighbours.
    fn check(&self, name: &str, ours: &[f32]) {
        let golden = self.numbers(name);
        assert_eq!(ours.len(), golden.len(), "{}: {name}", self.file.display());
        let scale = golden.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (index, (a, b)) in ours.iter().zip(&golden).enumerate() {
            assert!((a - b).abs() <= 1e-5 * scale, "{}: {name}[{index}]: {a} is not {b}", self.file.display());
        }
    }
}

#[test]
fn lstm_forward_and_gradients_are_those_of_pytorch() {
    check(DeviceKind::Flex, Path::Kernels);
    check(DeviceKind::Flex, Path::BySteps);
}

#[cfg(feature = "ndarray")]
#[test]
fn lstm_forward_and_gradients_on_ndarray_are_those_of_pytorch() {
    check(DeviceKind::Ndarray, Path::BySteps);
}

/// The devices round differently, and training carries that on from step to step.
#[cfg(feature = "ndarray")]
#[test]
fn lstm_training_on_ndarray_forecasts_as_on_flex() {
    let (configuration, market) = (fixture::weighted(Regime::Joint), Market::signal(300, 30));
    let data = market.data(&configuration);
    let scores = DeviceKind::ALL.map(|device| {
        let model = train(&configuration, &data, device, &mut |_| {}).unwrap();
        model.predict(&data, false).unwrap().remove(0).blend.unwrap().score
    });
    let mut compared = 0;
    for (flex, ndarray) in scores[0].iter().zip(&scores[1]).filter(|(flex, _)| flex.is_finite()) {
        // The target's deviation is some 0.03.
        assert!((flex - ndarray).abs() < 3e-6, "{flex} is not {ndarray}");
        compared += 1;
    }
    assert!(compared > 40);
}

/// Which of the two ways to compute an LSTM.
#[derive(Clone, Copy)]
enum Path {
    Kernels,
    BySteps,
}

fn check(device: DeviceKind, path: Path) {
    let mut checked = 0;
    for golden in Golden::all(device) {
        for case in golden.cases() {
            let name = |part: &str| format!("{case}.{part}");
            let [batch, time, inputs] = golden.shape(&name("x"))[..] else { panic!("{case}: x") };
            let state = golden.tensors.tracked(|other| {
                let parameter = other.starts_with(&name("lstm.")) || other.starts_with(&name("head."));
                parameter || other == name("x")
            });
            let x = state.flat(&name("x")).unwrap().reshape([batch, time, inputs]).swap_dims(0, 1);
            let lstm = Lstm::new(&state, &name("lstm")).unwrap();
            let output = match path {
                Path::Kernels => lstm.forward(x, &mut Dropout::none()).unwrap(),
                Path::BySteps => lstm.by_steps(x, &mut Dropout::none()),
            };
            let last = output.output.clone().narrow(0, time - 1, 1).squeeze_dim(0);

            golden.check(&name("output"), &values(output.output.swap_dims(0, 1)).unwrap());
            golden.check(&name("h_n"), &values(Tensor::cat(output.hidden, 0)).unwrap());
            golden.check(&name("c_n"), &values(Tensor::cat(output.cell, 0)).unwrap());

            let head = Linear::new(&state, &name("head")).unwrap();
            let y = matrix(golden.numbers(&name("y")), [batch, 1], &device.device().unwrap());
            let difference = head.forward(last) - y;
            let loss = (difference.clone() * difference).mean();
            golden.check(&name("loss"), &values(loss.clone()).unwrap());

            let gradients = state.gradients(&mut loss.backward());
            let expected = golden.tensors.names().filter(|other| other.starts_with(&name("grad."))).count();
            assert_eq!(gradients.len(), expected, "{case}");
            for (parameter, gradient) in gradients {
                let (_, part) = parameter.split_once('.').unwrap();
                golden.check(&name(&format!("grad.{part}")), &values(gradient).unwrap());
                checked += 1;
            }
        }
    }
    assert!(checked >= 3 * 7, "{checked} gradients checked");
}
