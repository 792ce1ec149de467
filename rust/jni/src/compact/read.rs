//! Reading the compact form, and what is wrong where that fails.

use std::fmt;

use super::{Compact, MAX_BYTES, Writer};

/// What is left of a record.
#[derive(Debug)]
pub struct Reader<'a> {
    left: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// All of `bytes`.
    ///
    /// # Errors
    /// When they are more than [`MAX_BYTES`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_BYTES {
            return Err(Malformed::new(0, Fault::TooLarge(bytes.len())));
        }
        Ok(Self { left: bytes, at: 0 })
    }

    /// Where the next byte stands, from 0.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let Some((taken, left)) = self.left.split_at_checked(count) else {
            return Err(self.fault(Fault::Ends {
                due: count,
                left: self.left.len(),
            }));
        };
        self.left = left;
        self.at = self.at.saturating_add(count);
        Ok(taken)
    }

    /// A field, named `name` where it is faulty.
    ///
    /// # Errors
    /// When it does not stand there.
    pub fn field<T: Compact>(&mut self, name: &'static str) -> Result<T, Malformed> {
        T::read(self).map_err(|malformed| malformed.within(Step::Field(name)))
    }

    /// Nothing must be left.
    ///
    /// # Errors
    /// When something is.
    pub fn end(&self) -> Result<(), Malformed> {
        match self.left.len() {
            0 => Ok(()),
            more => Err(self.fault(Fault::Trailing(more))),
        }
    }

    /// A fault at the next byte.
    pub fn fault(&self, fault: Fault) -> Malformed {
        Malformed::new(self.at, fault)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// The byte of a `bool` or of an optional.
    fn flag(&mut self) -> Result<bool, Malformed> {
        let at = self.at;
        match u8::read(self)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Malformed::new(at, Fault::Flag(other))),
        }
    }
}

/// Bytes that are no record: a fault of whoever wrote them, and where.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{path}byte {at}: {fault}")]
pub struct Malformed {
    at: usize,
    path: Path,
    fault: Fault,
}

impl Malformed {
    /// A fault of the byte at `at`.
    pub fn new(at: usize, fault: Fault) -> Self {
        Self {
            at,
            path: Path(Vec::new()),
            fault,
        }
    }

    fn within(mut self, step: Step) -> Self {
        self.path.0.push(step);
        self
    }
}

/// What is wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Its first byte is another version's.
    #[error("it is of version {0}, and {known} is known here", known = super::VERSION)]
    Version(u8),
    /// It is longer than any record is.
    #[error("{0} bytes, and at most {MAX_BYTES} are taken")]
    TooLarge(usize),
    /// It ends too early.
    #[error("{}", ends(*due, *left))]
    Ends {
        /// What is due.
        due: usize,
        /// What is there.
        left: usize,
    },
    /// It goes on behind its end.
    #[error("{0} more than the record")]
    Trailing(usize),
    /// A flag that is none.
    #[error("{0} is neither 0 nor 1")]
    Flag(u8),
    /// A choice or sum that has no such variant.
    #[error("{found} is none of the {variants} of {of}")]
    Choice {
        /// Its type.
        of: &'static str,
        /// How many there are.
        variants: usize,
        /// What stands there.
        found: u8,
    },
    /// A key that is none.
    #[error("a key of {0} bytes, and one has 32")]
    Key(u32),
    /// A text that is none.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A list that cannot be that long.
    #[error("a list of {count} in {left} byte{}", if *left == 1 { "" } else { "s" })]
    List {
        /// What its count says.
        count: u32,
        /// How many bytes there are for it.
        left: usize,
    },
}

fn ends(due: usize, left: usize) -> String {
    match left {
        0 if due == 1 => "it ends where 1 more is due".to_owned(),
        _ => format!(
            "it ends {} short of the {due} that are due",
            due.saturating_sub(left)
        ),
    }
}

/// The fields and items around a fault, innermost first.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Path(Vec<Step>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Field(&'static str),
    Item(usize),
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, step) in self.0.iter().rev().enumerate() {
            match step {
                Step::Field(name) if depth == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        if self.0.is_empty() {
            Ok(())
        } else {
            f.write_str(", ")
        }
    }
}

macro_rules! number {
    ($($type:ty),+) => {$(
        impl Compact for $type {
            fn write(&self, out: &mut Writer) {
                out.put(&self.to_be_bytes());
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                from.array().map(Self::from_be_bytes)
            }
        }
    )+};
}

number!(u8, i32, u32, i64, u64);

impl Compact for bool {
    fn write(&self, out: &mut Writer) {
        u8::from(*self).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.flag()
    }
}

impl Compact for String {
    fn write(&self, out: &mut Writer) {
        out.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let length = u32::read(from)?;
        let at = from.at();
        let bytes = from.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        match str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(Malformed::new(at, Fault::NotUtf8)),
        }
    }
}

impl<T: Compact> Compact for Option<T> {
    fn write(&self, out: &mut Writer) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.flag()?.then(|| T::read(from)).transpose()
    }
}

impl<T: Compact> Compact for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.list(self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let at = from.at();
        let count = u32::read(from)?;
        let left = from.left.len();
        // No value takes less than a byte.
        let length = match usize::try_from(count) {
            Ok(length) if length <= left => length,
            _ => return Err(Malformed::new(at, Fault::List { count, left })),
        };
        // A value in memory is larger than its least form: room grows with what was really read.
        let mut items = Self::with_capacity(length.min(64));
        for index in 0..length {
            items.push(T::read(from).map_err(|malformed| malformed.within(Step::Item(index)))?);
        }
        Ok(items)
    }
}

impl<A: Compact, B: Compact> Compact for (A, B) {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok((A::read(from)?, B::read(from)?))
    }
}
