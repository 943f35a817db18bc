//! Reading an image file. The layout of its octets is described in `encode`.
//!
//! The checksum tells damage from whole files and is no proof of anything:
//! every field is checked whatever it says, and no count makes room for more
//! than the octets that are there.

use std::sync::Arc;

use thiserror::Error;
use xxhash_rust::xxh3::xxh3_64;

use crate::addr::{Address, Range};
use crate::name::{DomainName, MAX_LABEL_OCTETS};

use super::encode::{CHECKED_FROM, FORMAT, MAGIC};
use super::{
    AddressIndex, ImageFile, Layout, Order, Tree, ZoneImage, ZoneImageError, ZoneMechanism,
};

/// Why octets are no image. The fault is the file's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// Something else than an image.
    #[error("is no image of spfc")]
    NoImage,
    /// A format that this program does not know.
    #[error(
        "has format {0}, which another spfc wrote: this one, {version}, reads format {FORMAT}; \
         write the image again with it, or read it with the spfc that wrote it",
        version = env!("CARGO_PKG_VERSION")
    )]
    Format(u32),
    /// Fewer octets than the file says.
    #[error("is cut off: {there} octets are there of {whole}")]
    CutOff {
        /// Octets that are there.
        there: u64,
        /// Octets that there should be.
        whole: u64,
    },
    /// More octets than the file says.
    #[error("has {0} octets behind its end")]
    Behind(u64),
    /// The octets are not those that were written.
    #[error("is torn or spoiled: its octets are not those of its checksum")]
    Checksum,
    /// A field that no image has, though the checksum is right.
    #[error("is wrong at octet {at}: {fault}")]
    Field {
        /// Where the field begins, from 0.
        at: u64,
        /// What is wrong.
        fault: Fault,
    },
    /// Trees that make no zone.
    #[error("holds no zone: {0}")]
    Zone(#[from] ZoneImageError),
}

/// What is wrong with a field of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The field, or what it counts, reaches over the end.
    #[error("the image ends before this field does")]
    End,
    /// An octet that stands for nothing.
    #[error("this octet stands for nothing")]
    Choice,
    /// A domain name that is none.
    #[error("the domain name is none")]
    Name,
    /// A domain name with capital letters.
    #[error("the domain name is not in lower case")]
    Capital,
    /// Names of trees that do not rise.
    #[error("the names are not in order")]
    NameOrder,
    /// A text that is not UTF-8.
    #[error("the text is not UTF-8")]
    Text,
    /// Ranges that do not rise, that overlap, or that touch.
    #[error("the ranges are not in order, or overlap, or touch")]
    RangeOrder,
    /// Octets behind the last set.
    #[error("the last set ends here and octets follow")]
    Behind,
}

/// Reads the octets of an image.
///
/// # Errors
///
/// Anything but the octets that `encode` writes.
pub fn decode(octets: &[u8]) -> Result<ImageFile, ImageError> {
    let mut fields = Fields { octets, at: 0 };
    check_head(&mut fields)?;
    let created = u64::from_le_bytes(fields.array()?);
    let mechanism = fields.choice([ZoneMechanism::Exists, ZoneMechanism::Include])?;
    let order = fields.choice([Order::Reversed, Order::Forward])?;
    let version = fields.choice([false, true])?;
    let zone = fields.name()?;
    let layout = Layout::new(&zone, order, version).map_err(ZoneImageError::from)?;
    let trees = read_trees(&mut fields)?;
    let (sets, sources) = read_sets(&mut fields)?;
    if fields.at < octets.len() {
        return Err(fields.fault(fields.at, Fault::Behind));
    }
    Ok(ImageFile { zone: ZoneImage::new(layout, mechanism, trees, sets)?, sources, created })
}

/// Octets of an image's beginning that [`announced_octets`] reads.
pub const IMAGE_HEAD_OCTETS: usize = CHECKED_FROM;

/// How long an image is as a whole, by its beginning, which has
/// [`IMAGE_HEAD_OCTETS`]: a file of another length need not be read.
///
/// # Errors
///
/// No image, one of another format, or less than its beginning.
pub fn announced_octets(beginning: &[u8]) -> Result<u64, ImageError> {
    announced(&mut Fields { octets: beginning, at: 0 })
}

/// What comes before the fields of the zone: whether it is an image, of this
/// format, whole, and as it was written.
fn check_head(fields: &mut Fields<'_>) -> Result<(), ImageError> {
    let there = fields.octets.len() as u64;
    let whole = announced(fields)?;
    if there < whole {
        return Err(ImageError::CutOff { there, whole });
    }
    if there > whole {
        return Err(ImageError::Behind(there - whole));
    }
    let cut_off = |_| ImageError::CutOff { there, whole: CHECKED_FROM as u64 };
    let checksum = fields.array().map(u64::from_le_bytes).map_err(cut_off)?;
    let checked = fields.octets.get(CHECKED_FROM..).unwrap_or_default();
    if checksum != xxh3_64(checked) {
        return Err(ImageError::Checksum);
    }
    Ok(())
}

/// Reads up to the octets that the whole image has.
fn announced(fields: &mut Fields<'_>) -> Result<u64, ImageError> {
    let there = fields.octets.len() as u64;
    let cut_off = |whole: usize| ImageError::CutOff { there, whole: whole as u64 };
    let magic = fields.octets.get(..MAGIC.len()).unwrap_or(fields.octets);
    if !MAGIC.starts_with(magic) {
        return Err(ImageError::NoImage);
    }
    fields.at = magic.len();
    let format = fields.array().map(u32::from_le_bytes).map_err(|_| cut_off(CHECKED_FROM))?;
    if format != FORMAT {
        return Err(ImageError::Format(format));
    }
    fields.array().map(u64::from_le_bytes).map_err(|_| cut_off(CHECKED_FROM))
}

fn read_trees(fields: &mut Fields<'_>) -> Result<Vec<Tree>, ImageError> {
    // A tree has a name of one octet at least, and the number of a set.
    let count = fields.count(5)?;
    let mut trees: Vec<Tree> = Vec::with_capacity(count);
    for _ in 0..count {
        let at = fields.at;
        let name = fields.name()?;
        if trees.last().is_some_and(|before| before.name >= name) {
            return Err(fields.fault(at, Fault::NameOrder));
        }
        trees.push(Tree { name, set: u32::from_le_bytes(fields.array()?) });
    }
    Ok(trees)
}

type Sets = (Vec<Arc<AddressIndex>>, Vec<Option<String>>);

fn read_sets(fields: &mut Fields<'_>) -> Result<Sets, ImageError> {
    // A set has an octet about its source and two counts at least.
    let count = fields.count(17)?;
    let (mut sets, mut sources) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        sources.push(if fields.choice([false, true])? { Some(fields.text()?) } else { None });
        sets.push(Arc::new(read_set(fields)?));
    }
    Ok((sets, sources))
}

fn read_set(fields: &mut Fields<'_>) -> Result<AddressIndex, ImageError> {
    let counts = fields.at;
    let ip4 = fields.count(8)?;
    let ip6 = fields.count(32)?;
    let ip4 = fields.chunks::<8>(counts, ip4)?.iter().map(ip4_range);
    fields.check_order(ip4.clone())?;
    let ip6 = fields.chunks::<32>(counts, ip6)?.iter().map(ip6_range);
    fields.check_order(ip6.clone())?;
    Ok(AddressIndex::from_ranges(ip4, ip6.collect()))
}

fn ip4_range(octets: &[u8; 8]) -> Range<u32> {
    // One word of 64 bits: the first address stands in its low half.
    let both = u64::from_le_bytes(*octets);
    Range { first: both as u32, last: (both >> 32) as u32 }
}

fn ip6_range(octets: &[u8; 32]) -> Range<u128> {
    let (mut first, mut last) = ([0; 16], [0; 16]);
    first.copy_from_slice(&octets[..16]);
    last.copy_from_slice(&octets[16..]);
    Range { first: u128::from_le_bytes(first), last: u128::from_le_bytes(last) }
}

/// The fields of an image, read one behind the other.
struct Fields<'a> {
    octets: &'a [u8],
    /// Octets that are read.
    at: usize,
}

impl<'a> Fields<'a> {
    fn fault(&self, at: usize, fault: Fault) -> ImageError {
        ImageError::Field { at: at as u64, fault }
    }

    fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ImageError> {
        let taken = self.rest().get(..count).ok_or(self.fault(self.at, Fault::End))?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        let array = self.rest().first_chunk().ok_or(self.fault(self.at, Fault::End))?;
        self.at += N;
        Ok(*array)
    }

    /// One octet that says which of two.
    fn choice<T: Copy>(&mut self, between: [T; 2]) -> Result<T, ImageError> {
        let at = self.at;
        let [octet] = self.array()?;
        between.get(usize::from(octet)).copied().ok_or(self.fault(at, Fault::Choice))
    }

    /// A number of things that take `least` octets or more each: no more than
    /// the rest has room for.
    fn count(&mut self, least: usize) -> Result<usize, ImageError> {
        let at = self.at;
        let count = usize::try_from(u64::from_le_bytes(self.array()?)).ok();
        let fits = |count: &usize| *count <= self.rest().len() / least;
        count.filter(fits).ok_or(self.fault(at, Fault::End))
    }

    /// So many pieces of `N` octets; `at` is where they were counted.
    fn chunks<const N: usize>(
        &mut self,
        at: usize,
        count: usize,
    ) -> Result<&'a [[u8; N]], ImageError> {
        let (chunks, _) = self.rest().as_chunks();
        let chunks = chunks.get(..count).ok_or(self.fault(at, Fault::End))?;
        self.at += count * N;
        Ok(chunks)
    }

    fn text(&mut self) -> Result<String, ImageError> {
        let at = self.at;
        let count = self.count(1)?;
        let text = std::str::from_utf8(self.take(count)?);
        text.map(str::to_owned).map_err(|_| self.fault(at, Fault::Text))
    }

    fn name(&mut self) -> Result<DomainName, ImageError> {
        let begin = self.at;
        let mut labels = Vec::new();
        loop {
            let [length] = self.array()?;
            // 255 octets are the longest name; and no pointers to other names.
            if usize::from(length) > MAX_LABEL_OCTETS || self.at - begin > 255 {
                return Err(self.fault(begin, Fault::Name));
            }
            if length == 0 {
                break;
            }
            labels.push(self.take(usize::from(length))?);
        }
        if labels.iter().any(|label| label.iter().any(u8::is_ascii_uppercase)) {
            return Err(self.fault(begin, Fault::Capital));
        }
        DomainName::from_labels(labels).map_err(|_| self.fault(begin, Fault::Name))
    }

    /// Whether ranges that were just read rise, neither overlapping nor touching.
    fn check_order<A: Address>(
        &self,
        ranges: impl ExactSizeIterator<Item = Range<A>>,
    ) -> Result<(), ImageError> {
        let octets = ranges.len() * usize::from(A::BITS) / 4;
        // The lowest address that the next range may begin with.
        let mut free = Some(A::MIN);
        for (number, range) in ranges.enumerate() {
            if free.is_none_or(|free| range.first < free) || range.last < range.first {
                let at = self.at - octets + number * usize::from(A::BITS) / 4;
                return Err(self.fault(at, Fault::RangeOrder));
            }
            free = range.last.next().and_then(A::next);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
