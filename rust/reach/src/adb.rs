//! A phone watched from a desktop, through the `adb` program.
