//! Products of small matrices: tiles of results that stay in registers.
//!
//! Each result is one chain of `a × b + c`, over the inner dimension in order. A chain may stop in memory
//! and go on, so neither the tiles' shape nor how the work is cut changes a bit of it.

use crate::networks::recurrent::lanes::{Lanes, MOST_ROWS, WIDTH};

/// Columns of a panel: a tile of the widest registers is so wide.
pub const PANEL: usize = 4 * WIDTH;

/// How many of the inner dimension are taken at a time: so much of a panel stays in the nearest cache while
/// the tiles of all rows go over it.
const DEPTH: usize = PANEL;

/// Rows of a matrix that is cut into panels of [`PANEL`] columns, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct PanelRows<'a> {
    /// The panels.
    pub values: &'a [f32],
    /// How many numbers a panel has.
    pub panel: usize,
    /// The first of the rows that are meant.
    pub first: usize,
}

/// The panels of `columns` columns, a multiple of [`WIDTH`]: where each begins, and how wide it is.
pub fn panels(columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let (first, left) = (next, columns - next);
        let width = if left >= PANEL { PANEL } else { [2 * WIDTH, WIDTH].into_iter().find(|width| left >= *width)? };
        next += width;
        Some((first, width))
    })
}

/// Cuts `count` rows into tiles of nearly the same number of at most `most` rows: where each begins, and
/// how many rows it has.
pub fn tiles(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let number = count.div_ceil(most);
    (0..number).map(move |tile| (tile * count / number, (tile + 1) * count / number - tile * count / number))
}

/// Calls a function that is generic in a number of rows, with the number as it is at run time.
macro_rules! with_rows {
    ($rows:expr, $most:expr, $function:ident::<$lanes:ident, _ $(, $more:tt)*>($($argument:expr),* $(,)?)) => {
        match $rows {
            1 => $function::<$lanes, 1 $(, $more)*>($($argument),*),
            2 => $function::<$lanes, 2 $(, $more)*>($($argument),*),
            3 => $function::<$lanes, 3 $(, $more)*>($($argument),*),
            4 if $most >= 4 => $function::<$lanes, 4 $(, $more)*>($($argument),*),
            5 if $most >= 5 => $function::<$lanes, 5 $(, $more)*>($($argument),*),
            _ if $most >= 6 => $function::<$lanes, 6 $(, $more)*>($($argument),*),
            _ => {}
        }
    };
}
pub(super) use with_rows;

/// A tile of results.
pub type Tile<L, const ROWS: usize, const VECTORS: usize> = [[<L as Lanes>::Vector; VECTORS]; ROWS];

/// Reads a tile: its first number is at `corner`, rows are `row` apart, and registers in a row `apart`.
#[inline(always)]
pub fn load_tile<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    lanes: L,
    values: &[f32],
    corner: usize,
    row: usize,
    apart: usize,
) -> Tile<L, ROWS, VECTORS> {
    let mut tile = [[lanes.splat(0.0); VECTORS]; ROWS];
    for number in 0..ROWS {
        for vector in 0..VECTORS {
            tile[number][vector] = lanes.load(values, corner + number * row + vector * apart);
        }
    }
    tile
}

/// Writes a tile to where [`load_tile`] reads it.
#[inline(always)]
pub fn store_tile<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    lanes: L,
    tile: Tile<L, ROWS, VECTORS>,
    values: &mut [f32],
    corner: usize,
    row: usize,
    apart: usize,
) {
    for number in 0..ROWS {
        for vector in 0..VECTORS {
            lanes.store(values, corner + number * row + vector * apart, tile[number][vector]);
        }
    }
}

/// Goes on with a tile over rows of `a`, each as long as the inner dimension, and a panel of `b`: `width`
/// columns for each of the inner dimension, of which the tile takes those at `columns`.
#[inline(always)]
pub fn accumulate<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    lanes: L,
    mut tile: Tile<L, ROWS, VECTORS>,
    a: [&[f32]; ROWS],
    b: &[f32],
    width: usize,
    columns: [usize; VECTORS],
) -> Tile<L, ROWS, VECTORS> {
    // Plain loops throughout: what a closure computes would be compiled without the wide registers.
    let depth = a[0].len();
    let mut rows = a;
    for row in &mut rows {
        *row = &row[..depth];
    }
    for (inner, b) in b.chunks_exact(width).take(depth).enumerate() {
        // What there is less of waits in registers, so that the tile has room for the rest.
        if ROWS < VECTORS {
            let mut values = [lanes.splat(0.0); ROWS];
            for row in 0..ROWS {
                values[row] = lanes.splat(rows[row][inner]);
            }
            for vector in 0..VECTORS {
                let b = lanes.load(b, columns[vector]);
                for row in 0..ROWS {
                    tile[row][vector] = lanes.multiply_add(values[row], b, tile[row][vector]);
                }
            }
            continue;
        }
        let mut values = [lanes.splat(0.0); VECTORS];
        for vector in 0..VECTORS {
            values[vector] = lanes.load(b, columns[vector]);
        }
        for row in 0..ROWS {
            let a = lanes.splat(rows[row][inner]);
            for vector in 0..VECTORS {
                tile[row][vector] = lanes.multiply_add(a, values[vector], tile[row][vector]);
            }
        }
    }
    tile
}

/// A matrix whose columns are packed into panels, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    values: Vec<f32>,
    depth: usize,
    columns: usize,
}

impl Packed {
    /// Packs `depth` times `columns` numbers, the former a multiple of [`PANEL`], the latter padded with zeros to
    /// one of [`WIDTH`].
    /// `row` writes the columns from `first` on of one of the inner dimension.
    pub fn new(depth: usize, columns: usize, mut row: impl FnMut(usize, usize, &mut [f32])) -> Self {
        let columns = columns.next_multiple_of(WIDTH);
        let mut values = vec![0.0; depth * columns];
        for (first, width) in panels(columns) {
            let panel = &mut values[first * depth..(first + width) * depth];
            for (inner, values) in panel.chunks_exact_mut(width).enumerate() {
                row(inner, first, values);
            }
        }
        Self { values, depth, columns }
    }

    /// Its columns, with those that pad it.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Rows of `a`, as many as `out` has, times this matrix into rows of `out`, [`Packed::columns`] wide.
    #[inline(always)]
    pub fn product<L: Lanes>(&self, lanes: L, a: PanelRows<'_>, out: &mut [f32]) {
        for (first, width) in panels(self.columns) {
            let panel = &self.values[first * self.depth..(first + width) * self.depth];
            for from in (0..self.depth).step_by(DEPTH) {
                let block = Block { from, first, width, columns: self.columns };
                let b = &panel[from * width..(from + DEPTH) * width];
                let a = &a.values[from / DEPTH * a.panel + a.first * PANEL..];
                match (width / L::COUNT).min(L::VECTORS) {
                    4 => block.compute::<L, 4>(lanes, a, b, out),
                    2 => block.compute::<L, 2>(lanes, a, b, out),
                    _ => block.compute::<L, 1>(lanes, a, b, out),
                }
            }
        }
    }
}

/// A part of a product: some of the inner dimension times the columns of a panel.
#[derive(Clone, Copy)]
struct Block {
    from: usize,
    first: usize,
    width: usize,
    columns: usize,
}

impl Block {
    #[inline(always)]
    fn compute<L: Lanes, const VECTORS: usize>(self, lanes: L, a: &[f32], b: &[f32], out: &mut [f32]) {
        for (top, rows) in tiles(out.len() / self.columns, L::ROWS) {
            for column in (0..self.width).step_by(VECTORS * L::COUNT) {
                with_rows!(rows, L::ROWS, tile::<L, _, VECTORS>(lanes, self, a, b, out, top, column));
            }
        }
    }
}

#[inline(always)]
fn tile<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    lanes: L,
    block: Block,
    a: &[f32],
    b: &[f32],
    out: &mut [f32],
    top: usize,
    column: usize,
) {
    let corner = top * block.columns + block.first + column;
    let mut rows: [&[f32]; ROWS] = [&[]; ROWS];
    for row in 0..ROWS {
        rows[row] = &a[(top + row) * PANEL..][..DEPTH];
    }
    let mut columns = [column; VECTORS];
    for vector in 0..VECTORS {
        columns[vector] += vector * L::COUNT;
    }
    let mut results: Tile<L, ROWS, VECTORS> = [[lanes.splat(0.0); VECTORS]; ROWS];
    if block.from > 0 {
        results = load_tile(lanes, out, corner, block.columns, L::COUNT);
    }
    results = accumulate(lanes, results, rows, b, block.width, columns);
    store_tile(lanes, results, out, corner, block.columns, L::COUNT);
}

/// Adds to `sums`, [`PANEL`] columns for each of `columns` of `a`, the products of the rows of `a` with those
/// of `b`: the transpose of `a` times `b`.
#[inline(always)]
pub fn add_outer<L: Lanes>(lanes: L, a: &[&[f32]], columns: usize, b: &[f32], sums: &mut [f32]) {
    match L::VECTORS {
        4 => outer_tiles::<L, 4>(lanes, a, columns, b, sums),
        _ => outer_tiles::<L, 2>(lanes, a, columns, b, sums),
    }
}

#[inline(always)]
fn outer_tiles<L: Lanes, const VECTORS: usize>(lanes: L, a: &[&[f32]], columns: usize, b: &[f32], sums: &mut [f32]) {
    for (left, rows) in tiles(columns, L::ROWS) {
        for column in (0..PANEL).step_by(VECTORS * L::COUNT) {
            with_rows!(rows, L::ROWS, outer_tile::<L, _, VECTORS>(lanes, a, left, b, column, sums));
        }
    }
}

#[inline(always)]
fn outer_tile<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    lanes: L,
    a: &[&[f32]],
    left: usize,
    b: &[f32],
    column: usize,
    sums: &mut [f32],
) {
    let corner = left * PANEL + column;
    let mut results: Tile<L, ROWS, VECTORS> = load_tile(lanes, sums, corner, PANEL, L::COUNT);
    for (a, b) in a.iter().zip(b.chunks_exact(PANEL)) {
        let a = &a[left..left + ROWS];
        let b = &b[column..column + VECTORS * L::COUNT];
        let mut values = [lanes.splat(0.0); VECTORS];
        for vector in 0..VECTORS {
            values[vector] = lanes.load(b, vector * L::COUNT);
        }
        for row in 0..ROWS {
            let a = lanes.splat(a[row]);
            for vector in 0..VECTORS {
                results[row][vector] = lanes.multiply_add(a, values[vector], results[row][vector]);
            }
        }
    }
    store_tile(lanes, results, sums, corner, PANEL, L::COUNT);
}

// MOST_ROWS is what `with_rows` knows.
const _: () = assert!(MOST_ROWS == 6);
