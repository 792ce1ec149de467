#![no_main]
//! libFuzzer's way into the target of the same name.

libfuzzer_sys::fuzz_target!(|data: &[u8]| portlog_fuzz_targets::adb_answer(data));
