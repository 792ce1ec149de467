//! Entries: what a log has to say, as text that is made once.

mod kind;
mod value;

pub use kind::{Field, Kind};
pub use value::{FieldType, MAX_VALUE, OwnerText, Value, read_moment};
pub(crate) use value::{is_clean, is_forbidden};

/// The most bytes of the values of one entry, so that it fits where blocks are bounded.
pub(crate) const MAX_VALUES: usize = 1 << 20;

/// An entry before it has its place in a log: a kind and a value for each of its fields.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    kind: Kind,
    values: Vec<Value>,
}

/// Why something is no entry.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// No field of this name in entries of the kind. Caused by a mistake in a program.
    #[error("{kind} entries have no field {field:?}")]
    NoSuchField {
        /// The kind.
        kind: Kind,
        /// What was asked for.
        field: String,
    },
    /// The value is not of the field's type. Caused by a mistake in a program.
    #[error("{value:?} is not a {} value of {field} in {kind} entries", of.as_str())]
    WrongType {
        /// The kind.
        kind: Kind,
        /// The field.
        field: String,
        /// Its type.
        of: FieldType,
        /// What was given.
        value: String,
    },
    /// More `owner.N` fields than an entry may have; they belong into several.
    #[error("an entry names at most {} owners", Kind::MAX_OWNERS)]
    TooManyOwners,
    /// The values together are too long for one entry.
    #[error("the entry has {bytes} bytes of values, more than {MAX_VALUES}")]
    TooLong {
        /// How long they are.
        bytes: usize,
    },
}

impl Entry {
    /// An entry of this kind in which every field has nothing to say yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            values: vec![Value::none(); kind.fields().len()],
        }
    }

    /// The same with a value for the field called `name`.
    pub fn with(mut self, name: &str, value: Value) -> Result<Self, EntryError> {
        let fixed = self.kind.fields().len();
        let at = self.kind.position(name).filter(|at| *at < fixed);
        let (Some(at), Some(of)) = (at, at.and_then(|at| self.kind.field_type(at))) else {
            return Err(EntryError::NoSuchField {
                kind: self.kind,
                field: name.to_owned(),
            });
        };
        if !of.accepts(value.as_str()) {
            return Err(EntryError::WrongType {
                kind: self.kind,
                field: name.to_owned(),
                of,
                value: value.to_string(),
            });
        }
        if let Some(place) = self.values.get_mut(at) {
            *place = value;
        }
        Ok(self)
    }

    /// The same with one more owner.
    pub fn with_owner(mut self, owner: Value) -> Result<Self, EntryError> {
        match self.kind.field_type(self.values.len()) {
            Some(of) if of.accepts(owner.as_str()) => self.values.push(owner),
            Some(of) => {
                return Err(EntryError::WrongType {
                    kind: self.kind,
                    field: "owner".to_owned(),
                    of,
                    value: owner.to_string(),
                });
            }
            None => return Err(EntryError::TooManyOwners),
        }
        Ok(self)
    }

    /// What it is about.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its values, in the order of its fields.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value of the field called `name`.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(self.kind.position(name)?)
    }

    /// Whether it fits into a log.
    pub(crate) fn check_size(&self) -> Result<(), EntryError> {
        let bytes = self.values.iter().map(|value| value.as_str().len()).sum();
        if bytes > MAX_VALUES {
            return Err(EntryError::TooLong { bytes });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_a_value_for_each_field_and_none_else() {
        let entry = Entry::new(Kind::Mark)
            .with("text", Value::text("SIM in"))
            .unwrap();
        let values: Vec<&str> = entry.values().iter().map(Value::as_str).collect();
        assert_eq!(values, ["-", "-", "SIM in"]);
        assert_eq!(entry.value("text").map(Value::as_str), Some("SIM in"));
        assert!(matches!(
            entry.clone().with("remote", Value::none()),
            Err(EntryError::NoSuchField { .. })
        ));
        assert!(matches!(
            entry.clone().with("time", Value::text("noon")),
            Err(EntryError::WrongType { .. })
        ));
        assert!(matches!(
            entry.with_owner(Value::none()),
            Err(EntryError::TooManyOwners)
        ));
    }

    #[test]
    fn owners_are_counted_and_bounded() {
        let owner = |uid: usize| {
            Value::of(
                &format!("{uid} app yes - com.example.a{uid} -"),
                FieldType::Owner,
            )
            .unwrap()
        };
        let mut entry = Entry::new(Kind::Packages);
        for uid in 0..Kind::MAX_OWNERS {
            entry = entry.with_owner(owner(uid)).unwrap();
        }
        assert!(entry.check_size().is_ok());
        assert_eq!(
            entry.value("owner.2").map(Value::as_str),
            Some("1 app yes - com.example.a1 -")
        );
        assert_eq!(entry.with_owner(owner(1)), Err(EntryError::TooManyOwners));
    }
}
