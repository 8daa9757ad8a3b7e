//! Files of any length, read from one end to the other, packed or not.
//!
//! What is packed is told by its first bytes, not by its name: names change when files are copied. A file that
//! ends before its data does is an error, never a shorter file.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, ErrorKind, Read},
    path::Path,
};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::SourceError;

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// Bytes that come from somewhere, one after the other.
pub type Stream = Box<dyn Read + Send>;

/// Opens a file that somebody named, and unpacks it when it is packed. Links and pipes are followed: it is data
/// that is read once, and no part of a rulebook.
///
/// # Errors
/// When it is not there, is a folder, or cannot be opened.
pub fn stream(path: &Path) -> Result<Stream, SourceError> {
    let failed = |source| SourceError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(SourceError::NotAFile { path: path.display().to_string() });
    }
    unpacked(file).map_err(failed)
}

/// Bytes as they are, or what they unpack to when they start as gzip or Zstandard do.
///
/// # Errors
/// When the first bytes cannot be read.
pub fn unpacked(mut from: impl Read + Send + 'static) -> io::Result<Stream> {
    let mut start = Vec::with_capacity(4);
    from.by_ref().take(4).read_to_end(&mut start)?;
    let is_gzip = start.starts_with(&[0x1f, 0x8b]);
    let is_zstandard = match start.as_slice() {
        [0x28, 0xb5, 0x2f, 0xfd] => true,
        // A frame of somebody else's data may come first.
        [first, 0x2a, 0x4d, 0x18] => first >> 4 == 5,
        _ => false,
    };
    let whole = BufReader::with_capacity(CHUNK, Cursor::new(start).chain(from));
    Ok(if is_gzip {
        Box::new(Gzip::new(whole))
    } else if is_zstandard {
        Box::new(Zstandard::new(whole))
    } else {
        Box::new(whole)
    })
}

fn ends_early(packing: &str) -> io::Error {
    let words = format!("the {packing} data ends in the middle: the file was cut off, so copy it again");
    io::Error::new(ErrorKind::UnexpectedEof, words)
}

fn damaged(packing: &str, why: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the {packing} data is damaged: {why}"))
}

/// What gzip packed: one member, or several one after the other.
struct Gzip<R> {
    /// The member that is being read; none after the last one, and after an error.
    member: Option<GzDecoder<Counted<R>>>,
}

/// Counts the packed bytes that were used.
struct Counted<R> {
    inner: R,
    used: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.used += length as u64;
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        self.used += length as u64;
        self.inner.consume(length);
    }
}

impl<R: BufRead> Gzip<R> {
    fn new(inner: R) -> Self {
        Self { member: Some(GzDecoder::new(Counted { inner, used: 0 })) }
    }

    /// Begins the member after one that ended, if there is one. What follows must be packed by gzip as well: whoever leaves it
    /// out reads less than the file holds.
    fn next(ended: GzDecoder<Counted<R>>) -> io::Result<Option<GzDecoder<Counted<R>>>> {
        let mut rest = ended.into_inner();
        let used = rest.used;
        match rest.fill_buf()? {
            [] => Ok(None),
            // The second byte may not have come yet; then the header says whether it is the right one.
            [0x1f] | [0x1f, 0x8b, ..] => Ok(Some(GzDecoder::new(rest))),
            _ => {
                let words = format!(
                    "the gzip data ends with byte {used}, and what follows it is no gzip: something was added to the file, \
                     or its end is damaged, so copy it again"
                );
                Err(io::Error::new(ErrorKind::InvalidData, words))
            }
        }
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(mut member) = self.member.take() {
            let length = member.read(buffer).map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => ends_early("gzip"),
                ErrorKind::InvalidInput | ErrorKind::InvalidData => damaged("gzip", &error),
                _ => error,
            })?;
            if length > 0 {
                self.member = Some(member);
                return Ok(length);
            }
            self.member = Self::next(member)?;
        }
        Ok(0)
    }
}

const ZSTANDARD: &str = "Zstandard";

/// What Zstandard packed: one frame, or several one after the other.
struct Zstandard<R> {
    from: Tap<R>,
    decoder: FrameDecoder,
    /// Whether a frame was begun whose end was not seen.
    inside: bool,
}

/// Notices that more was wanted than there is.
struct Tap<R> {
    inner: R,
    ended: bool,
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.ended |= length == 0 && !buffer.is_empty();
        Ok(length)
    }
}

impl<R: BufRead> Zstandard<R> {
    fn new(inner: R) -> Self {
        Self { from: Tap { inner, ended: false }, decoder: FrameDecoder::new(), inside: false }
    }

    /// Why a frame cannot be read.
    fn failed(&self, error: &FrameDecoderError) -> io::Error {
        if self.from.ended { ends_early(ZSTANDARD) } else { damaged(ZSTANDARD, error) }
    }

    /// Begins the next frame; `false` when there is none. Frames of other data are read over.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.from.inner.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.from) {
                Ok(()) => {
                    self.inside = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut self.from.by_ref().take(length), &mut io::sink())? < length {
                        return Err(ends_early(ZSTANDARD));
                    }
                }
                Err(error) => return Err(self.failed(&error)),
            }
        }
        Ok(false)
    }

    /// Ends a frame of which everything was handed out.
    fn end(&mut self) -> io::Result<()> {
        self.inside = false;
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(written), Some(counted)) if written != counted => {
                Err(damaged(ZSTANDARD, &"its checksum is another one"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Zstandard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.inside && !self.begin()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                if let Err(error) = self.decoder.decode_blocks(&mut self.from, one) {
                    return Err(self.failed(&error));
                }
            }
            let length = self.decoder.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            self.end()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        unpacked(Cursor::new(bytes.to_vec()))?.read_to_end(&mut read)?;
        Ok(read)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstandard(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn text() -> Vec<u8> {
        (0..60_000).flat_map(|number: u32| format!("{number},{}\n", number % 7).into_bytes()).collect()
    }

    #[test]
    fn what_is_packed_is_unpacked_and_the_rest_is_left_alone() {
        let text = text();
        assert!(text.len() > CHUNK);
        for bytes in [&text[..], b"", b"a", b"abc\n", b"\x1f"] {
            assert_eq!(read(bytes).unwrap(), bytes);
        }
        for pack in [gzip, zstandard] {
            let packed = pack(&text);
            assert!(packed.len() < text.len());
            assert_eq!(read(&packed).unwrap(), text);
            assert_eq!(read(&pack(b"")).unwrap(), b"");
            let twice = [pack(b"one,"), pack(b"two")].concat();
            assert_eq!(read(&twice).unwrap(), b"one,two");
        }
        let other = [&[0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9][..], &zstandard(b"data")].concat();
        assert_eq!(read(&other).unwrap(), b"data");
    }

    #[test]
    fn what_is_cut_off_anywhere_is_never_taken_for_the_whole() {
        let text = &text()[..2_000];
        for (pack, words) in
            [(gzip as fn(&[u8]) -> Vec<u8>, "the gzip data"), (zstandard, "the Zstandard data")]
        {
            let packed = pack(text);
            for length in 4..packed.len() {
                let error = read(&packed[..length]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{length} of {}: {error}", packed.len());
                assert!(error.to_string().starts_with(words), "{error}");
            }
            assert_eq!(read(&packed).unwrap(), text);
        }
    }

    #[test]
    fn damage_is_noticed() {
        let text = text();
        for pack in [gzip, zstandard] {
            let mut packed = pack(&text);
            let middle = packed.len() / 2;
            packed[middle] ^= 0x10;
            let error = read(&packed).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof), "{error}");
        }
    }
}
