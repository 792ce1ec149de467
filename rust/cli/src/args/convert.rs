//! `portlog log convert`, and the forms that `log export` gives too.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::convert::Form;

/// Make JSON, a table or a folder for MVT from a shared log
///
/// The file is checked first; of one that is rejected nothing is written, and the status is 1. What is
/// written is not signed and has what the file discloses, no more. docs/EVENTS.md describes the forms.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog log convert shared.portlog.txt --as json -o shared.json
  portlog log convert shared.portlog.txt --as csv -o shared.csv
  portlog log convert shared.portlog.txt --as mvt -o for-mvt
  mvt-android check-androidqf --iocs INDICATORS.stix2 --output RESULTS for-mvt
")]
pub(crate) struct ConvertArgs {
    /// A bundle (NAME.portlog.txt)
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The file that is written, or the folder for MVT; nothing is overwritten
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// What is written
    #[arg(long = "as", value_name = "FORM", value_enum)]
    pub(crate) form: FormArg,
    /// The log that it must be: its origin, its first vkey, or a file that holds one
    #[arg(long, value_name = "K")]
    pub(crate) key: Option<String>,
    /// The vkey of a witness that you know, or a file with some; may be given several times
    #[arg(long = "witness", value_name = "VKEY|FILE")]
    pub(crate) witnesses: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FormArg {
    /// One JSON object
    Json,
    /// A table (RFC 4180): a row for each entry
    Csv,
    /// A new folder that MVT reads (mvt-android check-androidqf)
    Mvt,
}

impl FormArg {
    /// The form.
    pub(crate) const fn form(self) -> Form {
        match self {
            Self::Json => Form::Json,
            Self::Csv => Form::Csv,
            Self::Mvt => Form::Mvt,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ExportForm {
    /// A file that others can check
    #[default]
    Bundle,
    /// One JSON object
    Json,
    /// A table (RFC 4180): a row for each entry
    Csv,
    /// A new folder that MVT reads (mvt-android check-androidqf)
    Mvt,
}

impl ExportForm {
    /// What the bundle is converted to, where it is.
    pub(crate) const fn form(self) -> Option<Form> {
        match self {
            Self::Bundle => None,
            Self::Json => Some(Form::Json),
            Self::Csv => Some(Form::Csv),
            Self::Mvt => Some(Form::Mvt),
        }
    }
}
