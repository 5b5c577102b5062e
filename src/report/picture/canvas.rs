//! What a picture is drawn on: lines, areas and letters, by `tiny-skia`.

use png::{BitDepth, ColorType, Encoder};
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Stroke, Transform};
use ttf_parser::{Face, OutlineBuilder};

use crate::error::{Diagnostic, Result};
use crate::report::picture::scale::Scale;

/// DejaVu Sans, as much of it as European languages need.
const FONT: &[u8] = include_bytes!("../assets/DejaVuSans-subset.ttf");

/// What something is drawn in. The lines differ in lightness and width too.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    Text,
    Dim,
    Grid,
    Own,
    Other,
    Loss,
}

impl Ink {
    fn paint(self) -> Paint<'static> {
        let [red, green, blue] = match self {
            Self::Text => [0x1b, 0x1f, 0x24],
            Self::Dim => [0x57, 0x60, 0x6a],
            Self::Grid => [0xe4, 0xe8, 0xec],
            Self::Own => [0x0b, 0x62, 0xc4],
            Self::Other => [0x8b, 0x70, 0x4a],
            Self::Loss => [0xa8, 0x32, 0x10],
        };
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color_rgba8(red, green, blue, 255);
        paint
    }
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// A part of the picture, in pixels.
pub(super) struct Panel {
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub bottom: f32,
}

impl Panel {
    pub fn x(&self, place: usize, of: usize) -> f32 {
        self.left + (self.right - self.left) * (place as f32 / (of.max(2) - 1) as f32)
    }

    pub fn y(&self, scale: &Scale, value: f64) -> f32 {
        self.bottom - (self.bottom - self.top) * scale.share(value) as f32
    }

    /// A column as points: where several values fall on one column of pixels, the lowest and the highest of them.
    pub fn points(&self, scale: &Scale, values: &[f64]) -> Vec<[f32; 2]> {
        let step = values.len().div_ceil((self.right - self.left) as usize).max(1);
        let point = |place: usize| {
            let value = *values.get(place)?;
            value.is_finite().then(|| [self.x(place, values.len()), self.y(scale, value)])
        };
        let both = |start: usize| {
            let stretch = start..(start + step).min(values.len());
            let low = stretch.clone().min_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(start);
            let high = stretch.max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(start);
            let last = if low == high { 1 } else { 2 };
            [low.min(high), low.max(high)].into_iter().take(last)
        };
        (0..values.len()).step_by(step).flat_map(both).filter_map(point).collect()
    }
}

/// The picture while it is drawn.
pub(super) struct Canvas {
    pixels: Pixmap,
    face: Face<'static>,
}

impl Canvas {
    pub fn new([width, height]: [u32; 2]) -> Result<Self> {
        let failed = || Diagnostic::new("there is no memory, or no font, for a picture");
        let mut pixels = Pixmap::new(width, height).ok_or_else(failed)?;
        pixels.fill(Color::WHITE);
        let face = Face::parse(FONT, 0).map_err(|_| failed())?;
        Ok(Self { pixels, face })
    }

    pub fn line(&mut self, from: [f32; 2], to: [f32; 2], ink: Ink) {
        self.curve(&[from, to], 1.0, ink);
    }

    pub fn curve(&mut self, points: &[[f32; 2]], width: f32, ink: Ink) {
        if let Some(path) = path(points).finish() {
            let stroke = Stroke { width, ..Stroke::default() };
            self.pixels.stroke_path(&path, &ink.paint(), &stroke, Transform::identity(), None);
        }
    }

    /// What lies between a curve and a level, and the curve.
    pub fn area(&mut self, points: &[[f32; 2]], level: f32, ink: Ink) {
        let (Some([first, _]), Some([last, _])) = (points.first(), points.last()) else { return };
        let mut outline = path(points);
        outline.line_to(*last, level);
        outline.line_to(*first, level);
        outline.close();
        if let Some(path) = outline.finish() {
            let mut paint = ink.paint();
            paint.shader.apply_opacity(0.25);
            self.pixels.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
        }
        self.curve(points, 1.5, ink);
    }

    /// Writes a line of text on a base line, and gives how wide it is. What the font does not have is a box.
    pub fn text(&mut self, text: &str, [x, y]: [f32; 2], size: f32, align: Align, ink: Ink) -> f32 {
        let scale = size / f32::from(self.face.units_per_em());
        let glyphs: Vec<_> = text.chars().map(|letter| self.face.glyph_index(letter).unwrap_or_default()).collect();
        let advance = |glyph| f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
        let width: f32 = glyphs.iter().map(|glyph| advance(*glyph)).sum();
        let mut at = match align {
            Align::Left => x,
            Align::Middle => x - width / 2.0,
            Align::Right => x - width,
        };
        for glyph in glyphs {
            let mut outline = Outline(PathBuilder::new());
            self.face.outline_glyph(glyph, &mut outline);
            if let Some(path) = outline.0.finish() {
                // Letters stand upwards, pixels count downwards.
                let placed = Transform::from_row(scale, 0.0, 0.0, -scale, at, y);
                self.pixels.fill_path(&path, &ink.paint(), FillRule::Winding, placed, None);
            }
            at += advance(glyph);
        }
        width
    }

    /// What was drawn, as a PNG.
    ///
    /// # Errors
    /// Where it cannot be encoded; never in practice.
    pub fn png(&self) -> Result<Vec<u8>> {
        let opaque = self.pixels.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]);
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.pixels.width(), self.pixels.height());
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut file| {
            file.write_image_data(&opaque.collect::<Vec<u8>>())?;
            file.finish()
        });
        written.map_err(|error| Diagnostic::new(format!("the picture cannot be encoded: {error}")))?;
        Ok(file)
    }
}

fn path(points: &[[f32; 2]]) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (number, [x, y]) in points.iter().enumerate() {
        if number == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    path
}

/// A letter's outline, as the font hands it out.
struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
