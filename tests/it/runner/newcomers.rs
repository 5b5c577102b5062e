//! Files as newcomers have them, brought in as they are: what a person sees of each.

use std::fmt::Write;

use super::Desk;

/// As Yahoo's download wrote them, with a day of which it knew nothing.
const YAHOO: &str = "Date,Open,High,Low,Close,Adj Close,Volume
2024-03-13,172.770004,173.190002,170.759995,171.130005,170.200897,52488700
2024-03-14,172.910004,174.309998,172.050003,173.000000,172.060745,72913500
2024-03-15,null,null,null,null,null,null
2024-03-18,175.570007,177.710007,173.520004,173.720001,172.776840,75604200
";

/// As they are copied from its pages, with a dividend between them.
const YAHOO_COPIED: &str = "Date\tOpen\tHigh\tLow\tClose Close price adjusted for splits.\tAdj Close Adjusted close \
price adjusted for splits and dividend and/or capital gain distributions.\tVolume
Feb 12, 2024\t188.42\t188.67\t186.79\t187.15\t186.40\t41,781,900
Feb 9, 2024\t0.24 Dividend
Feb 9, 2024\t188.65\t189.99\t188.00\t188.85\t188.09\t45,155,200
Feb 8, 2024\t189.39\t189.54\t187.35\t188.32\t187.32\t40,962,000
";

/// As data.binance.vision has them: no header, milliseconds.
const BINANCE: &str = "\
1709251200000,61130.98,61430.00,60777.00,61220.91,1710.625,1709254799999,104497763.58,72174,827.16,50538061.2,0
1709254800000,61220.91,61636.00,61153.30,61456.14,1395.971,1709258399999,85763170.31,62371,715.61,43968411.7,0
1709258400000,61456.14,61730.00,61360.00,61686.36,1146.327,1709261999999,70527431.92,58340,601.68,37020573.3,0
";

/// As TradingView exports a chart with two indicators on it.
const TRADINGVIEW: &str = "time,open,high,low,close,Volume,Volume MA,RSI
1710163800,172.94,173.79,172.40,173.05,9812345,,NaN
1710167400,173.05,174.38,172.99,174.11,7123456,,NaN
1710171000,174.11,174.20,173.10,173.33,5234567,6000000,55.1
";

/// As a German broker writes hours: lines above the header, commas, a column of times.
const BROKER: &str = "Instrument: DAX 40 Cash
Export: 15.03.2024 18:00

Datum;Zeit;Eröffnung;Hoch;Tief;Schluss;Volumen
15.03.2024;09:00;17.950,5;17.980,0;17.940,5;17.975,0;1.250
15.03.2024;10:00;17.975,0;18.001,5;17.960,0;17.990,5;1.310
15.03.2024;11:00;17.990,5;17.995,0;17.901,5;17.910,0;2.210
";

/// Days from the same country: shares are `Stuecke`, and `Volumen` is what was paid for them.
const SHARES: &str = "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen
15.03.2024;174,66;176,42;173,90;174,90;3.512.450;614.327.505
14.03.2024;175,98;177,16;174,40;174,66;1.423.331;249.500.100
13.03.2024;175,00;176,30;174,52;176,10;1.210.002;212.100.300
";

/// As Excel saves a sheet: a mark of its encoding, its own line about the delimiter, and a row that was cleared.
const EXCEL: &str = "\u{feff}sep=;\r
Date;Open;High;Low;Close;Volume\r
3/11/2024;$172.94;$174.38;$172.05;$172.75;\"60,139,500\"\r
3/12/2024;$173.15;$174.03;$171.01;$173.23;\"59,825,400\"\r
3/13/2024;$172.77;$173.19;$170.76;$171.13;\"52,488,700\"\r
;;;;;\r
";

#[test]
fn files_as_newcomers_have_them() {
    let desk = Desk::new();
    for (name, text) in [
        ("AAPL.csv", YAHOO),
        ("copied.txt", YAHOO_COPIED),
        ("BTCUSDT-1h-2024-03.csv", BINANCE),
        ("NASDAQ_AAPL,_60.csv", TRADINGVIEW),
        ("dax.csv", BROKER),
        ("oneday.csv", &BROKER.replace("Zeit", "Wann")),
        ("SAP.csv", SHARES),
        ("excel.csv", EXCEL),
    ] {
        desk.write(name, text);
    }
    let mut all = String::new();
    for line in [
        "AAPL.csv",
        "AAPL.csv --lenient",
        "copied.txt",
        "copied.txt --symbol AAPL --lenient",
        "BTCUSDT-1h-2024-03.csv",
        "BTCUSDT-1h-2024-03.csv --symbol-from {symbol}-*",
        "NASDAQ_AAPL,_60.csv",
        "NASDAQ_AAPL,_60.csv --symbol-from NASDAQ_{symbol},*",
        "dax.csv",
        "dax.csv --source-timezone Europe/Berlin",
        "oneday.csv",
        "oneday.csv --columns time=Wann --source-timezone Europe/Berlin",
        "SAP.csv",
        "excel.csv",
    ] {
        let line = format!("data import {line} --dataset mine --dry-run");
        let told = desk.run(&line);
        let _ = writeln!(all, "$ runner {line}\n{}{}[{}]\n", told.stdout, told.stderr, told.code.unwrap_or(-1));
    }
    insta::assert_snapshot!(all);
}
