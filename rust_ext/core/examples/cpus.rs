//! Prints the values of `PRIMES_CPU` that this processor can run, a line each, for a test to try them all.

fn main() {
    for cpu in primes_core::available_cpus() {
        println!("{}", cpu.name());
    }
}
