// SPDX-License-Identifier: Apache-2.0
//! A port that is in use is an error, not a reason to listen somewhere else.
//!
//! The SDK would take a random port instead: whoever then connects to the usual one talks to another node,
//! perhaps of another chain.

use std::{
	io::ErrorKind,
	net::{SocketAddr, TcpListener},
};

use sc_service::Configuration;

/// Whether the RPC can listen where it was told to.
pub fn check(config: &Configuration) -> Result<(), String> {
	let told = config.rpc.addr.iter().flatten().filter(|endpoint| !endpoint.is_optional);
	told.map(|endpoint| endpoint.listen_addr).try_for_each(check_free)
}

/// Whether an address can be listened on.
pub fn check_free(address: SocketAddr) -> Result<(), String> {
	match TcpListener::bind(address) {
		Err(error) if error.kind() == ErrorKind::AddrInUse => Err(format!(
			"the RPC port {} is in use, probably by another node: stop that one, or choose another port with --rpc-port",
			address.port()
		)),
		// Whatever else is wrong with the address, the RPC server says when it listens.
		_ => Ok(()),
	}
}
