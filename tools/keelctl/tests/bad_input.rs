// SPDX-License-Identifier: Apache-2.0
//! What keelctl says when it is asked for something that cannot be. No node is needed: each mistake
//! is found before anything is sent, or is that there is no node.

use assert_cmd::Command;
use predicates::{prelude::PredicateBooleanExt, str::contains};
use std::{io::Write, net::TcpListener};

fn keelctl(arguments: &[&str]) -> Command {
	let mut command = Command::cargo_bin("keelctl").expect("the program is built");
	for variable in ["KEEL_URL", "KEEL_SURI", "KEEL_KEY_FILE", "KEEL_SIGNERS", "KEEL_REPORTERS"] {
		command.env_remove(variable);
	}
	command.env("NO_COLOR", "1").args(arguments);
	command
}

/// A port that nobody listens on.
fn nobody() -> String {
	let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
	format!("ws://127.0.0.1:{port}")
}

fn file(content: &[u8]) -> tempfile::NamedTempFile {
	let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
	file.write_all(content).expect("written");
	file
}

#[test]
fn without_a_node_every_command_says_how_to_start_one() {
	let url = nobody();
	for arguments in [
		&["account"][..],
		&["markets"],
		&["market", "BTC"],
		&["deposit", "100"],
		&["leverage", "5"],
		&["key-cap", "250"],
		&["trade", "preview", "BTC", "long", "1"],
		&["trade", "max", "BTC", "short"],
		&["risk", "BTC=-10%"],
		&["feed", "--synthetic", "crash"],
		&["gov", "status"],
		&["pause"],
	] {
		keelctl(&[&["--url", &url], arguments].concat())
			.assert()
			.failure()
			.code(3)
			.stderr(contains("no node answers at").and(contains("scripts/dev")));
	}
}

#[test]
fn a_program_gets_the_error_as_json() {
	let output = keelctl(&["--url", &nobody(), "--json", "markets"]).assert().failure().get_output().clone();
	let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
	assert_eq!(error["code"], "keelctl::no_node");
	assert!(error["help"].as_str().is_some_and(|help| help.contains("scripts/dev")));
}

#[test]
fn what_is_no_address_is_told_before_anybody_is_asked() {
	for (url, instead) in [
		("127.0.0.1:9944", "Write ws://127.0.0.1:9944"),
		("http://127.0.0.1:9944", "Write ws://127.0.0.1:9944"),
		("", "It is empty"),
	] {
		let told = contains("is no address of a node").and(contains(instead));
		keelctl(&["--url", url, "markets"]).assert().failure().code(2).stderr(told);
	}
}

#[test]
fn a_port_where_something_else_listens_is_no_node() {
	let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
	let url = format!("ws://{}", listener.local_addr().expect("bound"));
	std::thread::spawn(move || {
		for stream in listener.incoming().flatten() {
			let _ = (&stream).write_all(b"SSH-2.0-something\r\n");
		}
	});
	keelctl(&["--url", &url, "markets"]).assert().failure().stderr(contains("no node answers at"));
}

#[test]
fn amounts_that_are_none_are_refused_before_anything_is_sent() {
	for (amount, reason) in [
		("0", "must not be zero"),
		("=-5", "is negative"),
		("ten", "is not a number"),
		("0.0000001", "more than 6 decimal places"),
		("1,5", "it has a comma. Write 1.5"),
		("1,234", "Write 1234 or 1.234"),
		("1,500.25", "it has a comma. Write 1500.25"),
		("12,34", "it has a comma"),
		("1_000", "Write 1000"),
		("1e5", "it has an exponent. Write 100000"),
		("+5", "it has a sign. Write 5"),
		(" 5", "it has a space. Write 5"),
		("1 500", "it has a space. Write 1500"),
		("１００", "Write 100"),
		("", "it is empty"),
		(".5", "Write 0.5"),
		("5.", "Write 5"),
		("05", "Write 5"),
		("$5", "it has a unit. Write 5"),
	] {
		let amount = amount.trim_start_matches('=');
		for command in ["deposit", "withdraw"] {
			keelctl(&[command, "--", amount]).assert().failure().code(2).stderr(contains(reason));
		}
	}
	keelctl(&["deposit", "-5"]).assert().failure().code(2).stderr(contains("is negative"));
	keelctl(&["trade", "max", "BTC", "long", "-5"])
		.assert()
		.failure()
		.code(2)
		.stderr(contains("is negative"));
	for (size, price, reason) in [
		("0", "8000", "must not be zero"),
		("1", "0", "must not be zero"),
		("-1", "8000", "is negative"),
		("1", "-8000", "is negative"),
	] {
		keelctl(&["trade", "offer", "BTC", "long", "--", size, price])
			.assert()
			.failure()
			.code(2)
			.stderr(contains(reason));
	}
}

#[test]
fn whole_numbers_are_read_as_strictly() {
	for (arguments, reason) in [
		(&["trade", "accept", "abc"][..], "is not a number"),
		(&["trade", "accept", "#0"], "it has other characters"),
		(&["trade", "accept", "1.5"], "is not a whole number"),
		(&["trade", "cancel", "+1"], "it has a sign. Write 1"),
		(&["account", "--sub", "256"], "from 0 to 255"),
		(&["account", "--sub", "01"], "begins with a zero. Write 1"),
		(&["pause", "BTC", "--blocks", "0"], "from 1 to 4294967295"),
		(&["markets", "--patience", "0"], "from 1 to"),
	] {
		keelctl(arguments).assert().failure().code(2).stderr(contains(reason));
	}
}

#[test]
fn a_program_gets_mistakes_on_the_command_line_as_json_too() {
	for (arguments, reason) in [
		(&["--json", "deposit", "1,5"][..], "Write 1.5"),
		(&["deposit", "--json"], "<AMOUNT>"),
		(&["--json"], ""),
	] {
		let output = keelctl(arguments).assert().failure().code(2).get_output().clone();
		let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
		assert_eq!(error["code"], "keelctl::usage");
		assert!(error.to_string().contains(reason), "{error}");
	}
	keelctl(&["deposit", "--", "--json"]).assert().failure().code(2).stderr(contains("error: invalid value"));
	keelctl(&["--json", "--help"]).assert().success().stdout(contains("Exit codes"));
}

#[test]
fn an_examination_without_a_node_is_told_and_not_well() {
	let url = nobody();
	let output =
		keelctl(&["--url", &url, "--json", "doctor"]).assert().failure().code(6).get_output().clone();
	let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
	assert_eq!(report["well"], false);
	assert_eq!(report["findings"][0]["subject"], "node");
	assert!(report["findings"][0]["remedy"].as_str().is_some_and(|remedy| remedy.contains("scripts/dev")));
}

#[test]
fn a_preview_needs_a_size_and_a_side() {
	for (arguments, reason) in [
		(&["BTC", "long", "0"][..], "the size must not be zero"),
		(&["BTC", "long", "1", "0"], "the price must not be zero"),
		(&["BTC", "up", "1"], "a side is long (buy) or short (sell)"),
		(&["BTC", "long"], "<SIZE>"),
	] {
		let preview = [&["trade", "preview"], arguments].concat();
		keelctl(&preview).assert().failure().code(2).stderr(contains(reason));
	}
	keelctl(&["trade", "max", "BTC", "long", "0"])
		.assert()
		.failure()
		.code(2)
		.stderr(contains("the price must not be zero"));
}

#[test]
fn a_cap_on_leverage_is_from_1_to_1000_or_none() {
	for cap in ["0", "1001", "-5", "2.5", "off", "+5", "05"] {
		keelctl(&["leverage", "--", cap])
			.assert()
			.failure()
			.code(2)
			.stderr(contains(format!("`{cap}` is not a cap on leverage")).and(contains("from 1 to 1000")));
	}
}

#[test]
fn a_move_of_prices_names_a_market_and_a_percentage() {
	for (shock, reason) in [
		("BTC", "does not say which market moves"),
		("BTC=-10", "has no percent sign"),
		("BTC=ten%", "is not a number"),
		("BTC=-101%", "further than a price moves"),
	] {
		keelctl(&["risk", shock]).assert().failure().code(2).stderr(contains(reason));
	}
	keelctl(&["risk"]).assert().failure().code(2).stderr(contains("<MARKET=MOVE>"));
	keelctl(&["risk", "BTC=-10%", "--limit", "0"]).assert().failure().code(2).stderr(contains("--limit"));
}

#[test]
fn a_price_file_is_judged_before_the_node_is_asked() {
	let url = nobody();
	let feed = |path: &str| {
		let mut command = keelctl(&["--url", &url, "feed", "--replay"]);
		command.arg(path);
		command
	};
	let header = "ts_utc,venue,symbol,open,high,low,close\n";
	let bad = file(format!("{header}2020-03-12T00:00:00Z,v,BTC/USD,1,2,x,1\n").as_bytes());
	feed(&bad.path().display().to_string())
		.assert()
		.failure()
		.stderr(contains("line 2, column 6 (low): `x` is not a number"));
	feed("/no/such.csv").assert().failure().stderr(contains("cannot read /no/such.csv"));
	for (line, reason) in [
		("2020-03-12T00:00:00Z,v,BTC/USD,1,2,1e0,1", "line 2, column 6 (low): `1e0` is not a number"),
		("2020-03-12T00:00:00Z,v,BTC/USD,1,2, 1,1", "line 2, column 6 (low): ` 1` is not a number"),
		("2020-03-12T00:00:00Z,v,BTC/USD,1,2,1,1,0", "line 2, column 8: the line has 8 fields instead of 7"),
	] {
		let bad = file(format!("{header}{line}\n").as_bytes());
		feed(&bad.path().display().to_string()).assert().failure().code(2).stderr(contains(reason));
	}
	let german = file(header.replace(',', ";").as_bytes());
	feed(&german.path().display().to_string())
		.assert()
		.failure()
		.code(2)
		.stderr(contains("separated by semicolons"));
	let folder = tempfile::tempdir().expect("a folder");
	feed(&folder.path().display().to_string()).assert().failure().code(2).stderr(contains("is a folder"));
	let empty = file(header.as_bytes());
	feed(&empty.path().display().to_string()).assert().failure().stderr(contains("has no bars"));
}

#[test]
fn a_feed_needs_one_source() {
	keelctl(&["feed"]).assert().failure().code(2).stderr(contains("--replay"));
	keelctl(&["feed", "--synthetic", "crash", "--replay", "x.csv"]).assert().failure().code(2);
	keelctl(&["feed", "--replay", "x.csv", "--speed", "0"]).assert().failure().code(2);
	keelctl(&["feed", "--synthetic", "crash", "--speed", "1"]).assert().failure().code(2);
	keelctl(&["feed", "--replay", "x.csv", "--from", "yesterday"])
		.assert()
		.failure()
		.code(2)
		.stderr(contains("`yesterday` is not a time").and(contains("2020-03-12T10:00:00Z")));
}

#[test]
fn a_fault_says_what_is_wrong_with_whom() {
	for (faults, problem) in [
		("stuck:2,broken:1", "`broken:1` is no fault"),
		("stuck", "`stuck` does not say which member. Members are counted from 1"),
		("decimal:4:0", "`decimal:4:0` does not move the decimal point"),
	] {
		for command in [&["feed", "--synthetic", "calm"][..], &["demo"]] {
			keelctl(&[command, &["--fault", faults]].concat())
				.assert()
				.failure()
				.code(2)
				.stderr(contains(problem));
		}
	}
}

#[test]
fn what_is_no_runtime_is_named_before_the_node_is_asked() {
	let url = nobody();
	let upgrade = |path: &str| keelctl(&["--url", &url, "gov", "upgrade", path]);
	upgrade("/no/such.wasm")
		.assert()
		.failure()
		.stderr(contains("cannot read /no/such.wasm").and(contains("scripts/wasm")));
	for (content, found) in [
		(&b"hello"[..], "is text, not a Wasm runtime"),
		(b"0x0061736d01000000", "is hexadecimal text"),
		(b"(module)", "is the text form of Wasm"),
		(b"", "is empty"),
		(b"\0asm\x01\0\0\0", "has no runtime version"),
	] {
		let file = file(content);
		upgrade(&file.path().display().to_string()).assert().failure().stderr(contains(found));
	}
}

#[test]
fn a_motion_needs_a_body_and_a_call() {
	keelctl(&["gov", "motion", "parliament", "A.b()"])
		.assert()
		.failure()
		.code(2)
		.stderr(contains("council, technical, risk and security"));
	keelctl(&["gov", "motion", "council", "nonsense"])
		.assert()
		.failure()
		.code(2)
		.stderr(contains("`nonsense` is not a call"));
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
	let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
	let seed = format!("0x{}", "17".repeat(32));
	let url = nobody();
	for secret in [phrase, &seed, "//Alice///winner"] {
		for role in [
			&["account", "--key"][..],
			&["deposit", "1", "--suri"],
			&["pause", "--signers"],
			&["gov", "motion", "council", "A.b()", "--signers"],
			&["gov", "propose", "A.b()", "--signers"],
		] {
			keelctl(&[role, &[secret, "--url", &url]].concat())
				.assert()
				.failure()
				.code(2)
				.stderr(contains("looks like a secret").and(contains("file:PATH")))
				.stderr(contains("winner").not().and(contains("1717").not()));
		}
	}
}

#[test]
fn a_key_that_cannot_be_read_is_told_before_the_node_is_asked() {
	let url = nobody();
	let folder = tempfile::tempdir().expect("a folder");
	for path in ["/no/such.key", folder.path().to_str().expect("UTF-8")] {
		for command in [&["deposit", "1"][..], &["withdraw", "1"], &["trade", "accept", "1"], &["pause"]] {
			keelctl(&[&["--url", &url, "--key-file", path], command].concat())
				.assert()
				.failure()
				.code(2)
				.stderr(contains(path));
		}
	}
}

#[test]
fn a_secret_for_a_role_of_an_upgrade_is_refused_and_not_repeated() {
	let wasm = file(&a_runtime());
	let wasm = wasm.path().display().to_string();
	let secret = "legal winner thank year wave sausage worth useful legal winner thank yellow";
	for role in
		[&["--council"][..], &["--technical"], &["--voter"], &["--applier"], &["--public", "--seconder"]]
	{
		keelctl(&[&["gov", "upgrade", &wasm][..], role, &[secret, "--url", &nobody()]].concat())
			.assert()
			.failure()
			.code(2)
			.stderr(contains("looks like a secret").and(contains("winner").not()));
	}
}

/// The least that is taken for a runtime: a module with the version of one.
fn a_runtime() -> Vec<u8> {
	let version = [&[16][..], b"keel", &[16], b"keel", &[0, 0, 0, 0], &[7, 0, 0, 0], &[0; 4]].concat();
	let name = b"runtime_version";
	let section = [&[name.len() as u8][..], name, &version].concat();
	[&b"\0asm\x01\0\0\0"[..], &[0, section.len() as u8], &section].concat()
}

#[test]
fn a_secret_is_never_shown() {
	let secret = "bottom drive obey lake curtain smoke basket hold race lonely fit";
	keelctl(&["--help"]).env("KEEL_SURI", secret).assert().success().stdout(contains("drive").not());
	keelctl(&["gov", "vote"])
		.env("KEEL_SURI", secret)
		.assert()
		.failure()
		.stderr(contains("KEEL_SURI is no secret").and(contains("drive").not()));
	keelctl(&["gov", "motion", "--help"])
		.env("KEEL_SIGNERS", secret)
		.assert()
		.stdout(contains("drive").not());
}

#[test]
fn an_empty_secret_does_not_act_as_the_key_that_everybody_knows() {
	let empty = file(b"\n");
	let empty = empty.path().display().to_string();
	let vote = || keelctl(&["gov", "vote"]);
	for secret in ["", " ", "\n"] {
		vote().env("KEEL_SURI", secret).assert().failure().stderr(contains("KEEL_SURI is empty"));
	}
	vote().env("KEEL_KEY_FILE", "").assert().failure().stderr(contains("the name of a key is empty"));
	keelctl(&["gov", "vote", "--key", ""]).assert().failure().stderr(contains("the name of a key is empty"));
	keelctl(&["gov", "vote", "--key-file", &empty]).assert().failure().stderr(contains("is empty"));
	keelctl(&["gov", "vote", "--key", &format!("file:{empty}")])
		.assert()
		.failure()
		.stderr(contains("is empty"));
	keelctl(&["gov", "vote", "--key", "env:KEEL_NOT_SET"]).assert().failure().stderr(contains("is not set"));
	let signers = || keelctl(&["gov", "motion", "council", "A.b()"]);
	signers().env("KEEL_SIGNERS", "").assert().failure().stderr(contains("the name of a key is empty"));
	signers()
		.env("KEEL_SIGNERS", "//Alice,")
		.assert()
		.failure()
		.stderr(contains("the name of a key is empty"));
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_refused() {
	use std::os::unix::fs::PermissionsExt;
	let key = file(b"//Alice\n");
	std::fs::set_permissions(key.path(), std::fs::Permissions::from_mode(0o644)).expect("set");
	keelctl(&["gov", "vote", "--key-file", &key.path().display().to_string()])
		.assert()
		.failure()
		.stderr(contains("others may read the key file").and(contains("chmod 600")));
}

#[test]
fn a_program_hears_of_a_bad_key_as_json() {
	let output =
		keelctl(&["--json", "gov", "vote", "--key", "Alice"]).assert().failure().get_output().clone();
	let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
	assert_eq!(error["code"], "keelctl::key");
	assert_eq!(error["error"], "what was given does not name a key");
}

#[test]
fn a_vote_is_aye_or_nay_in_a_motion_or_a_referendum() {
	for (arguments, reason) in [
		(&["motion", "council", "0", "yes"][..], "aye, nay"),
		(&["motion", "council", "#0", "aye"], "a motion is named by its number"),
		(&["motion", "senate", "0", "aye"], "council, technical, risk and security"),
		(&["referendum", "0", "aye"], "--balance"),
		(&["referendum", "0", "aye", "--balance", "0"], "must not be zero"),
		(&["referendum", "0", "aye", "--balance", "1", "--conviction", "7x"], "none, or 1x to 6x"),
		(&["referendum", "-1", "aye", "--balance", "1"], "unexpected argument"),
	] {
		let vote = [&["gov", "vote"], arguments].concat();
		keelctl(&vote).assert().failure().code(2).stderr(contains(reason));
	}
	keelctl(&["gov", "close", "council", "0x12"]).assert().failure().code(2);
}

#[test]
fn a_reader_that_has_enough_is_no_mistake() {
	let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("keelctl"))
		.args(["completions", "bash"])
		.stdout(std::process::Stdio::piped())
		.stderr(std::process::Stdio::piped())
		.spawn()
		.expect("started");
	drop(child.stdout.take());
	let output = child.wait_with_output().expect("it ends");
	assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn completions_are_made_for_the_usual_shells() {
	for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
		keelctl(&["completions", shell]).assert().success().stdout(contains("keelctl"));
	}
}

#[test]
fn a_reporter_key_comes_from_a_file() {
	keelctl(&["reporter", "register"]).assert().failure().code(2).stderr(contains("--reporter-key"));
	let key = file(b"//Alice//second");
	let path = format!("file:{}", key.path().display());
	keelctl(&["--url", &nobody(), "reporter", "register", "--reporter-key", &path])
		.assert()
		.failure()
		.code(3)
		.stderr(contains("no node answers at"));
	let wrong = file(b"correct horse battery");
	let path = format!("file:{}", wrong.path().display());
	keelctl(&["reporter", "prove", "//Alice", "--reporter-key", &path])
		.assert()
		.failure()
		.code(2)
		.stderr(contains("horse").not());
}
