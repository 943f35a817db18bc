//! Lists of row numbers in few octets: each is the difference to the one before,
//! in groups of seven bits, the lowest first.
//!
//! Lines of one policy were stored one after the other, so most differences are 1.

/// Octets that 64 bits take in groups of seven.
const LONGEST: usize = 10;

/// The numbers as octets.
pub(super) fn encode(numbers: &[i64]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(numbers.len());
    let mut before = 0_i64;
    for &number in numbers {
        let difference = number.wrapping_sub(before);
        // The sign goes to the lowest bit, so that small steps back are short.
        let mut rest = ((difference << 1) ^ (difference >> 63)).cast_unsigned();
        while rest >= 0x80 {
            octets.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        octets.push(rest as u8);
        before = number;
    }
    octets
}

/// The numbers that were encoded; none where these are other octets.
pub(super) fn decode(mut octets: &[u8]) -> Option<Vec<i64>> {
    let mut numbers = Vec::with_capacity(octets.len());
    let mut before = 0_i64;
    while !octets.is_empty() {
        let end = octets.iter().take(LONGEST).position(|octet| octet & 0x80 == 0)?;
        let (number, rest) = octets.split_at_checked(end + 1)?;
        let mut folded = 0_u64;
        for octet in number.iter().rev() {
            // Bits that 64 do not hold would be lost.
            if folded >> (64 - 7) != 0 {
                return None;
            }
            folded = folded << 7 | u64::from(octet & 0x7f);
        }
        let difference = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        before = before.wrapping_add(difference);
        numbers.push(before);
        octets = rest;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_in_a_row_take_an_octet_each() {
        let numbers: Vec<i64> = (1000..1100).collect();
        assert_eq!(encode(&numbers).len(), 101);
        assert_eq!(decode(&encode(&numbers)), Some(numbers));
    }

    #[test]
    fn other_octets_are_no_numbers() {
        assert_eq!(decode(&[0x80]), None);
        assert_eq!(decode(&[0xff; 11]), None);
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), None);
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(numbers in vec(prop_oneof![any::<i64>(), 0..500_i64], 0..50)) {
            prop_assert_eq!(decode(&encode(&numbers)), Some(numbers));
        }

        #[test]
        fn any_octets_are_numbers_or_none(octets in vec(any::<u8>(), 0..60)) {
            prop_assert!(decode(&octets).is_none_or(|numbers| numbers.len() <= octets.len()));
        }
    }
}
