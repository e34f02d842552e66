//! skeleton
use pyo3::prelude::*;

/// skeleton
#[pymodule]
mod _rust {
    use super::*;
    use pyo3::types::{PyDict, PyList};

    /// skeleton
    #[pyfunction]
    #[pyo3(signature = (out, n, lo, /))]
    fn extend_first_n(out: &Bound<'_, PyList>, n: u64, lo: u64) -> PyResult<()> {
        let mut c = lo;
        let mut k = 0;
        while k < n {
            if c > 1 && (2..).take_while(|d| d * d <= c).all(|d| c % d != 0) {
                out.append(c)?;
                k += 1;
            }
            c += 1;
        }
        Ok(())
    }

    /// skeleton
    #[pyfunction]
    fn build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let d = PyDict::new(py);
        d.set_item("version", env!("CARGO_PKG_VERSION"))?;
        d.set_item("profile", if cfg!(debug_assertions) { "debug" } else { "release" })?;
        d.set_item("cpu", "portable")?;
        d.set_item("compiler", "rustc")?;
        Ok(d)
    }
}
