//! A fault in one line, as it stands in events, exceptions and answers: whoever reads it has
//! neither the type of an error nor a thread's standard error.

use std::any::Any;
use std::error::Error;

/// An error with its causes, each said once.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// What a panic said; `payload` is what `catch_unwind` and a panic hook hand over.
#[must_use]
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("something that is no text")
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::panic::{catch_unwind, panic_any};

    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Self>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn every_cause_is_said_once() {
        let disk = Layer("disk full", None);
        let row = Layer("row 3: disk full", Some(Box::new(disk)));
        let table = Layer("no table", Some(Box::new(row)));
        assert_eq!(chain(&table), "no table: row 3: disk full");
    }

    #[test]
    fn a_panic_keeps_what_it_said() {
        let payload = catch_unwind(|| panic!("{} of {}", 3, 4)).unwrap_err();
        assert_eq!(panic_text(&*payload), "3 of 4");
        let payload = catch_unwind(|| panic!("plain")).unwrap_err();
        assert_eq!(panic_text(&*payload), "plain");
        let payload = catch_unwind(|| panic_any(5)).unwrap_err();
        assert_eq!(panic_text(&*payload), "something that is no text");
    }
}
