// SPDX-License-Identifier: Apache-2.0
//! Ports that are in use.

use keel_node::ports::check_free;
use std::net::TcpListener;

#[test]
fn a_port_in_use_is_named_and_a_free_one_is_fine() {
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = taken.local_addr().unwrap();
	let error = check_free(address).unwrap_err();
	assert!(error.contains(&format!("port {} is in use", address.port())), "{error}");
	assert!(error.contains("--rpc-port"), "{error}");
	drop(taken);
	assert_eq!(check_free(address), Ok(()));
}
