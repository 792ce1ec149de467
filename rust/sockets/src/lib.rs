//! Portlog: sockets.
