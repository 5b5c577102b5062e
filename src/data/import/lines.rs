//! Text whose lines end as Unix ends them, and are not endless.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// How long a line may be, in bytes.
pub(super) const LONGEST: u64 = 1 << 20;

/// Up to which byte the text may be read, so that no line takes all memory: whoever has taken a line
/// moves it on.
pub(super) type Limit = Rc<Cell<u64>>;

/// A reader of text in which every line ends in `\n`, the last one too.
pub(super) struct Lines<R> {
    inner: R,
    handed: u64,
    limit: Limit,
    after_return: bool,
    last: u8,
}

impl<R: Read> Lines<R> {
    pub fn new(inner: R) -> (Self, Limit) {
        let limit = Rc::new(Cell::new(LONGEST));
        (Self { inner, handed: 0, limit: limit.clone(), after_return: false, last: b'\n' }, limit)
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed > self.limit.get() + buffer.len() as u64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 1 MiB"));
        }
        loop {
            let read = self.inner.read(buffer)?;
            if read == 0 {
                if self.last == b'\n' || buffer.is_empty() {
                    return Ok(0);
                }
                self.last = b'\n';
                buffer[0] = b'\n';
                self.handed += 1;
                return Ok(1);
            }
            let mut kept = read;
            if self.after_return || buffer[..read].contains(&b'\r') {
                kept = 0;
                for place in 0..read {
                    let byte = buffer[place];
                    let follows = self.after_return && byte == b'\n';
                    self.after_return = byte == b'\r';
                    if !follows {
                        buffer[kept] = if byte == b'\r' { b'\n' } else { byte };
                        kept += 1;
                    }
                }
            }
            if kept > 0 {
                self.last = buffer[kept - 1];
                self.handed += kept as u64;
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Chain;

    use super::*;

    fn in_two(text: &[u8], at: usize) -> Lines<Chain<&[u8], &[u8]>> {
        let (a, b) = text.split_at(at);
        Lines::new(a.chain(b)).0
    }

    #[test]
    fn lines_end_alike_wherever_the_bytes_are_cut() {
        let text = b"a\r\nb\n\r\n\rc\r\r\nd";
        for cut in 0..=text.len() {
            let mut read = String::new();
            in_two(text, cut).read_to_string(&mut read).unwrap();
            assert_eq!(read, "a\nb\n\n\nc\n\nd\n", "{cut}");
        }
    }

    #[test]
    fn an_endless_line_is_an_error() {
        let (mut endless, _) = Lines::new(io::repeat(b'x'));
        assert!(io::copy(&mut endless, &mut io::sink()).unwrap_err().to_string().contains("1 MiB"));
    }
}
