//! A trained model's weights in PyTorch, where there is one.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use timeweave::models::{Configuration, ModelInputs, Provenance, Regime, Sample, train, usable};
use timeweave::networks::{DeviceKind, StateDict};

use crate::training::fixture::{Market, lstm, weighted};

/// Loads the weights into PyTorch's own layers by `load_state_dict` and compares all forecasts. Where no Python
/// with PyTorch is found, nothing is compared, and the test says so.
#[test]
fn lstm_weights_load_into_pytorch_and_forecast_the_same() {
    let python = env::var("PYTORCH_PYTHON").unwrap_or_else(|_| "python3".into());
    let has_torch =
        Command::new(&python).args(["-c", "import torch"]).output().is_ok_and(|output| output.status.success());
    if !has_torch {
        println!("skipped: {python} has no PyTorch; name one that has as PYTORCH_PYTHON");
        return;
    }
    let configuration = Configuration { design: lstm(9, 2), ..weighted(Regime::Joint) };
    let market = Market::signal(300, 8);
    let data = market.data(&configuration);
    let device = DeviceKind::Flex.device().unwrap();
    let model = train(&configuration, &data, DeviceKind::Flex, &mut |_| {}).unwrap();
    let folder = tempfile::tempdir().unwrap();
    model.save(&folder.path().join("model"), &Provenance::default()).unwrap();

    let scalers = &model.fits[0].scalers;
    let inputs = ModelInputs::new(&configuration, scalers, &data);
    let samples: Vec<Sample> = usable(&configuration, &data).unwrap();
    let prediction = model.predict(&data, true).unwrap().swap_remove(0);
    let scaled = |column: &[f64]| -> Vec<f32> {
        let target = scalers.of(0).unwrap().target;
        samples.iter().map(|sample| target.apply(column[sample.bar]) as f32).collect()
    };
    let mut file = StateDict::default();
    let mut add = |name: String, shape: &[usize], values: Vec<f32>| file.insert(&name, shape, values, &device).unwrap();
    for (index, group) in configuration.groups.iter().enumerate() {
        let windows = samples.iter().flat_map(|sample| inputs.window(index, *sample)).copied().collect();
        let shape = [samples.len(), group.lookback, group.features.len()];
        add(format!("{}.window", group.name), &shape, windows);
        add(format!("{}.forecast", group.name), &[samples.len()], scaled(&prediction.groups[index]));
        add(format!("{}.order", group.name), &[1], vec![index as f32]);
    }
    let given = samples.iter().flat_map(|sample| inputs.given(*sample)).copied().collect();
    add("given".into(), &[samples.len(), 1], given);
    add("score".into(), &[samples.len()], scaled(&prediction.blend.unwrap().score));
    let forecasts = folder.path().join("forecasts.safetensors");
    fs::write(&forecasts, file.to_safetensors().unwrap()).unwrap();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/lstm_load_state_dict.py");
    let weights = folder.path().join("model/weights.safetensors");
    let output = Command::new(&python).arg(script).arg(weights).arg(&forecasts).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches(&format!("{} forecasts", samples.len())).count(), 3, "{said}");
}
