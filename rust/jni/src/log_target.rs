//! Where log lines go: to logcat on Android, nowhere elsewhere.
//!
//! Host names, addresses and packages are logged at debug level at most, and every debug line begins
//! with `portlog-debug:`. A release has neither such lines nor the marker (the `log` crate compiles
//! them out), which is checked in the built library.

/// Opens the log; further calls change nothing.
pub(crate) fn open() {
    #[cfg(target_os = "android")]
    android_logger::init_once(
        android_logger::Config::default()
            .with_tag("Portlog")
            .with_max_level(log::LevelFilter::Debug)
            // It logs the names of classes at debug level.
            .with_filter(
                android_logger::FilterBuilder::new()
                    .filter_level(log::LevelFilter::Debug)
                    .filter_module("jni", log::LevelFilter::Warn)
                    .build(),
            ),
    );
}
