// SPDX-License-Identifier: Apache-2.0
//! Ports that are in use.

use keel_node::ports::*;
use std::net::{SocketAddr, TcpListener};

#[test]
fn a_port_in_use_is_named_and_a_free_one_is_fine() {
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = taken.local_addr().unwrap();
	for (used, what, option) in [
		(RPC, "the RPC port", "--rpc-port"),
		(P2P, "the network port", "--port"),
		(METRICS, "the Prometheus port", "--prometheus-port"),
	] {
		let error = check_free(used, address).unwrap_err();
		assert!(error.contains(&format!("{what} {} is in use", address.port())), "{error}");
		assert!(error.contains(option), "{error}");
	}
	drop(taken);
	assert_eq!(check_free(RPC, address), Ok(()));
}

#[test]
fn one_port_is_not_for_two_things() {
	let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
	assert_eq!(check_distinct(&[(RPC, at(1)), (P2P, at(2)), (P2P, at(2)), (METRICS, at(3))]), Ok(()));
	let error = check_distinct(&[(RPC, at(9944)), (P2P, at(2)), (METRICS, at(9944))]).unwrap_err();
	assert!(error.contains("port 9944 is meant for RPC and for Prometheus"), "{error}");
	// Any free port.
	assert_eq!(check_distinct(&[(RPC, at(0)), (P2P, at(0))]), Ok(()));
}

#[test]
fn the_port_for_other_nodes_is_read_from_its_address() {
	let tcp = |text: &str| tcp(&text.parse().unwrap()).map(|address| address.to_string());
	assert_eq!(tcp("/ip4/0.0.0.0/tcp/30333").as_deref(), Some("0.0.0.0:30333"));
	assert_eq!(tcp("/ip6/::/tcp/30333/ws").as_deref(), Some("[::]:30333"));
	assert_eq!(tcp("/ip4/0.0.0.0/tcp/0"), None);
	assert_eq!(tcp("/dns/example.org/tcp/30333"), None);
}
