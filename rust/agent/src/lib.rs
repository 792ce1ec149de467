//! Portlog: agent.
