//! `make fuzz TARGET=soft`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wicketgate_fuzz::soft(input));
