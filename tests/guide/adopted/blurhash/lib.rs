//! The sums over all pixels in Rust.

use std::f64::consts::PI;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

type Pixel = [f64; 3];

fn to_linear(value: f64) -> f64 {
    let value = value / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn to_srgb(value: f64) -> i64 {
    let value = value.clamp(0.0, 1.0);
    let linear_part = value <= 0.003_130_8;
    (if linear_part { value * 12.92 * 255.0 + 0.5 } else { (1.055 * value.powf(1.0 / 2.4) - 0.055) * 255.0 + 0.5 })
        as i64
}

fn add(sum: &mut Pixel, colour: &Pixel, basis: f64) {
    for (each, value) in sum.iter_mut().zip(colour) {
        *each += basis * value;
    }
}

fn component(image: &[Pixel], (width, height): (u32, u32), (i, j): (u32, u32)) -> Pixel {
    let norm = if i == 0 && j == 0 { 1.0 } else { 2.0 };
    let (width, height) = (f64::from(width), f64::from(height));
    let mut sum = [0.0; 3];
    for (y, row) in image.chunks_exact(width as usize).enumerate() {
        for (x, pixel) in row.iter().enumerate() {
            let (x, y) = (x as f64, y as f64);
            let basis = norm * (PI * f64::from(i) * x / width).cos() * (PI * f64::from(j) * y / height).cos();
            add(&mut sum, pixel, basis);
        }
    }
    sum.map(|value| value / (width * height))
}

fn pixel(colours: &[Pixel], size_x: u32, (x, y): (u32, u32), (width, height): (u32, u32)) -> Pixel {
    let (x, y, width, height) = (f64::from(x), f64::from(y), f64::from(width), f64::from(height));
    let mut sum = [0.0; 3];
    for (j, row) in colours.chunks_exact(size_x as usize).enumerate() {
        for (i, colour) in row.iter().enumerate() {
            let basis = (PI * x * i as f64 / width).cos() * (PI * y * j as f64 / height).cos();
            add(&mut sum, colour, basis);
        }
    }
    sum
}

/// Compute each pixel of an image, row by row.
fn pixels<T: Send>(
    py: Python<'_>,
    colours: &[f64],
    (size_x, size_y): (u32, u32),
    (width, height): (u32, u32),
    as_asked: impl Fn(Pixel) -> [T; 3] + Sync,
) -> PyResult<Vec<Vec<[T; 3]>>> {
    let colours: Vec<Pixel> = colours.as_chunks().0.to_vec();
    if size_x == 0 || colours.len() != size_x as usize * size_y as usize {
        return Err(PyValueError::new_err("the colours are not those of so many components"));
    }
    let at = |x, y| as_asked(pixel(&colours, size_x, (x, y), (width, height)));
    Ok(py.detach(|| (0..height).map(|y| (0..width).map(|x| at(x, y)).collect()).collect()))
}

#[pymodule]
mod _rust {
    use super::*;

    #[pyfunction]
    fn components(
        py: Python<'_>,
        data: &[u8],
        width: u32,
        height: u32,
        components_x: u32,
        components_y: u32,
        linear: bool,
    ) -> PyResult<Vec<Pixel>> {
        let (doubles, rest) = data.as_chunks();
        let values = doubles.iter().map(|&each| f64::from_ne_bytes(each));
        let values: Vec<f64> = if linear { values.collect() } else { values.map(to_linear).collect() };
        let (image, remainder) = values.as_chunks();
        if !rest.is_empty() || !remainder.is_empty() || image.len() != width as usize * height as usize || width == 0 {
            return Err(PyValueError::new_err("the data are not those of an image of this size"));
        }
        let all = || (0..components_y).flat_map(|j| (0..components_x).map(move |i| (i, j)));
        Ok(py.detach(|| all().map(|at| component(image, (width, height), at)).collect()))
    }

    #[pyfunction]
    fn linear_pixels(
        py: Python<'_>,
        colours: Vec<f64>,
        size_x: u32,
        size_y: u32,
        width: u32,
        height: u32,
    ) -> PyResult<Vec<Vec<Pixel>>> {
        pixels(py, &colours, (size_x, size_y), (width, height), |pixel| pixel)
    }

    #[pyfunction]
    fn srgb_pixels(
        py: Python<'_>,
        colours: Vec<f64>,
        size_x: u32,
        size_y: u32,
        width: u32,
        height: u32,
    ) -> PyResult<Vec<Vec<[i64; 3]>>> {
        pixels(py, &colours, (size_x, size_y), (width, height), |pixel| pixel.map(to_srgb))
    }
}
