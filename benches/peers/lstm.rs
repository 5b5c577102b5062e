//! Our side of `benches/peers/lstm_torch.py`: three LSTMs, a linear head each, and a softmax network that
//! weighs them, on fixed random numbers.
//!
//! `HIDDEN STEPS LAYERS`; then it reads lines, `train REPEATS` or `infer SAMPLES REPEATS`, and answers each with
//! a line of JSON: the seconds of every repeat.

#![allow(clippy::unwrap_used)] // what fails here fails the bench

use std::env;
use std::io::{self, BufRead};
use std::time::Instant;

use burn_core::tensor::{DType, Tensor, TensorData};
use serde_json::json;
use timeweave::networks::{
    DeviceKind, Dropout, Linear, Lstm, Memory, Mixer, Optimiser, Purpose, Random, StateDict, matrix, scalar, values,
};

const GROUPS: usize = 3;
const FEATURES: usize = 12;
const BATCH: usize = 64;
const MIXER: usize = 32;

fn main() {
    let arguments: Vec<usize> = env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [hidden, steps, layers] = arguments[..] else {
        println!("this is asked by benches/peers/lstm_torch.py");
        return;
    };
    let _memory = Memory::shared();
    let mut bench = Bench::new(hidden, steps, layers);
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["train", repeats] => bench.train(repeats.parse().unwrap()),
            ["infer", samples, repeats] => bench.infer(samples.parse().unwrap(), repeats.parse().unwrap()),
            _ => break,
        };
        println!("{answer}");
    }
}

struct Bench {
    steps: usize,
    state: StateDict,
    optimiser: Optimiser,
    random: Random,
    training: Vec<Tensor<3>>,
    target: Tensor<2>,
}

impl Bench {
    fn new(hidden: usize, steps: usize, layers: usize) -> Self {
        let device = DeviceKind::Flex.device().unwrap();
        let mut random = Random::new(1, Purpose::Initialisation, 0);
        let mut state = StateDict::default();
        let mut add = |name: String, shape: &[usize], inputs: usize| {
            let values = random.symmetric(shape.iter().product(), 1.0 / (inputs as f64).sqrt());
            state.insert(&name, shape, values, &device).unwrap();
        };
        for group in 0..GROUPS {
            for layer in 0..layers {
                let inputs = if layer == 0 { FEATURES } else { hidden };
                add(format!("{group}.lstm.weight_ih_l{layer}"), &[4 * hidden, inputs], hidden);
                add(format!("{group}.lstm.weight_hh_l{layer}"), &[4 * hidden, hidden], hidden);
                add(format!("{group}.lstm.bias_ih_l{layer}"), &[4 * hidden], hidden);
                add(format!("{group}.lstm.bias_hh_l{layer}"), &[4 * hidden], hidden);
            }
            add(format!("{group}.head.weight"), &[1, hidden], hidden);
            add(format!("{group}.head.bias"), &[1], hidden);
        }
        add("weights.0.weight".into(), &[MIXER, GROUPS * hidden], GROUPS * hidden);
        add("weights.0.bias".into(), &[MIXER], GROUPS * hidden);
        add("weights.2.weight".into(), &[GROUPS, MIXER], MIXER);
        add("weights.2.bias".into(), &[GROUPS], MIXER);
        let mut bench = Self {
            steps,
            state,
            optimiser: Optimiser::new(0.0, 0.0),
            target: matrix(random.symmetric(BATCH, 0.1), [BATCH, 1], &device),
            random,
            training: Vec::new(),
        };
        bench.training = bench.windows(BATCH);
        bench
    }

    fn windows(&mut self, samples: usize) -> Vec<Tensor<3>> {
        let device = DeviceKind::Flex.device().unwrap();
        let shape = [self.steps, samples, FEATURES];
        let mut one = || TensorData::new(self.random.symmetric(shape.iter().product(), 1.7), shape);
        (0..GROUPS).map(|_| Tensor::from_data(one(), (&device, DType::F32))).collect()
    }

    fn train(&mut self, repeats: usize) -> serde_json::Value {
        let mut losses = Vec::new();
        let seconds: Vec<f64> = (0..repeats)
            .map(|_| {
                let start = Instant::now();
                let tracked = self.state.tracked(|_| true);
                let forecast = Networks::new(&tracked).forward(&self.training);
                let difference = forecast - self.target.clone();
                let loss = (difference.clone() * difference).mean();
                let mut gradients = loss.backward();
                self.optimiser.step(&mut self.state, tracked.gradients(&mut gradients), 1e-3).unwrap();
                losses.push(scalar(loss).unwrap());
                start.elapsed().as_secs_f64()
            })
            .collect();
        json!({ "seconds": seconds, "first": losses.first(), "last": losses.last() })
    }

    fn infer(&mut self, samples: usize, repeats: usize) -> serde_json::Value {
        let windows = self.windows(samples);
        let networks = Networks::new(&self.state);
        let seconds: Vec<f64> = (0..repeats)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(values(networks.forward(&windows)).unwrap().len(), samples);
                start.elapsed().as_secs_f64()
            })
            .collect();
        json!({ "seconds": seconds })
    }
}

struct Networks {
    lstms: Vec<Lstm>,
    heads: Vec<Linear>,
    mixer: Mixer,
}

impl Networks {
    fn new(state: &StateDict) -> Self {
        Self {
            lstms: (0..GROUPS).map(|group| Lstm::new(state, &format!("{group}.lstm")).unwrap()).collect(),
            heads: (0..GROUPS).map(|group| Linear::new(state, &format!("{group}.head")).unwrap()).collect(),
            mixer: Mixer::new(state, "weights").unwrap(),
        }
    }

    fn forward(&self, windows: &[Tensor<3>]) -> Tensor<2> {
        let lstms: Vec<&Lstm> = self.lstms.iter().collect();
        let last = Lstm::last_of_each(&lstms, windows.to_vec(), &mut Dropout::none()).unwrap();
        let forecasts = self.heads.iter().zip(&last).map(|(head, last)| head.forward(last.clone())).collect();
        (self.mixer.forward(Tensor::cat(last, 1)) * Tensor::cat(forecasts, 1)).sum_dim(1)
    }
}
