//! Files of other people: how what vendors write is understood, and what becomes of it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Float16Type, Int32Type};
use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float16Array, Float32Array, Float64Array, Int64Array,
    RecordBatch, StringArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use flate2::Compression;
use flate2::write::GzEncoder;
use timeweave::data::{
    Adjust, Bars, Catalog, DateFormat, Decimal, Field, Import, Merge, Reading, Staged, Stamp, parquet_bytes,
};
use timeweave::error::Result;
use timeweave::time::{Calendar, Timeframe};

use super::{bars_at, days, timeframe};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A scratch folder with files to import and the datasets they go to.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn datasets(&self) -> PathBuf {
        self.0.path().join("datasets")
    }

    pub fn read(&self, path: impl Into<PathBuf>, change: impl FnOnce(&mut Import)) -> Result<Staged> {
        let mut import = Import::new("set", vec![path.into()]);
        import.about.calendar = Some(Calendar::Continuous);
        change(&mut import);
        import.read(&self.datasets(), true, &mut |_| true)
    }

    /// Imports a file and gives how it was understood.
    pub fn import(&self, path: impl Into<PathBuf>, change: impl FnOnce(&mut Import)) -> Result<String> {
        let staged = self.read(path, change)?;
        let mut understood = String::new();
        for (_, read) in &staged.files {
            understood = read.clone()?.understanding.to_string();
        }
        staged.commit()?;
        Ok(understood)
    }

    pub fn bars(&self, instrument: &str, at: &str) -> Bars {
        let catalog = Catalog::open(self.datasets()).unwrap();
        catalog.bars(&instrument.parse().unwrap(), timeframe(at), Adjust::None).unwrap()
    }
}

/// The bars as lines: instant, open, high, low, close, volume.
pub(super) fn lines(bars: &Bars) -> Vec<String> {
    let line = |bar: usize| {
        let values = Field::ALL.map(|field| bars.field(field)[bar].to_string());
        format!("{} {}", bars.timestamp(bar), values.join(" "))
    };
    (0..bars.len()).map(line).collect()
}

fn zone(name: &str, reading: &mut Reading) {
    reading.timezone = Some(Calendar::timezone_called(name).unwrap());
}

#[test]
fn what_vendors_write_is_understood() {
    // Four days, as this one and that one writes them.
    let daily = ["2024-03-12 10 12 9 11 1500", "2024-03-13 11 13 10 12 2500", "2024-03-14 12 14 11 13 3500"];
    let files: [(&str, &str); 12] = [
        (
            "yahoo",
            "Date,Open,High,Low,Close*,Adj Close**,Volume\n2024-03-12,10,12,9,11,5.5,1500\n\
                   2024-03-13,11,13,10,12,6,2500\n2024-03-14,12,14,11,13,6.5,3500\n",
        ),
        (
            "yfinance",
            "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,\n\
                      2024-03-12,11.0,12.0,9.0,10.0,1500\n2024-03-13,12.0,13.0,10.0,11.0,2500\n\
                      2024-03-14,13.0,14.0,11.0,12.0,3500\n",
        ),
        (
            "stooq",
            "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n\
                   A.US,D,20240312,000000,10,12,9,11,1500,0\r\nA.US,D,20240313,000000,11,13,10,12,2500,0\r\n\
                   A.US,D,20240314,000000,12,14,11,13,3500,0\r\n",
        ),
        (
            "investing",
            "\u{feff}\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n\
                       \"03/14/2024\",\"13.00\",\"12.00\",\"14.00\",\"11.00\",\"3.50K\",\"0.1%\"\n\
                       \"03/13/2024\",\"12.00\",\"11.00\",\"13.00\",\"10.00\",\"2.50K\",\"0.1%\"\n\
                       \"03/12/2024\",\"11.00\",\"10.00\",\"12.00\",\"9.00\",\"1.50K\",\"0.1%\"\n",
        ),
        (
            "nasdaq",
            "Date,Close/Last,Volume,Open,High,Low\n03/14/2024,$13.00,\"3,500\",$12.00,$14.00,$11.00\n\
                    03/13/2024,$12.00,\"2,500\",$11.00,$13.00,$10.00\n03/12/2024,$11.00,\"1,500\",$10.00,$12.00,$9.00\n",
        ),
        (
            "german",
            "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke\n12.03.2024;10,0;12,0;9,0;11,0;1.500\n\
                    13.03.2024;11,0;13,0;10,0;12,0;2.500\n14.03.2024;12,0;14,0;11,0;13,0;3.500\n",
        ),
        (
            "metatrader",
            "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<SPREAD>\n\
                        2024.03.12\t00:00:00\t10\t12\t9\t11\t1500\t2\n2024.03.13\t00:00:00\t11\t13\t10\t12\t2500\t2\n\
                        2024.03.14\t00:00:00\t12\t14\t11\t13\t3500\t2\n",
        ),
        (
            "binance",
            "1710201600000,10,12,9,11,1500,1710287999999,1.5,7,1,1,0\n\
                     1710288000000,11,13,10,12,2500,1710374399999,1.5,7,1,1,0\n\
                     1710374400000,12,14,11,13,3500,1710460799999,1.5,7,1,1,0\n",
        ),
        (
            "cryptodatadownload",
            "https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USDT\n\
                        1710374400000,2024-03-14 00:00:00,BTC/USDT,12,14,11,13,3500,1\n\
                        1710288000000,2024-03-13 00:00:00,BTC/USDT,11,13,10,12,2500,1\n\
                        1710201600000,2024-03-12 00:00:00,BTC/USDT,10,12,9,11,1500,1\n",
        ),
        (
            "dukascopy",
            "Gmt time,Open,High,Low,Close,Volume\n12.03.2024 00:00:00.000,10,12,9,11,1500\n\
                       13.03.2024 00:00:00.000,11,13,10,12,2500\n14.03.2024 00:00:00.000,12,14,11,13,3500\n",
        ),
        (
            "spaces",
            "date  open high low close volume\n2024-03-12  10 12  9 11 1500\n2024-03-13  11 13 10 12 2500\n\
                    2024-03-14  12 14 11 13 3500\n",
        ),
        (
            "pandas",
            ",o,h,l,c,v\n2024-03-12 00:00:00-04:00,10,12,9,11,1500\n2024-03-13 00:00:00-04:00,11,13,10,12,2500\n\
                    2024-03-14 00:00:00-04:00,12,14,11,13,3500\n",
        ),
    ];
    let mut all = String::new();
    for (name, text) in files {
        let desk = Desk::new();
        let path = desk.write(&format!("{name}.csv"), text);
        let understood = desk.import(path, |import| {
            import.symbol = Some("X".into());
            if name == "german" {
                import.reading.columns = vec![("open".into(), "Erster".into()), ("volume".into(), "Stuecke".into())];
            }
        });
        let understood = understood.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(lines(&desk.bars("set/X", "1d")), daily, "{name}");
        all += &format!("{name}\n{understood}\n");
    }
    insta::assert_snapshot!("understood", all);
}

#[test]
fn packed_files_hold_what_they_hold_unpacked() {
    let desk = Desk::new();
    let csv = "Date,Open,High,Low,Close,Volume\n2024-03-12,10,12,9,11,1500\n2024-03-13,11,13,10,12,2500\n";
    // Two members of one gzip file are one text.
    let two = [gzip(&csv.as_bytes()[..50]), gzip(&csv.as_bytes()[50..])].concat();
    for (name, bytes) in [
        ("A.csv", csv.as_bytes().to_vec()),
        ("B.csv.gz", gzip(csv.as_bytes())),
        ("C.csv.zst", zstd::encode_all(csv.as_bytes(), 1).unwrap()),
        ("D.gz", two),
    ] {
        desk.write(&format!("prices/{name}"), bytes);
    }
    let staged = desk.read(desk.0.path().join("prices"), |_| ()).unwrap();
    let symbols: Vec<String> = staged.commit().unwrap().into_iter().map(|(symbol, _)| symbol).collect();
    assert_eq!(symbols, ["A", "B", "C", "D"]);
    for symbol in ["B", "C", "D"] {
        assert_eq!(desk.bars(&format!("set/{symbol}"), "1d"), desk.bars("set/A", "1d"));
    }
}

#[test]
fn clocks_of_a_zone_become_instants_on_both_sides_of_their_changes() {
    let desk = Desk::new();
    let row = |time: &str| format!("{time},1,1,1,1,1\n");
    // The hour from one to two comes twice on 2024-11-03: where the time goes back, the second begins.
    let times = [
        "2024-11-03 00:30",
        "2024-11-03 01:00",
        "2024-11-03 01:30",
        "2024-11-03 01:00",
        "2024-11-03 01:30",
        "2024-11-03 02:00",
    ];
    let text: String = times.iter().map(|time| row(time)).collect();
    let path = desk.write("X.csv", format!("time,open,high,low,close,volume\n{text}"));
    desk.import(&path, |import| zone("America/New_York", &mut import.reading)).unwrap();
    let opens: Vec<String> = lines(&desk.bars("set/X", "30m")).iter().map(|line| line[11..16].to_owned()).collect();
    assert_eq!(opens, ["04:30", "05:00", "05:30", "06:00", "06:30", "07:00"]);
    // The same from the newest to the oldest.
    let text: String = times.iter().rev().map(|time| row(time)).collect();
    let path = desk.write("Y.csv", format!("time,open,high,low,close,volume\n{text}"));
    let understood = desk.import(&path, |import| zone("America/New_York", &mut import.reading)).unwrap();
    assert!(understood.contains("newest first: turned round"), "{understood}");
    assert_eq!(desk.bars("set/Y", "30m").timestamps(), desk.bars("set/X", "30m").timestamps());
}

#[test]
fn rows_that_are_stamped_with_their_close_open_before() {
    let desk = Desk::new();
    let csv = "time,open,high,low,close,volume\n2024-03-08 15:30,1,1,1,1,1\n2024-03-08 16:00,1,1,1,1,1\n\
               2024-03-11 10:30,1,1,1,1,1\n2024-03-11 11:30,1,1,1,1,1\n";
    let path = desk.write("X.csv", csv);
    desk.import(&path, |import| {
        zone("America/New_York", &mut import.reading);
        import.reading.stamp = Stamp::Close;
        import.timeframe = Some(timeframe("1h"));
        import.about.calendar = Some(super::new_york());
    })
    .unwrap();
    let opens: Vec<String> = lines(&desk.bars("set/X", "1h")).iter().map(|line| line[..16].to_owned()).collect();
    assert_eq!(opens, ["2024-03-08 19:30", "2024-03-08 20:30", "2024-03-11 13:30", "2024-03-11 14:30"]);
}

#[test]
fn what_is_said_counts_more_than_what_is_guessed() {
    let desk = Desk::new();
    let path = desk.write("X.csv", "03/04/2024|1,100|1,200|1,000|1,150\n04/04/2024|1,150|1,200|1,000|1,100\n");
    let understood = desk
        .import(&path, |import| {
            let columns = [("date", "1"), ("open", "2"), ("high", "3"), ("low", "4"), ("close", "5")];
            let columns = columns.map(|(meaning, name)| (meaning.to_owned(), name.to_owned())).to_vec();
            import.reading = Reading {
                delimiter: Some(b'|'),
                header: Some(false),
                columns,
                dates: Some(DateFormat::given("%d/%m/%Y").unwrap()),
                decimal: Some(Decimal::Comma),
                without_volume: true,
                ..Reading::default()
            };
        })
        .unwrap();
    assert_eq!(lines(&desk.bars("set/X", "1d")), ["2024-04-03 1.1 1.2 1 1.15 0", "2024-04-04 1.15 1.2 1 1.1 0"]);
    insta::assert_snapshot!(understood);
}

#[test]
fn a_late_row_settles_what_a_date_means() {
    let desk = Desk::new();
    // For 1,500 rows the day may be the month.
    let minutes = (0..1_500).map(|minute| format!("03/04/2024 {:02}:{:02},1,1,1,1,1\n", minute / 60, minute % 60));
    let text: String = minutes.take(1_440).chain(["13/04/2024 00:00,1,1,1,1,1\n".to_owned()]).collect();
    let path = desk.write("X.csv", format!("time,open,high,low,close,volume\n{text}"));
    let understood = desk.import(&path, |import| zone("UTC", &mut import.reading)).unwrap();
    assert!(understood.contains("%d/%m/%Y %H:%M"), "{understood}");
    assert_eq!(desk.bars("set/X", "1m").timestamp(0).to_string(), "2024-04-03");
}

#[test]
fn one_file_of_many_instruments_is_split() {
    let desk = Desk::new();
    let rows = [
        "2024-03-12,10,12,9,11,5,A",
        "2024-03-12,20,22,19,21,6,BTC/USD",
        "2024-03-13,11,13,10,12,7,A",
        "2024-03-13,21,23,20,22,8,BTC/USD",
    ];
    let path = desk.write("all.csv", format!("date,open,high,low,close,volume,Name\n{}\n", rows.join("\n")));
    desk.import(&path, |_| ()).unwrap();
    assert_eq!(lines(&desk.bars("set/A", "1d")), ["2024-03-12 10 12 9 11 5", "2024-03-13 11 13 10 12 7"]);
    assert_eq!(lines(&desk.bars("set/BTC-USD", "1d")), ["2024-03-12 20 22 19 21 6", "2024-03-13 21 23 20 22 8"]);
}

#[test]
fn parts_of_one_symbol_are_joined_in_order_and_patterns_find_them() {
    let desk = Desk::new();
    for (month, day) in [("01", "31"), ("02", "01")] {
        let row = format!("date,open,high,low,close,volume\n2024-{month}-{day},1,1,1,1,1\n");
        desk.write(&format!("in/BTCUSDT-1d-2024-{month}.csv"), row);
    }
    let pattern = desk.0.path().join("in/*-1d-*.csv");
    let staged = desk.read(&pattern, |import| {
        import.symbol_from = Some("{symbol}-1d-*".into());
        import.timeframe = Some(Timeframe::DAY);
    });
    assert_eq!(staged.unwrap().commit().unwrap()[0].1.bars, 2);
    assert_eq!(desk.bars("set/BTCUSDT", "1d").timestamp(1).to_string(), "2024-02-01");
}

#[test]
fn a_bad_file_of_many_does_not_hide_the_others() {
    let desk = Desk::new();
    let row = "date,open,high,low,close,volume\n2024-03-12,1,1,1,1,1\n";
    desk.write("in/A.csv", row);
    desk.write("in/B.csv", row.replace("1,1,1,1,1", "1,1,2,1,1"));
    let read = |write: bool| {
        let mut import = Import::new("set", vec![desk.0.path().join("in")]);
        import.timeframe = Some(Timeframe::DAY);
        import.read(&desk.datasets(), write, &mut |_| true).unwrap()
    };
    assert!(!desk.datasets().exists() || read(false).commit().unwrap().is_empty(), "a rehearsal writes nothing");
    let staged = read(true);
    let wrong: Vec<bool> = staged.files.iter().map(|(_, read)| read.is_err()).collect();
    assert_eq!(wrong, [false, true]);
    drop(staged);
    assert!(!desk.datasets().exists(), "what is not put in leaves nothing");
    assert_eq!(read(true).commit().unwrap().len(), 1);
}

#[test]
fn rows_out_of_order_are_sorted_where_that_is_asked_for() {
    let desk = Desk::new();
    let csv = "date,open,high,low,close,volume\n2024-03-12,1,1,1,1,1\n2024-03-14,3,3,3,3,3\n2024-03-13,2,2,2,2,2\n";
    let path = desk.write("X.csv", csv);
    let refused = desk.import(&path, |_| ()).unwrap_err();
    assert!(refused.help().unwrap().contains("--sort"), "{refused}");
    desk.import(&path, |import| import.reading.sort = true).unwrap();
    assert_eq!(desk.bars("set/X", "1d").field(Field::Close)[..], [1.0, 2.0, 3.0]);
}

fn import_batch(desk: &Desk, name: &str, bytes: &[u8]) -> Bars {
    let path = desk.write(name, bytes);
    desk.import(&path, |import| (import.symbol, import.merge) = (Some("X".into()), Merge::Replace)).unwrap();
    desk.bars("set/X", "1d")
}

fn feather(batch: &RecordBatch, compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn columns_of_every_type_come_in_from_parquet_and_feather() {
    let texts = |values: [&str; 3]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let dates: [ArrayRef; 7] = [
        Arc::new(Date32Array::from(vec![19_794, 19_795, 19_796])),
        Arc::new(TimestampNanosecondArray::from_iter_values(
            [19_794, 19_795, 19_796].map(|day| day * 86_400_000_000_000),
        )),
        // Midnight in Tokyo.
        Arc::new(
            TimestampMillisecondArray::from_iter_values(
                [19_794, 19_795, 19_796].map(|day| day * 86_400_000 - 32_400_000),
            )
            .with_timezone("Asia/Tokyo"),
        ),
        texts(["2024-03-12", "2024-03-13", "2024-03-14"]),
        Arc::new(Int64Array::from(vec![20_240_312, 20_240_313, 20_240_314])),
        Arc::new(Int64Array::from(vec![1_710_201_600, 1_710_288_000, 1_710_374_400])),
        Arc::new(["12.03.2024", "13.03.2024", "14.03.2024"].into_iter().collect::<DictionaryArray<Int32Type>>()),
    ];
    let half = |value: f32| <Float16Type as ArrowPrimitiveType>::Native::from_f32(value);
    let closes: [ArrayRef; 5] = [
        Arc::new(Float64Array::from(vec![11.0, 12.0, 13.0])),
        Arc::new(Float32Array::from(vec![11.0, 12.0, 13.0])),
        Arc::new(Float16Array::from(vec![half(11.0), half(12.0), half(13.0)])),
        Arc::new(Decimal128Array::from(vec![1_100, 1_200, 1_300]).with_precision_and_scale(10, 2).unwrap()),
        texts(["11.0", "12.0", "13.0"]),
    ];
    let whole = |values: [i64; 3]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
    for (case, date) in dates.iter().enumerate() {
        let desk = Desk::new();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("Volume", whole([1, 2, 3])),
            ("Name", texts(["one", "two", "three"])),
            ("Date", date.clone()),
            ("Open", whole([10, 11, 12])),
            ("High", whole([12, 13, 14])),
            ("Low", whole([9, 10, 11])),
            ("Close", closes[case % closes.len()].clone()),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let expected = ["2024-03-12 10 12 9 11 1", "2024-03-13 11 13 10 12 2", "2024-03-14 12 14 11 13 3"];
        let batch = batch.project(&[0, 2, 3, 4, 5, 6]).unwrap();
        if date.data_type() != &arrow_schema::DataType::Float16 && case % closes.len() != 2 {
            assert_eq!(lines(&import_batch(&desk, "X.parquet", &parquet_bytes(&batch).unwrap())), expected, "{case}");
        }
        for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
            let bars = import_batch(&desk, "X.feather", &feather(&batch, compression));
            assert_eq!(lines(&bars), expected, "{case} {compression:?}");
        }
    }
}

#[test]
fn later_bars_leave_stored_groups_as_they_are() {
    let desk = Desk::new();
    let minutes = |from: i64, count: i64| (from..from + count).map(|minute| minute * 60_000_000).collect::<Vec<i64>>();
    let file = |name: &str, from: i64, count: i64| {
        let bars = bars_at(timeframe("1m"), &Calendar::Continuous, &minutes(from, count));
        desk.write(name, parquet_bytes(&bars.to_record_batch().unwrap()).unwrap())
    };
    let put = |path: &Path, merge: Merge| {
        let staged = desk.read(path, |import| (import.symbol, import.merge) = (Some("X".into()), merge)).unwrap();
        for (_, read) in &staged.files {
            read.clone().unwrap();
        }
        staged.commit().unwrap().remove(0).1
    };
    let group = 1 << 17;
    put(&file("first.parquet", 0, 3 * group), Merge::New);
    let before = fs::read(desk.datasets().join("set/X/1m.parquet")).unwrap();
    let stored = put(&file("then.parquet", 3 * group - 10, 20), Merge::Append);
    assert_eq!((stored.bars as i64, stored.added, stored.changed), (3 * group + 10, 10, 0));
    let after = fs::read(desk.datasets().join("set/X/1m.parquet")).unwrap();
    let same = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    assert!(
        same * 3 > before.len() * 18 / 10,
        "two of three groups are the bytes that they were: {same} of {}",
        before.len()
    );
    let all = bars_at(timeframe("1m"), &Calendar::Continuous, &minutes(0, 3 * group + 10));
    assert_eq!(desk.bars("set/X", "1m"), all);
    let stored = put(&file("all.parquet", 100, 10), Merge::Update);
    assert_eq!((stored.added, stored.changed), (0, 0));
    assert_eq!(desk.bars("set/X", "1m"), all);
}

#[test]
fn an_import_that_is_ended_changes_nothing() {
    let desk = Desk::new();
    let row = |day: i64| format!("{},1,1,1,1,1\n", timeweave::time::Timestamp(day));
    let text: String = days("1970-01-01", 20_000).map(row).collect();
    let path = desk.write("X.csv", format!("date,open,high,low,close,volume\n{text}"));
    let mut rows = Vec::new();
    let ended = Import::new("set", vec![path]).read(&desk.datasets(), true, &mut |progress| {
        rows.push(progress.rows);
        rows.len() < 2
    });
    assert!(ended.err().unwrap().message().contains("ended"));
    assert_eq!(rows, [8192, 16384]);
    assert!(!desk.datasets().exists());
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let desk = Desk::new();
    let row = |day: i64| format!("{},1,1,1,1,1\n", timeweave::time::Timestamp(day));
    let text: String = days("1970-01-01", 9_000).map(row).collect();
    let path = desk.write("X.csv", format!("date,open,high,low,close,volume\n{text}"));
    let mut import = Import::new("set", vec![path.clone()]);
    import.about.calendar = Some(Calendar::Continuous);
    let staged = import.read(&desk.datasets(), true, &mut |_| {
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more").unwrap();
        true
    });
    let staged = staged.unwrap();
    assert!(staged.files[0].1.as_ref().is_err());
    assert!(staged.commit().unwrap().is_empty());
}

#[test]
fn rows_out_of_order_are_held_up_to_a_size() {
    let desk = Desk::new();
    let row = |day: i64| format!("{},1,1,1,1,1\n", timeweave::time::Timestamp(day));
    let newest_first: String = days("1970-01-01", 9_000).collect::<Vec<i64>>().into_iter().rev().map(row).collect();
    let path = desk.write("X.csv", format!("date,open,high,low,close,volume\n{newest_first}"));
    let refused = desk.import(&path, |import| import.most_held = 8_000).unwrap_err();
    assert!(refused.message().contains("more than 8000 of them"), "{refused}");
    assert!(!desk.datasets().exists());
    desk.import(&path, |import| import.most_held = 9_000).unwrap();
    assert_eq!(desk.bars("set/X", "1d").timestamp(0).to_string(), "1970-01-01");
}
