//! The parts of a look from slices, for the one who has them: nothing is copied for a frame.

pub(crate) use super::frame::{
    encode_destroyed as destroyed, encode_head as head, encode_rows as rows,
};
