//! Tells the module which compiler made it, and for which interface of Python.

use std::process::Command;

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = std::env::var_os("RUSTC").expect("cargo sets RUSTC");
    let version = Command::new(rustc).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version);
    // "rustc 1.95.0 (59807616e 2026-04-14)" without the commit.
    let name = version.split(" (").next().unwrap_or("rustc").trim();
    println!("cargo::rustc-env=PRIMES_COMPILER={name}");
}
