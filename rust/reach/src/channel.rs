//! Frames between the helper and the app.
