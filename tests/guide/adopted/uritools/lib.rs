//! Percent-encoding in Rust.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

fn encoded(data: &[u8], safe: &[u8]) -> Vec<u8> {
    let mut kept: [bool; 256] = std::array::from_fn(|byte| {
        let byte = byte as u8;
        byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
    });
    safe.iter().for_each(|&byte| kept[usize::from(byte)] = true);
    let mut out = Vec::with_capacity(3 * data.len());
    for &byte in data {
        if kept[usize::from(byte)] {
            out.push(byte);
        } else {
            out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
    out
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|value| value as u8)
}

fn decoded(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let [byte, after @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (byte, after)
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            out.push(16 * high + low);
            rest = after;
        } else {
            out.push(*byte);
            rest = after;
        }
    }
    out
}

#[pymodule]
mod _rust {
    use super::*;

    #[pyfunction]
    fn encode<'py>(py: Python<'py>, data: &[u8], safe: &[u8]) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| encoded(data, safe)))
    }

    #[pyfunction]
    fn decode<'py>(py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| decoded(data)))
    }
}
