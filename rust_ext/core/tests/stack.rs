//! How much stack a call takes that makes the tables: nobody gets an error where the stack cannot grow.
//!
//! No other test is here, for the tables are made once in a process.

use primes_core::{DecimalWriter, PrimeBlocks, Text, count, prime_pi};

/// What a call may take, with what a thread takes for itself. The tables have up to 66 KiB each.
const STACK_BYTES: usize = 48 << 10;

#[test]
fn tables_are_not_made_on_the_stack() {
    let calls = || {
        let small = PrimeBlocks::first_n(3, 100).next_block(&mut || true).unwrap().to_vec();
        let far = PrimeBlocks::range(1 << 50, (1 << 50) + 100_000).next_block(&mut || true).unwrap()[0];
        let mut text = Text::default();
        DecimalWriter::new(b" ").unwrap().write(&small, &mut text).unwrap();
        let counted = count(0, 10_000_000, 1, &mut |_| true).unwrap();
        let pi = [1_000_000, 10_000_000_000].map(|x| prime_pi(x, 1, &mut |_| true).unwrap());
        (small, far, text.as_bytes().to_vec(), counted, pi)
    };
    let answers = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(calls).unwrap().join().unwrap();
    // The counts: OEIS A006880.
    let expected = (vec![101, 103, 107], (1 << 50) + 55, b"101 103 107 ".to_vec(), 664_579, [78_498, 455_052_511]);
    assert_eq!(answers, expected);
}
