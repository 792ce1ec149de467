//! The process of the shell's UID that reads what an app may not.
