//! `make fuzz TARGET=json`

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wicketgate_fuzz::json(input));
