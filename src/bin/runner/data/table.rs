//! Rows of text in columns.

/// The rows under one another, the first of which names the columns; those of the places given stand to the
/// right.
pub fn table(rows: &[Vec<String>], to_the_right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |place: usize| rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let padded = |row: &Vec<String>| {
        let cells =
            row.iter().zip(&widths).enumerate().map(|(place, (cell, &width))| match to_the_right.contains(&place) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            });
        cells.collect::<Vec<String>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(padded).collect::<Vec<String>>().join("\n")
}
