// SPDX-License-Identifier: Apache-2.0
//! A port that is in use is an error, not a reason to listen somewhere else.
//!
//! The SDK would take a random port instead, or go on without: whoever then connects to the usual one talks to another
//! node, perhaps of another chain.

use std::{
	io::ErrorKind,
	net::{IpAddr, SocketAddr, TcpListener},
};

use sc_network::multiaddr::{Multiaddr, Protocol};
use sc_service::Configuration;

/// What a port is for, and the option that chooses another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
	what: &'static str,
	option: &'static str,
}

/// Questions of clients.
pub const RPC: Use = Use { what: "RPC", option: "--rpc-port" };
/// Other nodes.
pub const P2P: Use = Use { what: "network", option: "--port" };
/// Monitoring.
pub const METRICS: Use = Use { what: "Prometheus", option: "--prometheus-port (or --no-prometheus)" };

/// Whether the node can listen wherever it was told to.
pub fn check(config: &Configuration) -> Result<(), String> {
	let rpc = config.rpc.addr.iter().flatten().filter(|endpoint| !endpoint.is_optional);
	let rpc = rpc.map(|endpoint| (RPC, endpoint.listen_addr));
	let p2p = config.network.listen_addresses.iter().filter_map(tcp).map(|address| (P2P, address));
	let metrics = config.prometheus_config.iter().map(|prometheus| (METRICS, prometheus.port));
	let all: Vec<(Use, SocketAddr)> = rpc.chain(p2p).chain(metrics).collect();
	check_distinct(&all)?;
	all.into_iter().try_for_each(|(used, address)| check_free(used, address))
}

/// The address of a listener for other nodes. What is under it, such as WebSocket, shares the port.
pub fn tcp(address: &Multiaddr) -> Option<SocketAddr> {
	let mut parts = address.iter();
	let ip: IpAddr = match parts.next()? {
		Protocol::Ip4(ip) => ip.into(),
		Protocol::Ip6(ip) => ip.into(),
		_ => return None,
	};
	match parts.next()? {
		// Zero asks for any port.
		Protocol::Tcp(port) if port != 0 => Some((ip, port).into()),
		_ => None,
	}
}

/// Whether one port is meant for two things.
pub fn check_distinct(all: &[(Use, SocketAddr)]) -> Result<(), String> {
	for (place, (used, address)) in all.iter().enumerate() {
		let other =
			all.iter().skip(place).find(|(other, there)| other != used && there.port() == address.port());
		if let Some((other, _)) = other.filter(|_| address.port() != 0) {
			return Err(format!(
				"port {} is meant for {} and for {}: choose another with {} or {}",
				address.port(),
				used.what,
				other.what,
				used.option,
				other.option
			));
		}
	}
	Ok(())
}

/// Whether an address can be listened on.
pub fn check_free(used: Use, address: SocketAddr) -> Result<(), String> {
	match TcpListener::bind(address) {
		Err(error) if error.kind() == ErrorKind::AddrInUse => Err(format!(
			"the {} port {} is in use, probably by another node: stop that one, or choose another port with {}",
			used.what,
			address.port(),
			used.option
		)),
		Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(format!(
			"this user may not listen on the {} port {}: choose one above 1023 with {}",
			used.what,
			address.port(),
			used.option
		)),
		// Whatever else is wrong with the address, such as that this machine has no IPv6, the server says.
		_ => Ok(()),
	}
}
