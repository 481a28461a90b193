// SPDX-License-Identifier: Apache-2.0
//! Where a node is asked: what is no address of one, and why a connection fails, in words that say what to write instead.

use crate::{Error, Result};

/// That `url` can be the address of a node.
pub fn check(url: &str) -> Result<()> {
	let wrong = |instead: String| {
		Err(Error::Usage {
			problem: format!("`{url}` is no address of a node"),
			help: format!("{instead}, as --url or in KEEL_URL."),
		})
	};
	if url.is_empty() {
		return wrong("It is empty: write one like ws://127.0.0.1:9944".to_owned());
	}
	let Ok(parsed) = url::Url::parse(url) else {
		return wrong(format!("Write ws://{}", with_port(url)));
	};
	match parsed.scheme() {
		"ws" | "wss" if parsed.host_str().is_some_and(|host| !host.is_empty()) => Ok(()),
		"http" => wrong(format!("Write {}", url.replacen("http", "ws", 1))),
		"https" => wrong(format!("Write {}", url.replacen("https", "wss", 1))),
		// A name and a port look like a scheme and a path.
		_ if !url.contains("://") => wrong(format!("Write ws://{}", with_port(url))),
		_ => wrong("Write ws://HOST:PORT or wss://HOST:PORT".to_owned()),
	}
}

fn with_port(host: &str) -> String {
	if host.contains(':') {
		host.to_owned()
	} else {
		format!("{host}:9944")
	}
}

/// Why the node at `url` cannot be reached: what the connection said, and what that mostly is.
pub fn explained(url: &str, said: String) -> String {
	let said = said.strip_prefix("Error when opening the TCP socket: ").map(str::to_owned).unwrap_or(said);
	if url.starts_with("wss://") && said.contains("corrupt message") {
		return format!("it does not speak TLS; write {} ({said})", url.replacen("wss", "ws", 1));
	}
	if said.contains("rejected with status code") {
		return format!("something else answers there, perhaps the port of its metrics ({said})");
	}
	said
}

#[cfg(test)]
mod tests {
	use super::*;
	use miette::Diagnostic;

	#[test]
	fn what_is_no_address_is_told_with_what_to_write() {
		for url in
			["ws://127.0.0.1:9944", "wss://rpc.example", "ws://[::1]:9944", "ws://node.example:80/path"]
		{
			assert!(check(url).is_ok(), "{url}");
		}
		for (url, instead) in [
			("", "It is empty: write one like ws://127.0.0.1:9944"),
			("127.0.0.1:9944", "Write ws://127.0.0.1:9944"),
			("127.0.0.1", "Write ws://127.0.0.1:9944"),
			("localhost:9944", "Write ws://localhost:9944"),
			("foo", "Write ws://foo:9944"),
			("http://127.0.0.1:9944", "Write ws://127.0.0.1:9944"),
			("https://rpc.example", "Write wss://rpc.example"),
			("ftp://rpc.example", "Write ws://HOST:PORT or wss://HOST:PORT"),
		] {
			let error = check(url).expect_err(url);
			assert_eq!(error.exit_code(), 2, "{url}");
			let help = error.help().expect("help").to_string();
			assert_eq!(help, format!("{instead}, as --url or in KEEL_URL."), "{url}");
		}
	}

	#[test]
	fn a_connection_that_fails_is_explained() {
		let refused = "Error when opening the TCP socket: Connection refused (os error 111)";
		assert_eq!(explained("ws://a:1", refused.to_owned()), "Connection refused (os error 111)");
		let plain = "Error when opening the TCP socket: received corrupt message of type InvalidContentType";
		assert!(
			explained("wss://a:1", plain.to_owned()).starts_with("it does not speak TLS; write ws://a:1 (")
		);
		let page = "Connection rejected with status code: 404";
		assert!(explained("ws://a:1", page.to_owned()).starts_with("something else answers there"));
	}
}
