//! Cursor: where a rule next holds, looked for once.

/// A truth value of a bar: a rule's, or a condition's among an exit's inputs, which is 1 where it holds.
pub(super) trait Truth: Copy {
    fn holds(self) -> bool;
}

impl Truth for bool {
    #[inline]
    fn holds(self) -> bool {
        self
    }
}

impl Truth for f64 {
    #[inline]
    fn holds(self) -> bool {
        self == 1.0
    }
}

/// A rule's values on the bars of a feed, and where it was last found to hold. Asked bar after bar, it looks at
/// each value once: were it to look ahead each time, a rule that seldom holds would cost the square of the bars.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a, T> {
    pub values: &'a [T],
    /// From which bar on was looked, and the first on which it held.
    found: Option<(usize, Option<usize>)>,
}

impl<'a, T: Truth> Cursor<'a, T> {
    pub fn new(values: &'a [T]) -> Self {
        Self { values, found: None }
    }

    /// The first bar, from `from` on, on which the rule holds.
    pub fn next(&mut self, from: usize) -> Option<usize> {
        match self.found {
            Some((asked, next)) if asked <= from && next.is_none_or(|next| from <= next) => next,
            _ => {
                let next = first_truth(self.values, from);
                self.found = Some((from, next));
                next
            }
        }
    }
}

/// The first truth at or after a place.
fn first_truth<T: Truth>(values: &[T], from: usize) -> Option<usize> {
    /// Values looked at together, so that the machine takes them at once.
    const VALUES: usize = 64;
    let rest = values.get(from..)?;
    let any = |chunk: &[T]| chunk.iter().fold(false, |any, value| any | value.holds());
    let start = rest.chunks(VALUES).position(any)? * VALUES;
    rest[start..].iter().position(|value| value.holds()).map(|place| from + start + place)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    /// A truth value that counts how often it is looked at.
    #[derive(Clone, Copy)]
    struct Counted<'a>(bool, &'a Cell<usize>);

    impl Truth for Counted<'_> {
        fn holds(self) -> bool {
            self.1.set(self.1.get() + 1);
            self.0
        }
    }

    proptest! {
        #[test]
        fn finds_what_a_look_at_every_value_finds(
            truths in prop::collection::vec(prop::sample::select(vec![1.0, 0.0, 0.0, f64::NAN]), 0..300),
            sparse in 0..300_usize,
            asked in prop::collection::vec(0..310_usize, 1..40),
        ) {
            // From some bar on it holds no more.
            let truths: Vec<f64> = truths.iter().enumerate().map(|(bar, truth)| if bar < sparse { *truth } else { 0.0 }).collect();
            let mut cursor = Cursor::new(&truths);
            for from in asked {
                prop_assert_eq!(cursor.next(from), (from..truths.len()).find(|bar| truths[*bar] == 1.0));
            }
        }
    }

    #[test]
    fn bar_after_bar_it_looks_at_each_value_once() {
        let looks = Cell::new(0);
        for holds in [&[][..], &[9_999], &[5_000], &[100, 200, 9_000]] {
            looks.set(0);
            let values: Vec<Counted> = (0..10_000).map(|bar| Counted(holds.contains(&bar), &looks)).collect();
            let mut cursor = Cursor::new(&values);
            (0..10_000).for_each(|from| assert!(cursor.next(from).is_none_or(|next| next >= from)));
            // And at the chunk in which it holds once more, for the place.
            assert!(looks.get() <= 10_000 + 128 * holds.len(), "{} looks for {holds:?}", looks.get());
        }
    }
}
