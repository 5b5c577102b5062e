//! Pixels as a PNG file (W3C recommendation, third edition): eight bits each of red, green and blue.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Eight bits, three colours, the usual packing and filters, not interlaced.
const FORMAT: [u8; 5] = [8, 2, 0, 0, 0];

/// The filter that keeps of each byte its difference from the one above: of a flat ground, zeros.
const UP: u8 = 2;

/// The file of a picture whose rows stand one after the other, three bytes a pixel.
pub(super) fn encoded([width, height]: [u32; 2], pixels: &[u8]) -> Vec<u8> {
    let row = width as usize * 3;
    let blank = vec![0; row];
    let above = [blank.as_slice()].into_iter().chain(pixels.chunks_exact(row));
    let mut filtered = Vec::with_capacity(pixels.len() + height as usize);
    for (row, above) in pixels.chunks_exact(row).zip(above) {
        filtered.push(UP);
        filtered.extend(row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(*above)));
    }
    let header = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &FORMAT].concat();
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &fdeflate::compress_to_vec(&filtered)), chunk(b"IEND", &[])];
    [SIGNATURE, &chunks.concat()].concat()
}

/// A part of the file: its length, name, contents and checksum.
fn chunk(name: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), contents].concat();
    [(contents.len() as u32).to_be_bytes().as_slice(), &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_as_the_recommendation_has_it() {
        // The end of every PNG file, as other programs write it.
        assert_eq!(chunk(b"IEND", &[]), b"\0\0\0\0IEND\xae\x42\x60\x82");
        let file = encoded([2, 2], &[255, 0, 0, 0, 255, 0, 255, 0, 1, 0, 255, 0]);
        assert_eq!(&file[..29], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02\x08\x02\0\0\0");
        let length = u32::from_be_bytes(file[33..37].try_into().unwrap()) as usize;
        let packed = &file[41..41 + length];
        let rows = fdeflate::decompress_to_vec(packed).unwrap();
        assert_eq!(rows, [2, 255, 0, 0, 0, 255, 0, 2, 0, 0, 1, 0, 0, 0]);
    }
}
