//! The shapes of the compact form, as macros that take names alone.

use super::{Fault, Malformed};

/// Gives structs the form of a record.
macro_rules! record {
    ($($type:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Compact for $type {
            fn write(&self, out: &mut Writer) {
                $(self.$field.write(out);)+
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self { $($field: from.field(stringify!($field))?),+ })
            }
        }
    )+};
}

/// Gives enums without fields the form of a choice.
macro_rules! choice {
    ($($type:ident { $($variant:ident),+ $(,)? })+) => {$(
        impl Compact for $type {
            fn write(&self, out: &mut Writer) {
                enum Place { $($variant),+ }
                let place = match self {
                    $(Self::$variant => Place::$variant),+
                };
                (place as u8).write(out);
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                const ALL: &[$type] = &[$($type::$variant),+];
                let at = from.at();
                let found = u8::read(from)?;
                ALL.get(usize::from(found))
                    .copied()
                    .ok_or_else(|| no_variant(at, stringify!($type), ALL.len(), found))
            }
        }
    )+};
}

/// Gives enums with fields the form of a sum: each variant with its number. The text is the name that
/// the enum has in Kotlin.
macro_rules! sum {
    ($($type:ident $called:literal {
        $($tag:literal $variant:ident $(($inner:ident))? $({ $($field:ident),+ })?),+ $(,)?
    })+) => {$(
        impl Compact for $type {
            fn write(&self, out: &mut Writer) {
                match self {$(
                    Self::$variant $(($inner))? $({ $($field),+ })? => {
                        let tag: u8 = $tag;
                        tag.write(out);
                        $($inner.write(out);)?
                        $($($field.write(out);)+)?
                    }
                )+}
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                const TAGS: &[u8] = &[$($tag),+];
                let at = from.at();
                match u8::read(from)? {
                    $($tag => Ok(Self::$variant
                        $((from.field(stringify!($inner))?))?
                        $({ $($field: from.field(stringify!($field))?),+ })?
                    ),)+
                    other => Err(no_variant(at, $called, TAGS.len(), other)),
                }
            }
        }
    )+};
}

pub(super) fn no_variant(at: usize, of: &'static str, variants: usize, found: u8) -> Malformed {
    let fault = Fault::Choice {
        of,
        variants,
        found,
    };
    Malformed::new(at, fault)
}
