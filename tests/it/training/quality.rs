//! Whether a model forecasts at all: other people's figures, baselines by hand, and what inputs are worth.

use serde_json::Value;
use timeweave::data::Column;
use timeweave::error::Result;
use timeweave::models::{
    BASELINES, Configuration, Figures, FoldQuality, Importance, InstrumentData, ModelInputs, Outcomes, Pool,
    Prediction, Quality, Regime, Sample, Trained, train,
};
use timeweave::networks::{DeviceKind, NormalEquations};

use super::fixture::{Market, configuration, weighted};
use super::{fold, trained};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../golden/quality.json")).unwrap()
}

fn column(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn near(ours: f64, theirs: &Value, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0), "{what}: {ours}, not {theirs}");
}

#[test]
fn quality_figures_are_those_of_scipy_and_statsmodels() {
    for (name, golden) in golden()["figures"].as_object().unwrap() {
        let [forecast, target] = ["forecast", "target"].map(|name| column(&golden[name]));
        let instants: Vec<i64> = column(&golden["instants"]).into_iter().map(|instant| instant as i64).collect();
        let of = |span| {
            let outcomes = Outcomes { target: &target, instants: &instants, span, reference: None };
            Figures::of("x", &forecast, outcomes)
        };
        let ours = of(1.0);
        let figures = [
            ("correlation", ours.correlation),
            ("information_coefficient", ours.information_coefficient),
            ("independent_samples", ours.independent_samples),
            ("hit_rate", ours.hit_rate),
            ("hit_rate_low", ours.hit_rate_low),
            ("hit_rate_high", ours.hit_rate_high),
        ];
        for (figure, value) in figures {
            near(value.unwrap(), &golden[figure], &format!("{name}: {figure}"));
        }
        // Theirs is for independent samples: t goes with the root of their number less two.
        let samples = ours.independent_samples.unwrap();
        let degrees = (target.len() as f64 - 2.0) / (samples - 2.0);
        let t = ours.information_coefficient_t.unwrap() * degrees.sqrt();
        near(t, &golden["information_coefficient_t_if_independent"], name);
        // Labels that look three bars ahead are worth a third.
        assert!((of(3.0).independent_samples.unwrap() * 3.0 - samples).abs() < 1e-9);
        let theirs = column(&golden["mean_forecasts"]).into_iter().zip(column(&golden["mean_outcomes"]));
        assert_eq!(ours.calibration.len(), 10);
        for (tenth, (said, came)) in ours.calibration.iter().zip(theirs) {
            assert_eq!(tenth.samples, target.len() / 10);
            assert!((tenth.mean_forecast - said).abs() < 1e-12 && (tenth.mean_outcome - came).abs() < 1e-12);
        }
    }
}

#[test]
fn quality_ridge_is_that_of_scikit_learn() {
    let golden = &golden()["ridge"];
    let rows: Vec<f64> = golden["rows"].as_array().unwrap().iter().flat_map(column).collect();
    let equations = NormalEquations::new(&rows, 5, &column(&golden["target"])).unwrap();
    for solved in golden["solved"].as_array().unwrap() {
        let ours = equations.solve(solved["penalty"].as_f64().unwrap()).unwrap();
        near(ours.intercept, &solved["intercept"], "intercept");
        for (coefficient, theirs) in ours.coefficients.iter().zip(solved["coefficients"].as_array().unwrap()) {
            near(*coefficient, theirs, "coefficient");
        }
    }
}

fn judged(configuration: &Configuration, model: &Trained, market: &Market) -> Quality {
    let data = market.data(configuration);
    Quality::new(model, &data, &model.predict(&data, false).unwrap()).unwrap()
}

#[test]
fn quality_baselines_see_the_training_range_and_what_was_known() {
    let market = Market::signal(400, 3);
    let configuration = configuration();
    let model = trained(&configuration, &market);
    let quality = judged(&configuration, &model, &market);
    let names: Vec<&str> = quality.baselines.iter().map(|figures| figures.name.as_str()).collect();
    assert_eq!(names, BASELINES);

    // All of it again, by hand, from the split.
    let data = market.data(&configuration);
    let split = fold(&configuration, &data);
    let inputs = ModelInputs::new(&configuration, &model.fits[0].scalers, &data);
    let row = |sample: &Sample| {
        let (day, week) = (inputs.window(0, *sample), inputs.window(1, *sample));
        [day[day.len() - 2], day[day.len() - 1], week[week.len() - 1]].map(f64::from)
    };
    let target = |sample: &Sample| data[0].target[sample.bar];
    let rows: Vec<f64> = split.train.iter().flat_map(row).collect();
    let equations = NormalEquations::new(&rows, 3, &split.train.iter().map(target).collect::<Vec<_>>()).unwrap();
    let error = |forecast: &dyn Fn(&Sample) -> f64, samples: &[Sample]| {
        samples.iter().map(|sample| (forecast(sample) - target(sample)).powi(2)).sum::<f64>() / samples.len() as f64
    };
    let lines = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0].map(|penalty| equations.solve(penalty).unwrap());
    let validated = lines.each_ref().map(|line| error(&|sample| line.forecast(&row(sample)), &split.validation));
    let best = (0..6).min_by(|a, b| validated[*a].total_cmp(&validated[*b])).unwrap();
    let mean = split.train.iter().map(target).sum::<f64>() / split.train.len() as f64;
    let by_hand = [
        error(&|_| 0.0, &split.test),
        error(&|_| mean, &split.test),
        error(&|sample| data[0].target[sample.bar - configuration.horizon], &split.test),
        error(&|sample| lines[best].forecast(&row(sample)), &split.test),
    ];
    for (figures, by_hand) in quality.baselines.iter().zip(by_hand) {
        let ours = figures.mean_squared_error.unwrap();
        assert!((ours / by_hand - 1.0).abs() < 1e-9, "{}: {ours}, not {by_hand}", figures.name);
        assert_eq!(figures.samples, split.test.len());
    }
    // Most of the signal is a straight line.
    assert!(quality.baselines[3].r_squared.unwrap() > 0.4, "{:?}", quality.baselines[3]);
    assert_eq!(quality.label_bars, 5.0);
    let worth = quality.forecasts[0].independent_samples.unwrap();
    assert!((worth * 5.0 - split.test.len() as f64).abs() < 1e-9);
}

#[test]
fn quality_of_stitched_folds_is_that_of_the_whole() {
    let market = Market::signal(400, 4);
    let configuration = weighted(Regime::Joint);
    let model = trained(&configuration, &market);
    let data = market.data(&configuration);
    let predictions = model.predict(&data, false).unwrap();
    let whole = Quality::new(&model, &data, &predictions).unwrap();
    assert!(whole.folds.is_empty());

    let mut halves = [model.fits[0].clone(), model.fits[0].clone()];
    let (first, last) = (halves[0].ranges.test.from, halves[0].ranges.test.to);
    let middle = data[0].instants[(market.bar_at(first) + market.bar_at(last)) / 2];
    (halves[0].until, halves[1].from) = (middle, middle);
    let predict = |data: &[InstrumentData]| model.predict(data, false);
    let stitched = Quality::of(&configuration, &halves, &data, &predictions, &predict).unwrap();
    assert_eq!(stitched.importance, whole.importance);
    assert_eq!((&stitched.forecasts, &stitched.baselines), (&whole.forecasts, &whole.baselines));
    assert_eq!((&stitched.verdict, &stitched.weights), (&whole.verdict, &whole.weights));
    let [a, b] = &stitched.folds[..] else { panic!("two folds") };
    assert_eq!(a.tested.samples + b.tested.samples, whole.forecasts[0].samples);
    assert_eq!((a.tested.from, b.tested.from, b.tested.to), (first, middle, last));
    // The mean of the folds' errors, by their samples, is the whole one's.
    for (place, all) in whole.forecasts.iter().enumerate() {
        let part = |fold: &FoldQuality| fold.forecasts[place].mean_squared_error.unwrap() * fold.tested.samples as f64;
        let mean = (part(a) + part(b)) / all.samples as f64;
        assert!((mean / all.mean_squared_error.unwrap() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn quality_of_a_model_for_each_instrument_is_that_of_all() {
    let mut configuration = configuration();
    configuration.pool = Pool::Separate;
    let markets = [Market::signal(400, 6), Market::signal(300, 7)];
    let data: Vec<InstrumentData> = markets.iter().flat_map(|market| market.data(&configuration)).collect();
    let model = train(&configuration, &data, DeviceKind::Flex, &mut |_| {}).unwrap();
    assert_eq!(model.fits.len(), 2);
    let quality = Quality::new(&model, &data, &model.predict(&data, false).unwrap()).unwrap();
    // Two fits, and one fold.
    assert!(quality.folds.is_empty());
    // Each by the mean and the line of its own training range.
    let alone = markets.each_ref().map(|market| {
        let mut configuration = configuration.clone();
        configuration.pool = Pool::Joint;
        judged(&configuration, &trained(&configuration, market), market)
    });
    for (place, figures) in quality.baselines.iter().enumerate() {
        let parts = alone.each_ref().map(|quality| &quality.baselines[place]);
        let sum = |of: fn(&Figures) -> f64| parts.iter().map(|figures| of(figures)).sum::<f64>();
        assert_eq!(figures.samples as f64, sum(|figures| figures.samples as f64));
        let error =
            sum(|figures| figures.mean_squared_error.unwrap() * figures.samples as f64) / figures.samples as f64;
        assert!((error / figures.mean_squared_error.unwrap() - 1.0).abs() < 1e-9, "{}", figures.name);
    }
}

#[test]
fn quality_weights_sum_to_one_in_every_year() {
    let market = Market::signal(900, 5);
    let configuration = weighted(Regime::Joint);
    let quality = judged(&configuration, &trained(&configuration, &market), &market);
    let [day, week] = &quality.weights[..] else { panic!("two groups") };
    assert!((day.mean.unwrap() + week.mean.unwrap() - 1.0).abs() < 1e-12);
    assert!((day.deviation.unwrap() - week.deviation.unwrap()).abs() < 1e-12);
    assert_eq!(day.by_year.iter().map(|year| year.samples).sum::<usize>(), quality.forecasts[0].samples);
    for (a, b) in day.by_year.iter().zip(&week.by_year) {
        assert!(a.year == b.year && (a.mean + b.mean - 1.0).abs() < 1e-12);
    }
}

/// What a model says whose daily forecast is the sum over its window of the first feature, and whose weekly one
/// is the week's last value.
fn sums(data: &[InstrumentData]) -> Result<Vec<Prediction>> {
    let forecast = |data: &InstrumentData| {
        let over = |group: usize, length: usize| -> Column {
            let sum = |last: &Option<usize>| match last {
                Some(last) if last + 1 >= length => {
                    data.groups[group].features[0][last + 1 - length..=*last].iter().sum()
                }
                _ => f64::NAN,
            };
            data.groups[group].visible.iter().map(sum).collect::<Vec<f64>>().into()
        };
        Prediction { groups: vec![over(0, 6), over(1, 1)], blend: None }
    };
    Ok(data.iter().map(forecast).collect())
}

#[test]
fn quality_importance_is_what_a_forecast_loses_by_a_shuffle() {
    let configuration = configuration();
    // Two instruments, so that windows must stay with theirs; the target is what the daily forecast says.
    let mut data: Vec<InstrumentData> =
        [1, 2].iter().flat_map(|seed| Market::noise(300, *seed).data(&configuration)).collect();
    let said = sums(&data).unwrap();
    for (of, said) in data.iter_mut().zip(&said) {
        of.target = said.groups[0].to_vec();
    }
    let model = trained(&configuration, &Market::noise(300, 1));
    let measure = || Quality::of(&configuration, &model.fits, &data, &said, &sums).unwrap();
    let (quality, again) = (measure(), measure());
    assert_eq!(quality, again);
    let Importance { samples, inputs } = quality.importance.unwrap();
    assert_eq!(samples, quality.forecasts[0].samples);
    let names: Vec<(&str, &str)> = inputs.iter().map(|one| (one.input.as_str(), one.forecast.as_str())).collect();
    assert_eq!(names, [("day.momentum", "day"), ("day.strength", "day"), ("week.trend", "week")]);
    // The forecast was right, so that a window from elsewhere costs the squared distance of two sums of six:
    // twice their variance. Nothing else is read by it.
    assert_eq!(quality.forecasts[0].mean_squared_error, Some(0.0));
    assert!((inputs[0].r_squared_fall.unwrap() - 2.0).abs() < 0.5, "{:?}", inputs[0]);
    assert_eq!((inputs[1].error_rise, inputs[1].r_squared_fall), (0.0, Some(0.0)));
    // The weekly one is noise to the target: other noise is no better and no worse, but for chance.
    let weekly = quality.forecasts[1].mean_squared_error.unwrap();
    assert!(inputs[2].error_rise != 0.0 && inputs[2].error_rise.abs() < 0.2 * weekly, "{:?}", inputs[2]);
}

#[test]
fn quality_importance_finds_what_a_trained_model_reads() {
    let market = Market::signal(900, 9);
    let mut configuration = weighted(Regime::Joint);
    (configuration.training.epochs, configuration.training.patience) = (25, 8);
    let quality = judged(&configuration, &trained(&configuration, &market), &market);
    let verdict = quality.verdict.unwrap();
    assert_eq!((verdict.forecast.as_str(), verdict.best_baseline.as_str()), ("score", "ridge"));
    let fall = |name: &str| {
        let found = quality.importance.iter().flat_map(|all| &all.inputs).find(|one| one.input == name);
        found.unwrap().r_squared_fall.unwrap()
    };
    assert!(fall("day.momentum") > 0.5 && fall("week.trend") > 0.05, "{:?}", quality.importance);
    assert!(fall("day.strength").abs() < 0.05 && fall("given.1").abs() < 0.05, "{:?}", quality.importance);
}
