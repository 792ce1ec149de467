//! The DNS tap: reads the packets of a TUN device that carries nothing but DNS, passes each question
//! on to the network's own resolvers and each answer back byte for byte, and learns which name was
//! asked for and which addresses were told.

#![forbid(unsafe_code)]
